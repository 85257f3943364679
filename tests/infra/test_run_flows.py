"""The rendered flows do what they are for, in the real engine, whatever the cloud is like."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import orjson
import pytest

from functions.contract import RUN_BYTES, AccessDenied, NoSuchBucket, StorageUnavailable, json_bytes
from functions.run_input import parse_run_input
from infra.model import MAX_EVENTS
from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.faults import FaultRule, Faults
from localcloud.settings import Settings, override, switches
from tests.infra.deployed import (
    ARTICLE,
    THAW_SECONDS,
    Fault,
    Json,
    NamelessError,
    Played,
    archive,
    play,
)
from tests.infra.environments import environment

STEP_BYTES = 32_768
MODES = ("page", "run", "none")
OTHER_VALUES = [(name, value) for name, (_, *others) in switches().items() for value in others]


def failing(function: str, error: Exception, *, key: str = "", times: int = 1_000_000) -> Fault:
    """The first calls of a function fail, or of those for a group with a key."""
    left = [times]

    def fault(called: str, event: Json) -> Exception | None:
        keys = event.get("files", {}).get("keys", ())
        if called != function or "failure" in event or (key and key not in keys):
            return None
        left[0] -= 1
        return error if left[0] >= 0 else None

    return fault


def longest(played: Played) -> int:
    """Events of the longest execution."""
    return max(map(len, played.histories()))


def largest(played: Played) -> int:
    """Bytes of the largest event."""
    details = [event.detail for history in played.histories() for event in history]
    return max(len(detail.encode()) for detail in details)


@pytest.mark.parametrize("mode", MODES)
def test_every_object_is_asked_for_once_page_by_page(mode: str) -> None:
    objects = archive(25)
    played = play(objects, maxKeys=10, waitFor=mode)
    assert played.functions.thawed == Counter(objects.keys())
    assert played.functions.calls["listArchiveFiles"] == 3
    assert played.output["outcomes"] == {"requested": 25, "failed": 0}
    assert played.output["runId"] == "run-1"


def test_waiting_for_the_run_waits_once_and_ends_when_all_is_readable() -> None:
    played = play(archive(25), maxKeys=10, waitFor="run")
    assert played.readable() == archive(25).keys()
    assert THAW_SECONDS <= played.seconds < 2 * THAW_SECONDS
    assert len(played.executions["awaitFlow"]) == 1


def test_waiting_for_each_page_takes_a_thaw_a_page() -> None:
    played = play(archive(25), maxKeys=10, waitFor="page")
    assert played.readable() == archive(25).keys()
    assert 3 * THAW_SECONDS <= played.seconds < 4 * THAW_SECONDS
    assert played.executions["awaitFlow"] == []


def test_not_waiting_ends_after_submitting() -> None:
    played = play(archive(25), maxKeys=10, waitFor="none")
    assert played.seconds < THAW_SECONDS
    assert played.readable() == set()
    assert played.functions.calls["restoreStatus"] == 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("objects", [{}, archive(3, "Standard")], ids=["empty", "standard"])
def test_a_bucket_with_nothing_to_thaw_is_a_success(objects: dict[str, str], mode: str) -> None:
    played = play(objects, waitFor=mode)
    assert played.output["failed"] == 0
    assert played.executions["restoreFlow"] == []


def test_a_dry_run_lists_everything_and_sends_nothing() -> None:
    played = play(archive(25), maxKeys=10, dryRun=True)
    assert played.output["dryRun"] is True
    assert played.executions["restoreFlow"] == played.executions["awaitFlow"] == []
    assert played.functions.calls["restore"] == 0


@pytest.mark.parametrize(
    "error",
    [
        CloudError("ResourceExhausted", "busy", 429),
        CloudError("InternalServerError", "broken", 500),
        StorageUnavailable("OSS is away"),
        NamelessError("Process exited unexpectedly"),
    ],
    ids=lambda error: getattr(error, "code", type(error).__name__),
)
@pytest.mark.parametrize(
    "function", ["prepareRun", "listArchiveFiles", "restore", "restoreStatus", "summarizeRun"]
)
def test_a_fault_that_passes_is_survived_by_every_task(function: str, error: Exception) -> None:
    played = play(archive(3), fault=failing(function, error, times=3))
    assert played.output["outcomes"] == {"requested": 3, "failed": 0}
    assert played.functions.calls[function] >= 4


@pytest.mark.parametrize("mode", MODES)
def test_a_group_that_fails_for_good_is_recorded_and_the_run_goes_on(mode: str) -> None:
    fault = failing("restore", StorageUnavailable("OSS is away"), key="07")
    played = play(archive(25), fault=fault, maxKeys=10, waitFor=mode)
    assert played.functions.failed == {"07": "StorageUnavailable"}
    assert played.functions.thawed == Counter(archive(25).keys() - {"07"})
    assert played.output["failed"] == 1


@pytest.mark.parametrize(
    "error", [AccessDenied("oss:RestoreObject on my-archive"), NoSuchBucket("my-archive")]
)
@pytest.mark.parametrize("function", ["listArchiveFiles", "restore", "restoreStatus"])
def test_a_fault_of_the_whole_run_ends_it_at_once_under_its_own_name(
    function: str, error: Exception
) -> None:
    played = play(archive(25), fault=failing(function, error), maxKeys=10, waitFor="page")
    assert played.root.status == "Failed"
    assert (played.root.error, played.root.cause) == (type(error).__name__, str(error))
    assert played.functions.calls["summarizeRun"] == 0


def test_a_bad_input_ends_the_run_before_anything_is_listed() -> None:
    played = play(archive(3), maxKeys="many")
    assert played.root.error == "InvalidInput"
    assert "maxKeys" in played.root.cause
    assert played.functions.calls["listArchiveFiles"] == 0


def test_a_group_whose_failure_cannot_be_recorded_ends_the_run() -> None:
    def fault(function: str, event: Json) -> Exception | None:
        return StorageUnavailable("OSS is away") if function == "restore" else None

    assert play(archive(1), fault=fault).root.error == "StorageUnavailable"


@pytest.mark.parametrize("mode", MODES)
def test_a_run_is_handed_on_before_the_event_limit(mode: str) -> None:
    relaying = environment(limits={"relay_at_event": 100})
    played = play(archive(60), env=relaying, maxKeys=5, waitFor=mode)
    legs = played.executions["mainRestoreFlow"]
    assert len(legs) >= 3
    assert max(len(leg.history) for leg in legs) <= 100 + 67
    assert played.functions.thawed == Counter(archive(60).keys())
    assert played.functions.calls["summarizeRun"] == 1
    assert played.output["outcomes"]["requested"] == 60


def test_only_the_first_leg_waits_and_it_waits_for_what_all_legs_submitted() -> None:
    relaying = environment(limits={"relay_at_event": 100})
    played = play(archive(60), env=relaying, maxKeys=5)
    assert len(played.executions["awaitFlow"]) == 1
    assert played.readable() == archive(60).keys()


@pytest.mark.parametrize(("mode", "first"), [("run", 1), ("page", 0)])
def test_waiting_is_handed_on_before_the_event_limit(mode: str, first: int) -> None:
    relaying = environment(limits={"relay_at_event": 60})
    played = play(archive(3), env=relaying, waitFor=mode, pollInterval=1)
    awaits = played.executions["awaitFlow"]
    assert len(awaits) >= first + 3
    assert max(len(execution.history) for execution in awaits) < 110
    assert played.readable() == archive(3).keys()


@pytest.mark.parametrize("mode", ["page", "run"])
def test_a_status_that_nobody_knows_is_no_success(mode: str) -> None:
    def fault(function: str, event: Json) -> dict[str, Json] | None:
        odd = {"status": "thawed", "cursor": "", "waitSeconds": 1}
        return odd if function == "restoreStatus" else None

    played = play(archive(1), fault=fault, waitFor=mode)
    assert (played.root.status, played.root.error) == ("Failed", "UnknownStatus")


class Stubborn(Faults):
    """Every task takes all its retries: ten attempts fail, the next one works."""

    def __init__(self) -> None:
        super().__init__()
        self._attempts: Counter[str] = Counter()

    def pick(self, service: str, operation: str, target: str) -> FaultRule | None:
        self._attempts[target] += 1
        if self._attempts[target] % 11 == 0:
            return None
        start = target.endswith(("invokeRestoreFlow", "relay", "awaitReadable", "keepWaiting"))
        code = "fnf.InternalServerError" if start else "FC.InternalServerError"
        return FaultRule(service="fnf", code=code)


def test_the_latest_relay_leaves_room_for_every_retry_of_what_follows() -> None:
    # 4,783 is the latest that an environment may say; here both it and the limit are lower.
    limit = 500
    relaying = environment(limits={"relay_at_event": limit - (MAX_EVENTS - 4_783)})
    settings = override(Settings(), {"events_per_execution": limit})

    def prepare(core: Core) -> None:
        core.faults = Stubborn()

    played = play(archive(9), env=relaying, settings=settings, prepare=prepare, maxKeys=1)
    assert played.output["outcomes"]["requested"] == 9
    assert len(played.executions["mainRestoreFlow"]) >= 3
    assert len(played.root.history) > limit - 100


@pytest.mark.parametrize("mode", ["page", "run"])
def test_a_page_of_a_hundred_groups_that_all_fail_stays_below_the_event_limit(mode: str) -> None:
    fault = failing("restore", StorageUnavailable("OSS is away"))
    played = play(archive(100), fault=fault, maxKeys=100, waitFor=mode)
    assert len(played.functions.failed) == 100
    assert 4_600 < longest(played) < MAX_EVENTS


LONGEST_RUN: Json = {
    "exclude": ["☃" * 186] * 5,  # three bytes as UTF-8, six as \\uXXXX
}


def objects_with_keys(length: int) -> dict[str, str]:
    """A hundred archived objects whose keys are awkward, and so long as UTF-8."""
    filler = "é" * ((length - 4) // 2)
    return {f"{n:03}/{filler}": "Archive" for n in range(100)}


@pytest.mark.parametrize("measure", switches()["size_measure"])
@pytest.mark.parametrize(("group_size", "length"), [(1, 60), (1, 1023), (10, 200), (100, 1023)])
def test_the_longest_keys_and_the_longest_run_fit_every_step(
    measure: str, group_size: int, length: int
) -> None:
    given: Json = {**LONGEST_RUN, "groupSize": group_size}
    run = parse_run_input({**ARTICLE, **given}, foreach_limit=100).to_json()
    assert RUN_BYTES - 300 < json_bytes(run) <= RUN_BYTES
    # One group fails, with a long cause: that is when its iteration is largest.
    objects = objects_with_keys(length)
    first = min(objects)
    played = play(
        objects,
        settings=override(Settings(), {"size_measure": measure}),
        fault=failing("restore", StorageUnavailable("x" * 2_000), key=first),
        waitFor="page",
        pollInterval=60,
        **given,
    )
    assert played.output["outcomes"]["requested"] == 100 - len(played.functions.failed)
    assert first in played.functions.failed
    assert longest(played) < MAX_EVENTS
    assert largest(played) < STEP_BYTES


def test_a_page_full_of_long_keys_fits_every_step() -> None:
    objects = archive(100, length=75)
    played = play(objects, waitFor="page")
    page = orjson.loads(played.executions["restoreFlow"][0].input)
    assert len(page["filesGroup"]) > 90
    assert 10.5 * 1024 < json_bytes(page["filesGroup"]) <= 11 * 1024
    assert played.functions.thawed == Counter(objects.keys())
    assert largest(played) < STEP_BYTES


def survive_everything(played: Played, objects: dict[str, str]) -> None:
    """One group was given up, all others were asked for once, and the run says so."""
    assert played.functions.thawed == Counter(objects.keys() - {"07"})
    assert set(played.functions.failed) == {"07"}
    assert played.output["failed"] == 1
    assert played.output["outcomes"]["requested"] == len(objects) - 1


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("switch", "value"), OTHER_VALUES)
def test_a_run_with_faults_and_relays_survives_every_switch(
    switch: str, value: str, mode: str
) -> None:
    given_up = failing("restore", StorageUnavailable("OSS is away"), key="07")
    passing = failing("restore", NamelessError("exited"), key="03", times=3)
    busy = failing("listArchiveFiles", CloudError("ResourceExhausted", "busy", 429), times=2)

    def fault(function: str, event: Json) -> Exception | dict[str, Json] | None:
        found = (one(function, event) for one in (given_up, passing, busy))
        return next((error for error in found if error), None)

    objects = archive(30)
    played = play(
        objects,
        fault=fault,
        settings=override(Settings(), {switch: value}),
        env=environment(limits={"relay_at_event": 40}),
        maxKeys=10,
        waitFor=mode,
    )
    survive_everything(played, objects)
    assert len(played.executions["mainRestoreFlow"]) > 1
    if mode != "none":
        assert played.readable() == objects.keys() - {"07"}


@pytest.mark.parametrize(("switch", "value"), OTHER_VALUES)
def test_a_fatal_error_keeps_its_name_under_every_switch(switch: str, value: str) -> None:
    played = play(
        archive(30),
        fault=failing("restore", AccessDenied("oss:RestoreObject"), key="07"),
        settings=override(Settings(), {switch: value}),
        maxKeys=10,
    )
    assert played.root.error.removeprefix("FC.") == "AccessDenied"
    assert played.root.cause == "oss:RestoreObject"
    assert played.functions.calls["listArchiveFiles"] == 1


@pytest.mark.parametrize(("switch", "value"), OTHER_VALUES)
def test_an_empty_bucket_and_a_dry_run_are_fine_under_every_switch(switch: str, value: str) -> None:
    settings = override(Settings(), {switch: value})
    assert play({}, settings=settings).output["failed"] == 0
    assert play(archive(3), settings=settings, dryRun=True).output["dryRun"] is True


def test_every_switch_at_its_other_value_at_once() -> None:
    turned: dict[str, str | float | None] = {
        name: values[-1] for name, values in switches().items()
    }
    objects = archive(30)
    fault = failing("restore", StorageUnavailable("OSS is away"), key="07")
    settings = replace(override(Settings(), turned), seed=1)
    played = play(objects, fault=fault, settings=settings, maxKeys=10, waitFor="page")
    survive_everything(played, objects)
