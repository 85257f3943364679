"""What a run adds up to, and its completion report."""

from __future__ import annotations

import csv
import io
import json
from urllib.parse import unquote

from functions.contract import Outcome, OutcomeRecord, PageRecord, Tally
from functions.report import COLUMNS
from functions.summary import summarize
from tests.functions.scene import BUCKET, Scene, make_run

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
SORTED_OUT = [
    OutcomeRecord("f/", Outcome.FOLDER_MARKER, "Archive", 0),
    OutcomeRecord("g", Outcome.ALREADY_THAWING, "Archive", 7),
]
TO_SEND = {"Archive": Tally(4, 400), "ColdArchive": Tally(1, 50)}


def write(scene: Scene, records: list[OutcomeRecord]) -> None:
    ledger = scene.ledger()
    ledger.write_page(PageRecord(0, "", "g", True, 30, 2, 1, TO_SEND), SORTED_OUT)
    if records:
        ledger.write_group(0, 0, records)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_totals_are_those_of_the_ledger(scene: Scene) -> None:
    write(scene, RECORDS)
    summary = summarize(scene.ledger(), make_run())
    assert summary == {
        "runId": "run-1",
        "dryRun": False,
        "pages": 1,
        "scanned": 30,
        "listed": 7,
        "archived": 6,
        "planned": {"Archive": 4, "ColdArchive": 1},
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
        "bytes": {"Archive": 400, "ColdArchive": 50},
        "failed": 2,
        "unaccounted": 0,
        "report": "oss://thaw-reports/reports/runs/run-1/",
    }
    assert json.loads(scene.report("summary.json")) == summary


def test_a_group_that_left_no_record_is_unaccounted_for(scene: Scene) -> None:
    write(scene, [])
    assert summarize(scene.ledger(), make_run())["unaccounted"] == 5


def test_a_dry_run_has_plans_in_place_of_outcomes(scene: Scene) -> None:
    write(scene, [])
    summary = summarize(scene.ledger(), make_run(dryRun=True))
    assert (summary["dryRun"], summary["unaccounted"]) == (True, 0)
    assert summary["planned"] == {"Archive": 4, "ColdArchive": 1}


def test_a_run_that_found_nothing_adds_up_to_nothing(scene: Scene) -> None:
    summary = summarize(scene.ledger(), make_run())
    assert (summary["listed"], summary["outcomes"], summary["failed"]) == (0, {}, 0)
    assert rows(scene.report("report.csv")) == []


def test_the_report_has_a_line_for_each_object(scene: Scene) -> None:
    write(scene, RECORDS)
    summarize(scene.ledger(), make_run())
    report = rows(scene.report("report.csv"))
    assert tuple(report[0]) == COLUMNS
    assert [unquote(row["Key"]) for row in report] == [r.key for r in [*RECORDS, *SORTED_OUT]]
    assert report[0] == {
        "Bucket": BUCKET,
        "Key": "a",
        "VersionId": "",
        "TaskStatus": "succeeded",
        "ErrorCode": "",
        "HTTPStatusCode": "202",
        "ResultMessage": "requested",
    }


def test_one_object_is_one_line_whatever_its_key(scene: Scene) -> None:
    write(scene, RECORDS)
    summarize(scene.ledger(), make_run())
    assert len(scene.report("report.csv").splitlines()) == 1 + len(RECORDS) + len(SORTED_OUT)


def test_failures_have_a_report_of_their_own(scene: Scene) -> None:
    write(scene, RECORDS)
    summarize(scene.ledger(), make_run())
    failures = rows(scene.report("failures.csv"))
    assert [unquote(row["Key"]) for row in failures] == ["c\n,ü", "d"]
    assert failures[0]["TaskStatus"] == "failed"
    assert failures[0]["ErrorCode"] == "ServiceUnavailable"
    assert failures[0]["ResultMessage"] == 'failed: 503 ServiceUnavailable: "later"'


def test_summing_up_twice_says_the_same(scene: Scene) -> None:
    write(scene, RECORDS)
    assert summarize(scene.ledger(), make_run()) == summarize(scene.ledger(), make_run())
