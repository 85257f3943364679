"""Progress, read from a history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from oss_restore.clients.flow_executions import HistoryEvent
from oss_restore.runs.progress import (
    LegProgress,
    LookResult,
    PageResults,
    WaitProgress,
    readable_over_time,
)
from thaw.page_ranges import PageRange
from thaw.totals import Totals

START = datetime(2026, 11, 24, 10, tzinfo=UTC)


def events(*given: tuple[str, str, dict[str, Any]]) -> list[HistoryEvent]:
    return [
        HistoryEvent(number, step, kind, detail, START + timedelta(seconds=number))
        for number, (step, kind, detail) in enumerate(given, 1)
    ]


def listed(page: int, requested: int) -> tuple[str, str, dict[str, Any]]:
    totals = {"pages": page + 1, "byClass": {"Archive": {"requested": requested}}}
    return ("listArchiveFiles", "StepSucceeded", {"output": {"totals": totals, "page": page}})


def restored(*results: str) -> tuple[str, str, dict[str, Any]]:
    return ("invokeRestoreFlow", "StepSucceeded", {"output": {"results": list(results)}})


def read(*given: tuple[str, str, dict[str, Any]]) -> LegProgress:
    progress = LegProgress(Totals())
    for event in events(*given):
        progress.add(event)
    return progress


def test_a_page_counts_once_its_objects_are_requested() -> None:
    before = read(listed(0, 0))
    after = read(listed(0, 0), restored("k:Ar48Av2", "k:Ar50"))
    assert before.totals.outcomes == {}
    assert after.totals.outcomes == {"requested": 98, "vanished": 2}
    assert after.totals.pages == 1


def test_the_results_of_a_page_are_not_counted_again_with_the_next_one() -> None:
    progress = read(listed(0, 0), restored("k:Ar50"), listed(1, 50), restored("k:Ar7"))
    assert progress.totals.outcomes == {"requested": 57}
    assert [totals.outcomes["requested"] for _, totals in progress.points] == [0, 50, 50, 57]


def test_counts_only_in_the_ledger_are_added_with_the_next_page() -> None:
    progress = read(listed(0, 0), restored("k:?", "k:Ar1"))
    assert progress.totals.outcomes == {"requested": 1}
    assert progress.results[0].suspect_groups() == [0]


def test_groups_that_may_have_failures_are_identified() -> None:
    page = PageResults(3, START, ("k:Ar50", "k:Ar1Ad2", "r:!7", "k:Av1", "k:Aj1", "k:Af1", "r:?"))
    assert page.suspect_groups() == [1, 2, 4, 5, 6]


def test_the_step_the_input_and_a_relay_are_recognized() -> None:
    run = {"runId": "r", "bucketName": "b"}
    progress = read(
        ("init", "StepSucceeded", {"output": {"run": run}}),
        ("relay", "StepEntered", {}),
    )
    assert (progress.run, progress.step) == (run, "relay")
    assert (progress.hands_over, progress.shares_out) == (True, False)
    assert read(("shardForeach", "StepEntered", {})).shares_out


def test_a_failed_task_is_reported_with_its_cause() -> None:
    detail = {"error": "StorageUnavailable", "cause": "503"}
    (tried,) = read(("listArchiveFiles", "TaskFailed", detail)).failed_attempts
    assert (tried.step, tried.error, tried.cause) == (
        "listArchiveFiles",
        "StorageUnavailable",
        "503",
    )


def test_polls_report_readable_objects_and_those_without_output_are_ignored() -> None:
    wait = WaitProgress()
    for event in events(
        (
            "lookAtPages",
            "TaskSucceeded",
            {"output": {"lookedAt": {"first": 0, "last": 3}, "readable": 5.0}},
        ),
        ("lookAtPages", "TaskSucceeded", {}),
        ("lookAtPages", "TaskSucceeded", {"output": "text"}),
        ("Wait", "StepExited", {"local": {"readable": 9}}),
    ):
        wait.add(event)
    (look,) = wait.looks
    assert (look.pages, look.readable) == (PageRange(0, 3), 5)
    assert wait.last_event == 4


def test_objects_seen_again_by_a_merged_poll_are_counted_once() -> None:
    looks = [
        (PageRange(0, 10), 5),  # stopped at page 5
        (PageRange(11, 20), 3),  # stopped at page 14
        (PageRange(5, 20), 4),  # one poll for all remaining pages; stopped at page 9
        (PageRange(9, 20), 12),
    ]
    results = [
        LookResult(START + timedelta(hours=number), pages, readable)
        for number, (pages, readable) in enumerate(looks)
    ]
    found = readable_over_time(reversed(results))
    assert [point.objects for point in found] == [5, 8, 9, 21]
