"""The rendered flows in the local cloud's engine, with failing calls and close to its limits."""

from __future__ import annotations

from collections import Counter

import pytest

from infra.model.flow_limits import MAX_EVENTS
from localcloud.faults import FaultRule, Faults
from localcloud.fnf.executions import Execution
from localcloud.settings import Settings, override, switches
from tests.infra.application import Application
from tests.localcloud.fnf.harness import Cloud, Json, output, scenario
from thaw.errors import StorageUnavailable

KEYS = [f"key-{number:03}" for number in range(20)]
FUNCTION_TASKS = (
    "init", "listArchiveFiles", "restoreTask", "rollUp", "sharePagesOut", "lookAtPages",
    "shareLeftOut", "summarize",
)  # fmt: skip
CHILD_TASKS = ("invokeRestoreFlow", "relay", "awaitReadable", "keepLooking", "lastLook")
FUNCTION_ERRORS = (
    "FC.ResourceThrottled",
    "FC.ResourceExhausted",
    "FC.InternalServerError",
    "FC.Unknown",
    "FnF.TaskTimeout",
)
START_ERRORS = ("fnf.ResourceThrottled", "fnf.Throttling", "fnf.InternalServerError")


@pytest.mark.parametrize(
    ("task", "error"),
    [(task, error) for task in FUNCTION_TASKS for error in FUNCTION_ERRORS]
    + [(task, error) for task in CHILD_TASKS for error in START_ERRORS],
)
def test_every_task_survives_a_transient_error(task: str, error: str) -> None:
    rule = FaultRule(service="fnf", operation="Task", target=f"*/{task}", code=error, times=10)

    async def play(cloud: Cloud) -> None:
        cloud.core.faults.add(rule)
        application = Application(KEYS, relay_at_event=40)
        execution = await application.start(cloud, waitFor="run", maxKeys=5)
        assert output(execution)["outcomes"] == {"requested": len(KEYS)}
        assert cloud.core.faults.pick("fnf", "Task", f"any/{task}") is None, "it never struck"

    scenario(play)


@pytest.mark.parametrize("task", [*FUNCTION_TASKS, *CHILD_TASKS])
def test_a_permanent_error_ends_the_run_at_the_first_attempt(task: str) -> None:
    code = "FC.FunctionNotFound" if task in FUNCTION_TASKS else "fnf.FlowNotExists"
    rule = FaultRule(service="fnf", operation="Task", target=f"*/{task}", code=code, times=1)

    async def play(cloud: Cloud) -> Execution:
        cloud.core.faults.add(rule)
        application = Application(KEYS, relay_at_event=40)
        return await application.start(cloud, waitFor="run", maxKeys=5)

    execution = scenario(play)
    assert (execution.status, execution.error) == ("Failed", code)


class Unrecordable(Application):
    """An application whose report bucket stays unavailable."""

    def restore(self, event: Json) -> Json:
        raise StorageUnavailable("OSS answers 503")


def test_a_group_whose_failure_cannot_be_recorded_ends_the_run() -> None:
    """Otherwise its objects would be missing from the ledger."""

    async def play(cloud: Cloud) -> Execution:
        return await Unrecordable(KEYS[:2]).start(cloud)

    execution = scenario(play)
    assert (execution.error, execution.cause) == ("StorageUnavailable", "OSS answers 503")


def test_a_long_wait_for_a_page_continues_in_new_executions() -> None:
    async def play(cloud: Cloud) -> Execution:
        application = Application(KEYS[:10], relay_at_event=200, thaw_seconds=2_000)
        return await application.start(cloud, waitFor="page")

    execution = scenario(play)
    assert output(execution)["outcomes"] == {"requested": 10}
    assert execution.stopped_at is not None
    assert 2_000 <= execution.stopped_at - execution.started_at < 2_100


class Stubborn(Faults):
    """An application in which every task fails ten times, using all its retries, then works."""

    def __init__(self) -> None:
        super().__init__()
        self._attempts: Counter[str] = Counter()

    def pick(self, service: str, operation: str, target: str) -> FaultRule | None:
        self._attempts[target] += 1
        if self._attempts[target] % 11 == 0:
            return None
        starts = target.endswith(CHILD_TASKS)
        code = "fnf.InternalServerError" if starts else "FC.InternalServerError"
        return FaultRule(service="fnf", code=code)


def test_the_latest_relay_leaves_room_for_every_retry_of_what_follows() -> None:
    """An environment may set 4,630 of 5,000 events; here both are lower by the same number."""
    most = 742  # to pass one guard just before it would trigger
    settings = override(Settings(), {"events_per_execution": most})

    async def play(cloud: Cloud) -> Execution:
        cloud.core.faults = Stubborn()
        application = Application(KEYS[:9], relay_at_event=most - (MAX_EVENTS - 4_630))
        return await application.start(cloud, waitFor="run", maxKeys=1, groupSize=1)

    execution = scenario(play, settings=settings)
    assert output(execution)["outcomes"] == {"requested": 9}
    assert len(execution.history) > most - 10, "the bound is no larger than it must be"


def test_a_run_survives_all_switches_changed_at_once() -> None:
    settings = Settings()
    for name, values in switches().items():
        settings = override(settings, {name: values[-1]})

    async def play(cloud: Cloud) -> None:
        application = Application(
            KEYS, relay_at_event=40, unavailable=Counter({"key-004": 1000, "key-010": 3})
        )
        execution = await application.start(cloud, maxKeys=5, groupSize=1)
        assert output(execution)["outcomes"] == {"requested": len(KEYS) - 1, "failed": 1}
        assert "relay" in application.legs

    scenario(play, settings=settings)
