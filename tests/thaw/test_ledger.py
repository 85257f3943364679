"""The run's records in the report bucket."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from oss2.models import BucketCreateConfig

from tests.functions.scene import REPORTS, Scene
from thaw.errors import AccessDenied, RunStopped
from thaw.ledger import Ledger, LostRange, PageRecord, Part, Tally, count_failures
from thaw.outcomes import Outcome, OutcomeRecord


def record(key: str, outcome: Outcome = Outcome.REQUESTED) -> OutcomeRecord:
    return OutcomeRecord(key, outcome, "Archive")


def page(number: int, *, sorted_out: int = 0, groups: int = 0) -> PageRecord:
    return PageRecord(number, "", "z", False, 9, sorted_out, groups, {"Archive": Tally(groups, 1)})


def walked(ledger: Ledger) -> list[tuple[str, str]]:
    return [(r.key, r.outcome.value) for part in ledger.walk() for r in part.records]


def test_parts_have_names_that_come_from_page_and_group(scene: Scene) -> None:
    ledger = scene.ledger()
    ledger.write_json("input.json", {"runId": "run-1"})
    ledger.write_page(page(0, sorted_out=1), [record("a", Outcome.SYMLINK)])
    ledger.write_group(0, 7, Part([record("b")]))
    assert scene.report_names() == [
        "input.json",
        "outcomes/000000000-0007.jsonl",
        "outcomes/000000000-listed.jsonl",
        "pages/000000000.json",
    ]
    assert ledger.url == f"oss://{REPORTS}/reports/runs/run-1/"


def test_a_part_is_one_json_object_a_line_whatever_is_in_a_key(scene: Scene) -> None:
    keys = ["line\nbreak", "\N{LINE SEPARATOR}", 'quote"', "ü"]
    scene.ledger().write_group(0, 0, Part([record(key) for key in keys]))
    lines = scene.report("outcomes/000000000-0000.jsonl").splitlines()
    assert [json.loads(line)["key"] for line in lines] == keys
    assert json.loads(lines[0]) == {
        "key": "line\nbreak",
        "outcome": "requested",
        "storageClass": "Archive",
        "httpStatus": 0,
    }


def test_records_are_read_page_by_page_in_order(scene: Scene) -> None:
    ledger = scene.ledger()
    for number in range(40):
        ledger.write_page(page(number, sorted_out=1, groups=2), [record(f"{number}-s")])
        ledger.write_group(number, 0, Part([record(f"{number}-0")]))
        ledger.write_group(number, 1, Part([record(f"{number}-1")]))
    assert [found.page for found in ledger.pages()] == list(range(40))
    assert [key for key, _ in walked(ledger)][21:24] == ["7-0", "7-1", "7-s"]


def test_a_part_written_again_replaces_the_first(scene: Scene) -> None:
    ledger = scene.ledger()
    ledger.write_page(page(0, groups=1), [])
    ledger.write_group(0, 0, Part([record("a", Outcome.REQUESTED)]))
    ledger.write_group(0, 0, Part([record("a", Outcome.ALREADY_THAWING)]))
    assert walked(ledger) == [("a", "already_thawing")]


def test_a_page_listed_again_after_its_groups_counts_no_object_twice(scene: Scene) -> None:
    ledger = scene.ledger()
    ledger.write_page(page(0, groups=1), [])
    ledger.write_group(0, 0, Part([record("a")]))
    late = [record("a", Outcome.ALREADY_THAWING), record("b", Outcome.SYMLINK)]
    ledger.write_page(page(0, sorted_out=2), late)
    assert walked(ledger) == [("a", "requested"), ("b", "symlink")]


def test_what_an_earlier_listing_sorted_out_is_forgotten(scene: Scene) -> None:
    ledger = scene.ledger()
    ledger.write_page(page(0, sorted_out=1), [record("a", Outcome.ALREADY_READABLE)])
    ledger.write_page(page(0, groups=1), [])
    assert walked(ledger) == []


def test_pages_without_parts_are_walked_too(scene: Scene) -> None:
    ledger = scene.ledger()
    for number in (0, 1, 2):
        ledger.write_page(page(number), [])
    ledger.write_group(1, 0, Part([record("a")]))
    assert walked(ledger) == [("a", "requested")]


def test_a_group_that_was_never_recorded_is_none(scene: Scene) -> None:
    ledger = scene.ledger()
    ledger.write_group(0, 1, Part([record("a")]))
    assert ledger.find_group(0, 0)[0] is None
    assert ledger.find_group(0, 1)[0] == Part([record("a")])


def test_failures_are_kept_once_more_by_themselves(scene: Scene) -> None:
    ledger = scene.ledger()
    bad = record("b", Outcome.DENIED)
    ledger.write_group(0, 0, Part([record("a"), bad]))
    ledger.write_group(0, 1, Part([record("c")]))
    assert [*ledger.failures()] == [Part([bad])]


def test_a_range_that_nobody_could_list_is_recorded_itself(scene: Scene) -> None:
    ledger = scene.ledger()
    part = Part([], LostRange("a", "k", 50, "FC.Unknown", "nobody knows"))
    ledger.write_group(0, 0, part)
    assert ledger.find_group(0, 0)[0] == part
    assert [*ledger.failures()] == [part]


def test_the_clock_that_counts_is_that_of_oss(scene: Scene) -> None:
    scene.oss.advance(3600)
    _, now = scene.ledger().find_group(0, 0)
    assert abs(now - scene.oss.do(scene.oss.core.clock.now)) < 5


def test_asking_for_what_is_not_there_is_not_billed(scene: Scene) -> None:
    ledger = scene.ledger()
    ledger.check_stop()
    ledger.find_group(0, 0)
    assert scene.requests("GetObject") == 0


def test_a_stopped_run_says_why(scene: Scene) -> None:
    scene.ledger().write("stop", b"changed my mind")
    with pytest.raises(RunStopped, match="changed my mind"):
        scene.ledger().check_stop()


def test_the_ledger_of_one_run_knows_nothing_of_another(scene: Scene) -> None:
    Ledger(scene.store(REPORTS), "reports/", "run-10").write_page(page(0), [])
    assert walked(scene.ledger()) == []


@pytest.mark.parametrize("kind", ["error", "reset", "late_error"])
def test_a_report_bucket_that_stumbles_loses_nothing(scene: Scene, kind: str) -> None:
    ledger = scene.ledger()
    scene.fault(operation="*", kind=kind, rate=0.3, times=10)
    for number in range(5):
        ledger.write_page(page(number, groups=1), [])
        ledger.write_group(number, 0, Part([record(str(number))]))
    assert walked(ledger) == [(str(n), "requested") for n in range(5)]


def test_a_policy_without_the_right_to_write_reports_is_named(scene: Scene) -> None:
    keys = scene.oss.role_credential(
        '{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "oss:ListObjects",'
        ' "Resource": "*"}]}'
    )
    ledger = Ledger(scene.store(REPORTS, credential=keys), "reports/", "run-1")
    with pytest.raises(AccessDenied, match=f"oss:PutObject on acs:oss:.*:{REPORTS}/reports/runs"):
        ledger.write_group(0, 0, Part([record("a")]))


def test_the_ledger_is_readable_in_a_bucket_whose_own_class_is_archive(scene: Scene) -> None:
    scene.oss.bucket("cold-reports").create_bucket(input=BucketCreateConfig("Archive"))
    ledger = Ledger(scene.store("cold-reports"), "", "run-1")
    ledger.write_group(0, 0, Part([record("a")]))
    assert ledger.find_group(0, 0)[0] == Part([record("a")])


def test_a_file_is_created_once(scene: Scene) -> None:
    ledger = scene.ledger()
    assert [ledger.create("notices/ops.json", {"step": n}) for n in range(3)] == [
        True,
        False,
        False,
    ]
    assert json.loads(scene.report("notices/ops.json")) == {"step": 0}


def test_a_files_age_is_told_by_osss_clock(scene: Scene) -> None:
    ledger = scene.ledger()
    assert ledger.age("input.json") is None
    ledger.write_json("input.json", {})
    scene.oss.advance(90)
    assert ledger.age("input.json") == pytest.approx(90, abs=2)


def test_failures_are_counted_by_outcome_and_code() -> None:
    records = [
        record("a"),
        replace(record("b", Outcome.DENIED), error_code="AccessDenied"),
        replace(record("c", Outcome.FAILED), error_code="Busy"),
        replace(record("d", Outcome.FAILED), error_code="Busy"),
    ]
    assert count_failures(records) == {("denied", "AccessDenied"): 1, ("failed", "Busy"): 2}
