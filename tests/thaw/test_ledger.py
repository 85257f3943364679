"""The run's records in the report bucket."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import oss2
import pytest
from oss2.models import BucketCreateConfig, BucketVersioningConfig

from tests.functions.scene import REPORTS, RETRY, Scene, a_page
from thaw.errors import AccessDenied, InvalidDeployment, RunStopped, StorageRefused
from thaw.ledger import Ledger, Part, count_failures
from thaw.ledger_reading import failures, pages, walk
from thaw.outcomes import Outcome, OutcomeRecord
from thaw.page_chunks import end_of_page
from thaw.store import Store


def record(key: str, outcome: Outcome = Outcome.REQUESTED) -> OutcomeRecord:
    return OutcomeRecord(key, outcome, "Archive")


def walked(ledger: Ledger) -> list[tuple[str, str]]:
    return [(r.key, r.outcome.value) for part in walk(ledger) for r in part.records]


def test_files_are_named_by_page_and_group(scene: Scene) -> None:
    ledger = scene.ledger()
    ledger.write_json("input.json", {"runId": "run-1"})
    ledger.keep_page(a_page(0, ["b"], [record("a", Outcome.SYMLINK)]))
    ledger.begin_group(0, 7)
    ledger.write_group(0, 7, Part([record("b")]))
    assert scene.report_names() == [
        "attempts/000000000-0007",
        "input.json",
        "outcomes/000000000-0007.jsonl",
        "pages/000000000.jsonl",
    ]
    assert ledger.url == f"oss://{REPORTS}/reports/runs/run-1/"


@pytest.mark.parametrize("status", ["Enabled", "Suspended"])
def test_a_versioned_report_bucket_is_refused_at_the_first_write(scene: Scene, status: str) -> None:
    scene.oss.bucket(REPORTS).put_bucket_versioning(BucketVersioningConfig(status))
    ledger = scene.ledger()
    with pytest.raises(InvalidDeployment, match=f"{REPORTS} keeps versions"):
        ledger.write_json("input.json", {})
    with pytest.raises(InvalidDeployment, match="could be replaced"):
        ledger.keep_page(a_page(0, ["b"]))


def test_a_part_has_one_json_object_per_line_whatever_the_keys_contain(scene: Scene) -> None:
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


def test_records_are_read_in_the_order_of_pages(scene: Scene) -> None:
    ledger = scene.ledger()
    for number in range(40):
        ledger.keep_page(a_page(number, ["a", "b"], [record(f"{number}-s")]))
        ledger.write_group(number, 0, Part([record(f"{number}-0")]))
        ledger.write_group(number, 1, Part([record(f"{number}-1")]))
    assert [found.page for found in pages(ledger)] == list(range(40))
    assert [key for key, _ in walked(ledger)][21:24] == ["7-0", "7-1", "7-s"]


def test_a_part_that_is_written_again_replaces_the_first(scene: Scene) -> None:
    ledger = scene.ledger()
    ledger.write_group(0, 0, Part([record("a", Outcome.REQUESTED)]))
    ledger.write_group(0, 0, Part([record("a", Outcome.ALREADY_THAWING)]))
    assert walked(ledger) == [("a", "already_thawing")]


def test_the_first_chunk_of_a_page_is_kept(scene: Scene) -> None:
    ledger = scene.ledger()
    first, second = a_page(0, ["a", "b"]), a_page(0, ["a"], [record("b", Outcome.SYMLINK)])
    assert ledger.page(0) is None
    assert ledger.keep_page(first) == first.index
    assert ledger.keep_page(second) == ledger.page(0) == first.index
    (part,) = first.index.slices[:1]
    objects, _ = ledger.objects(0, part)
    assert [one.key for one in objects] == ["a"]
    assert walked(ledger) == []


def test_a_flow_carries_a_pages_number_instead_of_its_last_key(scene: Scene) -> None:
    ledger = scene.ledger()
    ledger.keep_page(a_page(7, ["k"]))
    assert (ledger.position(end_of_page(7)), ledger.position("k")) == ("z", "k")
    with pytest.raises(StorageRefused, match="the ledger has lost pages/000000008"):
        ledger.position(end_of_page(8))


def test_a_task_can_begin_only_once(scene: Scene) -> None:
    ledger = scene.ledger()
    assert [ledger.begin_group(0, 3) for _ in range(3)] == [True, False, False]
    assert ledger.begin_group(1, 3)


def test_reading_a_group_without_a_record_returns_none(scene: Scene) -> None:
    ledger = scene.ledger()
    ledger.write_group(0, 1, Part([record("a")]))
    assert ledger.group(0, 0) is None
    assert ledger.group(0, 1) == Part([record("a")])


def test_failures_are_also_kept_separately(scene: Scene) -> None:
    ledger = scene.ledger()
    bad = record("b", Outcome.DENIED)
    ledger.write_group(0, 0, Part([record("a"), bad]))
    ledger.write_group(0, 1, Part([record("c")]))
    assert [*failures(ledger)] == [Part([bad])]


def test_times_are_taken_from_the_clock_of_oss(scene: Scene) -> None:
    ledger = scene.ledger()
    chunk = a_page(0, ["a"])
    ledger.keep_page(chunk)
    scene.oss.advance(3600)
    _, now = ledger.objects(0, chunk.index.slices[0])
    assert abs(now - scene.oss.do(scene.oss.core.clock.now)) < 5


def test_reading_missing_files_is_not_billed(scene: Scene) -> None:
    ledger = scene.ledger()
    ledger.check_stop()
    ledger.group(0, 0)
    ledger.page(0)
    assert scene.requests("GetObject") == 0


def test_a_stopped_run_gives_the_reason(scene: Scene) -> None:
    scene.ledger().write("stop", b"changed my mind")
    with pytest.raises(RunStopped, match="changed my mind"):
        scene.ledger().check_stop()


def test_a_runs_ledger_is_separate_from_other_runs(scene: Scene) -> None:
    Ledger(scene.store(REPORTS), "reports/", "run-10").keep_page(a_page(0, ["a"]))
    assert walked(scene.ledger()) == []


@pytest.mark.parametrize("kind", ["error", "reset", "late_error"])
def test_temporary_faults_of_the_report_bucket_lose_nothing(scene: Scene, kind: str) -> None:
    ledger = scene.ledger()
    scene.fault(operation="*", kind=kind, rate=0.3, times=10)
    for number in range(5):
        ledger.keep_page(a_page(number, ["a"]))
        ledger.write_group(number, 0, Part([record(str(number))]))
    assert walked(ledger) == [(str(n), "requested") for n in range(5)]


@pytest.mark.parametrize("stream", [False, True])
def test_a_file_that_was_damaged_on_its_way_is_sent_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, *, stream: bool
) -> None:
    bucket = scene.oss.bucket(REPORTS)
    bucket.enable_crc = False
    ledger = Ledger(Store(bucket, RETRY), "reports/", "run-1")
    send, bodies = oss2.http.Session.do_request, [b"damaged"]

    def do_request(self: oss2.http.Session, request: oss2.http.Request, timeout: float) -> object:
        if bodies:
            request.data = bodies.pop()
        return send(self, request, timeout)

    monkeypatch.setattr(oss2.http.Session, "do_request", do_request)
    ledger.write("a", io.BytesIO(b"data") if stream else b"data")
    assert (ledger.read("a"), bodies) == (b"data", [])


def test_missing_permission_to_write_reports_is_named(scene: Scene) -> None:
    keys = scene.oss.role_credential(
        '{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "oss:ListObjects",'
        ' "Resource": "*"}]}'
    )
    ledger = Ledger(scene.store(REPORTS, credential=keys), "reports/", "run-1")
    with pytest.raises(AccessDenied, match=f"oss:PutObject on acs:oss:.*:{REPORTS}/reports/runs"):
        ledger.write_group(0, 0, Part([record("a")]))


def test_the_ledger_is_readable_in_a_bucket_of_class_archive(scene: Scene) -> None:
    scene.oss.bucket("cold-reports").create_bucket(input=BucketCreateConfig("Archive"))
    ledger = Ledger(scene.store("cold-reports"), "", "run-1")
    ledger.write_group(0, 0, Part([record("a")]))
    assert ledger.group(0, 0) == Part([record("a")])


def test_a_file_can_be_created_only_once(scene: Scene) -> None:
    ledger = scene.ledger()
    assert [ledger.create("notices/ops.json", {"step": n}) for n in range(3)] == [
        True,
        False,
        False,
    ]
    assert json.loads(scene.report("notices/ops.json")) == {"step": 0}


def test_a_files_age_is_measured_by_the_clock_of_oss(scene: Scene) -> None:
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
