"""What is said of the end of a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.functions.scene import BUCKET, make_run
from thaw.notices import Ending, Notice, asked_for, duration, ending_of
from thaw.run_input_parser import parse_run_input

SUMMARY = {
    "listed": 12,
    "byClass": {"Archive": {"requested": 7, "denied": 2}, "ColdArchive": {"already_readable": 3}},
    "failed": 2,
    "unaccounted": 0,
}
NOTICE = Notice(
    run_id="run-1",
    environment="prod",
    ending="failures",
    bucket="frozen-assets",
    asked={"prefix": "2019/"},
    summary=SUMMARY,
    error="",
    cause="",
    report="oss://thaw-reports/runs/run-1/",
    seconds=7_500,
)


@pytest.mark.parametrize(
    ("summary", "error", "ending"),
    [
        ({"failed": 0, "unaccounted": 0}, "", "succeeded"),
        ({"failed": 1, "unaccounted": 0}, "", "failures"),
        ({"failed": 0, "unaccounted": 1}, "", "failures"),
        ({}, "AccessDenied", "failed"),
        ({}, "FC.Unknown", "failed"),
        ({}, "RunStopped", "stopped"),
        ({}, "FC.RunStopped", "stopped"),
    ],
)
def test_how_a_run_ended(summary: dict[str, int], error: str, ending: Ending) -> None:
    assert ending_of(summary, error) == ending


def written(**fields: object) -> dict[str, object]:
    """A run's input.json."""
    given = {"endpoint": "oss-cn-hangzhou.aliyuncs.com", "bucketName": BUCKET, **fields}
    run = parse_run_input(given, foreach_limit=100)
    return {**run.to_json(), "chosen": sorted(run.chosen)}


def test_what_was_asked_for_is_what_is_not_as_always() -> None:
    assert asked_for(written()) == {}
    given = written(prefix="2019/", days=3, dryRun=True, include=["*.tif", "*.jpg"], workers=7)
    assert asked_for(given) == {
        "workers": "7",
        "prefix": "2019/",
        "days": "3",
        "include": "*.tif, *.jpg",
        "dryRun": "True",
    }


def test_a_manifest_is_named_by_its_key() -> None:
    run = make_run(manifest={"key": "lists/a.csv"})
    assert asked_for(run.to_json())["manifest"] == "lists/a.csv"


def test_input_that_is_wrong_is_told_as_it_was_written_cut_to_length() -> None:
    asked = asked_for({"prefix": 7, "tier": "x" * 10_000, "typo": 1, "maxKeys": None})
    assert asked == {"prefix": "7", "tier": "x" * 500 + "…"}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (29, "29 s"), (60, "1 min"), (7_500, "2 h 5 min"), (172_800, "48 h 0 min")],
)
def test_a_duration_is_told_as_people_do(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_person_reads_run_bucket_counts_failures_and_what_to_do() -> None:
    text = NOTICE.markdown()
    for words in (
        "oss-restore prod: the run ended, and some objects failed",
        "`run-1`",
        "`frozen-assets`",
        "`prefix 2019/`",
        "2 h 5 min",
        "listed: 12",
        "Archive: 7 requested, 2 denied",
        "ColdArchive: 3 already_readable",
        "failed: **2**",
        "`oss://thaw-reports/runs/run-1/`",
        "failures.csv",
        "prod/run-1/end",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ending": "succeeded"}, "oss-restore status prod --run run-1"),
        ({"ending": "succeeded", "summary": {"dryRun": True}}, "without dryRun"),
        ({"ending": "failures"}, "failures.csv"),
        ({"ending": "failed", "error": "NoSuchBucket"}, "correct what the error names"),
        ({"ending": "stopped", "error": "RunStopped"}, "to go on"),
    ],
)
def test_every_end_says_what_to_do_next(changes: dict[str, object], words: str) -> None:
    notice = replace(NOTICE, **changes)  # type: ignore[arg-type]  # values of several fields
    assert any(words in step for step in notice.next_steps)
    assert notice.to_json()["next"] == list(notice.next_steps)


def test_text_of_others_is_no_markdown() -> None:
    notice = replace(NOTICE, ending="failed", error="X", cause="no `such`\n# bucket")
    assert "`no 'such' # bucket`" in notice.markdown()


def test_a_lost_object_is_told() -> None:
    assert "without an outcome: **3**" in replace(NOTICE, summary={"unaccounted": 3}).markdown()


def test_every_end_of_a_run_has_the_same_id() -> None:
    assert NOTICE.id == replace(NOTICE, ending="failed", seconds=1).id
    assert NOTICE.id != replace(NOTICE, run_id="run-2").id
    assert NOTICE.id != replace(NOTICE, environment="dev").id
