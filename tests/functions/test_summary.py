"""The summary of a run, and its completion report."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import unquote

import pytest

from functions.summary import summarize as summarize_totals
from tests.functions.scene import BUCKET, Scene, a_page, make_run
from thaw.completion_report import COLUMNS
from thaw.ledger import Part
from thaw.limits import MAX_REPORTED_OBJECTS, MAX_REPORTED_PARTS
from thaw.manifest.wrong_rows import WrongRows
from thaw.outcomes import Outcome, OutcomeRecord
from thaw.run_input import Run
from thaw.standings import Standings
from thaw.totals import GroupCounts, Totals
from thaw.verdict import verdict_of

RECORDS = [
    OutcomeRecord("a", Outcome.REQUESTED, "Archive", http_status=202),
    OutcomeRecord("b", Outcome.REQUESTED, "ColdArchive", http_status=202),
    OutcomeRecord(
        "c\n,ü",
        Outcome.FAILED,
        "Archive",
        http_status=503,
        error_code="ServiceUnavailable",
        message='503 ServiceUnavailable: "later"',
    ),
    OutcomeRecord("d", Outcome.DENIED, "Archive", http_status=403, error_code="AccessDenied"),
    OutcomeRecord("e", Outcome.VANISHED, "Archive", http_status=404, error_code="NoSuchKey"),
]
SKIPPED = [
    OutcomeRecord("f/", Outcome.FOLDER_MARKER, "Archive", 0),
    OutcomeRecord("g", Outcome.ALREADY_THAWING, "Archive", 7),
]


def write(scene: Scene, records: list[OutcomeRecord], **fields: Any) -> Totals:
    """Write a run of one page, and return the totals that the flow would carry."""
    ledger, totals = scene.ledger(), Totals()
    page = ledger.keep_page(a_page(0, "abcde", SKIPPED, scanned=23, groupSize=5, **fields))
    totals.add_page(page)
    if records:
        ledger.write_group(0, 0, Part(records))
        totals.add_group(GroupCounts.of(Part(records)))
    return totals


def summarize(scene: Scene, totals: Totals, run: Run | None = None) -> dict[str, object]:
    return summarize_totals(
        scene.ledger(),
        run or make_run(),
        totals,
        verdict_of(run or make_run(), totals, Standings(), WrongRows(), seconds=60),
    )


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_totals_match_the_ledger(scene: Scene) -> None:
    summary = summarize(scene, write(scene, RECORDS))
    assert summary == {
        "runId": "run-1",
        "dryRun": False,
        "pages": 1,
        "scanned": 30,
        "listed": 7,
        "parts": 2,
        "archived": 6,
        "planned": {"Archive": 5},
        "outcomes": {
            "requested": 2,
            "already_thawing": 1,
            "folder_marker": 1,
            "vanished": 1,
            "denied": 1,
            "failed": 1,
        },
        "byClass": {
            "Archive": {
                "requested": 1,
                "failed": 1,
                "denied": 1,
                "vanished": 1,
                "folder_marker": 1,
                "already_thawing": 1,
            },
            "ColdArchive": {"requested": 1},
        },
        "bytes": {"Archive": 50},
        "billedBytes": {"Archive": 5 * 64 * 1024},
        "failed": 2,
        "unaccounted": 0,
        "wrongRows": 0,
        "verdict": summary["verdict"],
        "report": "oss://thaw-reports/reports/runs/run-1/",
    }
    assert json.loads(scene.report("summary.json")) == summary


def test_a_group_without_a_record_is_unaccounted_for(scene: Scene) -> None:
    assert summarize(scene, write(scene, []))["unaccounted"] == 5


def test_a_dry_run_has_planned_objects_instead_of_outcomes(scene: Scene) -> None:
    summary = summarize(scene, write(scene, [], dryRun=True), make_run(dryRun=True))
    assert (summary["dryRun"], summary["unaccounted"]) == (True, 0)
    assert summary["planned"] == {"Archive": 5}


def test_the_summary_of_a_run_that_found_nothing_is_empty(scene: Scene) -> None:
    summary = summarize(scene, Totals())
    assert (summary["listed"], summary["outcomes"], summary["failed"]) == (0, {}, 0)
    assert rows(scene.report("report.csv")) == []


def test_the_report_has_a_line_for_each_object(scene: Scene) -> None:
    summarize(scene, write(scene, RECORDS))
    report = rows(scene.report("report.csv"))
    assert tuple(report[0]) == COLUMNS
    assert [unquote(row["Key"]) for row in report] == [r.key for r in [*RECORDS, *SKIPPED]]
    assert report[0] == {
        "Bucket": BUCKET,
        "Key": "a",
        "VersionId": "",
        "TaskStatus": "succeeded",
        "ErrorCode": "",
        "HTTPStatusCode": "202",
        "ResultMessage": "requested",
    }


def test_each_object_takes_one_line_whatever_its_key(scene: Scene) -> None:
    summarize(scene, write(scene, RECORDS))
    assert len(scene.report("report.csv").splitlines()) == 1 + len(RECORDS) + len(SKIPPED)


def test_failures_have_a_separate_report(scene: Scene) -> None:
    summarize(scene, write(scene, RECORDS))
    failures = rows(scene.report("failures.csv"))
    assert [unquote(row["Key"]) for row in failures] == ["c\n,ü", "d"]
    assert failures[0]["TaskStatus"] == "failed"
    assert failures[0]["ErrorCode"] == "ServiceUnavailable"
    assert failures[0]["ResultMessage"] == 'failed: 503 ServiceUnavailable: "later"'


def test_summarizing_twice_gives_the_same_result(scene: Scene) -> None:
    totals = write(scene, RECORDS)
    assert summarize(scene, totals) == summarize(scene, totals)


@pytest.mark.parametrize(
    ("count", "most"), [("parts", MAX_REPORTED_PARTS), ("listed", MAX_REPORTED_OBJECTS)]
)
def test_the_report_of_a_huge_run_refers_to_its_ledger(scene: Scene, count: str, most: int) -> None:
    totals = write(scene, RECORDS)
    setattr(totals, count, most + 1)
    summarize(scene, totals)
    assert "report.csv" not in scene.report_names()
    assert json.loads(scene.report("report.json"))["folder"] == "outcomes/"
    assert len(rows(scene.report("failures.csv"))) == 2
