"""Outcomes of the objects of one restore task."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from functions.restore_requests import Sender, outcome_of_refusal
from tests.functions.scene import BUCKET, NO_PACE, RETRY, Scene, make_run, wanted
from tests.functions.test_listing import AWKWARD_KEYS
from thaw.errors import NoSuchBucket
from thaw.errors import StorageUnavailable as Unavailable
from thaw.outcomes import Outcome, OutcomeRecord
from thaw.run_input import Run
from thaw.store import Store

LISTS_ONLY = (
    '{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "oss:ListObjects",'
    ' "Resource": "*"}]}'
)


def thaw(
    scene: Scene,
    *keys: str,
    storage_class: str = "Archive",
    run: Run | None = None,
    store: Store | None = None,
) -> list[OutcomeRecord]:
    """Request objects that have just been listed as frozen."""
    store = store or scene.store()
    now = store.retry.monotonic()
    sender = Sender(store, run or make_run(), NO_PACE, retried=False, looked_at=now)
    return sender.send([wanted(key, storage_class) for key in keys])


def outcomes(records: list[OutcomeRecord]) -> dict[str, str]:
    return {record.key: record.outcome.value for record in records}


@pytest.mark.parametrize(
    ("status", "code", "ec", "expected"),
    [
        (409, "RestoreAlreadyInProgress", "0016-00000701", Outcome.ALREADY_THAWING),
        (409, "RestoreAlreadyInProgress", "0016-00000715", Outcome.ALREADY_THAWING),
        (400, "InvalidArgument", "0016-00000715", Outcome.ALREADY_THAWING),
        (400, "OperationNotSupported", "0016-00000702", Outcome.NOT_ARCHIVED),
        (400, "InvalidArgument", "0016-00000703", Outcome.REJECTED),
        (400, "MalformedXML", "", Outcome.REJECTED),
        (400, "MalformedXML", "0016-00000704", Outcome.REJECTED),
        (400, "InvalidArgument", "0016-00000708", Outcome.REJECTED),
        (404, "NoSuchKey", "0026-00000001", Outcome.VANISHED),
        (403, "AccessDenied", "", Outcome.DENIED),
        (403, "InvalidObjectState", "0016-00000404", Outcome.DENIED),
        (405, "MethodNotAllowed", "", Outcome.REJECTED),
        (409, "SomethingElse", "", Outcome.REJECTED),
        (418, "", "", Outcome.REJECTED),
    ],
)
def test_every_documented_refusal_has_its_outcome(
    status: int, code: str, ec: str, expected: Outcome
) -> None:
    assert outcome_of_refusal(status, code, ec) is expected


def test_each_object_has_the_outcome_of_its_own_response(scene: Scene) -> None:
    scene.seed(["frozen", "readable", "thawing"])
    scene.seed(["standard"], "Standard")
    scene.thaw("readable")
    scene.oss.advance(61)
    scene.thaw("thawing")
    records = thaw(scene, "frozen", "readable", "thawing", "standard", "gone")
    assert outcomes(records) == {
        "frozen": "requested",
        "readable": "extended",
        "thawing": "already_thawing",
        "standard": "not_archived",
        "gone": "vanished",
    }
    assert [(r.http_status, r.error_code) for r in records] == [
        (202, ""),
        (200, ""),
        (409, "RestoreAlreadyInProgress"),
        (400, "OperationNotSupported"),
        (404, "NoSuchKey"),
    ]


@pytest.mark.parametrize("error", ["400 InvalidArgument", "409 RestoreAlreadyInProgress"])
def test_an_object_thawing_at_a_faster_tier_counts_as_already_thawing(
    scene: Scene, error: Literal["400 InvalidArgument", "409 RestoreAlreadyInProgress"]
) -> None:
    switches = replace(scene.oss.core.settings.switches, lower_tier_error=error)
    scene.oss.core.settings = replace(scene.oss.core.settings, switches=switches)
    scene.seed(["a"], "ColdArchive")
    scene.thaw("a", tier="Expedited")
    run = make_run(tier="Bulk", storageClasses=["ColdArchive"])
    (record,) = thaw(scene, "a", storage_class="ColdArchive", run=run)
    assert record.outcome is Outcome.ALREADY_THAWING


@pytest.mark.parametrize("storage_class", ["Archive", "ColdArchive", "DeepColdArchive"])
def test_a_tier_is_sent_only_to_classes_that_have_one(scene: Scene, storage_class: str) -> None:
    scene.seed(["a"], storage_class)
    (record,) = thaw(scene, "a", storage_class=storage_class, run=make_run(tier="Expedited"))
    assert (record.outcome, record.http_status) == (Outcome.REQUESTED, 202)


def test_the_requested_days_are_sent(scene: Scene) -> None:
    scene.seed(["a"])
    thaw(scene, "a", run=make_run(days=5))
    scene.oss.advance(61)
    assert scene.readable_days("a") == 5


def test_records_keep_the_groups_order_whatever_finishes_first(scene: Scene) -> None:
    keys = [f"{n:03d}" for n in range(200)]
    scene.seed(keys)
    records = thaw(scene, *keys, run=make_run(workers=16))
    assert [record.key for record in records] == keys
    assert scene.requests("RestoreObject") == 200


def test_awkward_keys_are_thawed(scene: Scene) -> None:
    scene.seed(AWKWARD_KEYS)
    assert set(outcomes(thaw(scene, *AWKWARD_KEYS)).values()) == {"requested"}


def test_keys_that_cannot_be_addressed_fail_without_a_request(scene: Scene) -> None:
    records = thaw(scene, ".", "..")
    assert {(r.outcome, r.error_code) for r in records} == {(Outcome.FAILED, "UnsupportedKey")}
    assert scene.requests("RestoreObject") == 0


@pytest.mark.parametrize("kind", ["error", "reset"])
def test_a_temporary_fault_does_not_affect_the_outcome(scene: Scene, kind: str) -> None:
    scene.seed(["a"])
    scene.fault(operation="RestoreObject", kind=kind, times=4)
    assert outcomes(thaw(scene, "a")) == {"a": "requested"}


def test_a_throttled_request_is_not_a_failure(scene: Scene) -> None:
    scene.seed(["a"])
    scene.fault(operation="RestoreObject", status=429, code="QpsLimitExceeded", times=4)
    assert outcomes(thaw(scene, "a")) == {"a": "requested"}


@pytest.mark.parametrize("seconds", [0, 61], ids=["thawing", "readable"])
def test_a_request_accepted_despite_an_error_response_is_not_sent_again(
    scene: Scene, seconds: int
) -> None:
    """The first attempt starts the thaw and answers 503; by the second it may be readable."""
    scene.seed(["a"])
    scene.fault(operation="RestoreObject", kind="late_error", times=1)
    retry = replace(RETRY, sleep=lambda _: scene.oss.advance(seconds))
    (record,) = thaw(scene, "a", store=scene.store(retry=retry), run=make_run(days=1))
    assert record.outcome is Outcome.REQUESTED
    assert scene.oss.meters()["oss.retrievals.Archive"] == 1
    assert scene.requests("ListObjects") == 1
    if seconds:
        assert scene.readable_days("a") == 1


def test_a_last_attempt_accepted_despite_an_error_response_is_no_failure(scene: Scene) -> None:
    scene.seed(["a", "b"])
    scene.fault(operation="RestoreObject", target=f"{BUCKET}/a", kind="error", times=9)
    scene.fault(operation="RestoreObject", target=f"{BUCKET}/a", kind="late_error")
    assert outcomes(thaw(scene, "a", "b")) == {"a": "requested", "b": "requested"}


def test_an_object_listed_long_ago_is_checked_before_it_is_requested(scene: Scene) -> None:
    scene.seed(["a", "b"])
    scene.thaw("a")
    scene.oss.advance(61)
    sender = Sender(scene.store(), make_run(), NO_PACE, retried=False, looked_at=-1e9)
    records = sender.send([wanted("a"), wanted("b")])
    assert outcomes(records) == {"a": "already_readable", "b": "requested"}


def test_one_object_that_keeps_failing_does_not_stop_the_others(scene: Scene) -> None:
    scene.seed(["a", "b", "c"])
    scene.fault(operation="RestoreObject", target=f"{BUCKET}/b", status=500, code="InternalError")
    records = thaw(scene, "a", "b", "c")
    assert outcomes(records) == {"a": "requested", "b": "failed", "c": "requested"}
    assert (records[1].http_status, records[1].error_code) == (500, "InternalError")
    assert "500 InternalError" in records[1].message


def test_a_group_of_only_failures_is_left_to_the_flow_to_retry(scene: Scene) -> None:
    scene.seed(["a", "b"])
    scene.fault(operation="RestoreObject", kind="reset")
    with pytest.raises(Unavailable, match=f"oss:RestoreObject on .*{BUCKET}/a kept failing"):
        thaw(scene, "a", "b")


def test_one_denied_object_is_recorded_and_the_others_are_thawed(scene: Scene) -> None:
    keys = scene.oss.role_credential(
        '{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "oss:RestoreObject",'
        f' "Resource": "acs:oss:*:*:{BUCKET}/mine/*"}}]}}'
    )
    scene.seed(["mine/a", "theirs"])
    records = thaw(scene, "mine/a", "theirs", store=scene.store(credential=keys))
    assert outcomes(records) == {"mine/a": "requested", "theirs": "denied"}
    assert records[1].error_code == "AccessDenied"


def test_a_task_whose_objects_are_all_denied_records_them_and_does_not_fail(scene: Scene) -> None:
    scene.seed(["a", "b"])
    keys = scene.oss.role_credential(LISTS_ONLY)
    records = thaw(scene, "a", "b", store=scene.store(credential=keys))
    assert outcomes(records) == {"a": "denied", "b": "denied"}


def test_a_missing_bucket_ends_the_run(scene: Scene) -> None:
    with pytest.raises(NoSuchBucket, match=r"oss:RestoreObject on .*gone"):
        thaw(scene, "a", store=scene.store("gone"))


def test_objects_not_reached_in_time_are_recorded_as_failed(scene: Scene) -> None:
    moments = iter([0.0] * 5)  # one at the start, two for each object
    retry = replace(RETRY, deadline=1, monotonic=lambda: next(moments, 2.0))
    scene.seed(["a", "b", "c"])
    records = thaw(scene, "a", "b", "c", store=scene.store(retry=retry), run=make_run(workers=1))
    assert outcomes(records) == {"a": "requested", "b": "requested", "c": "failed"}
    assert records[2].error_code == "OutOfTime"
