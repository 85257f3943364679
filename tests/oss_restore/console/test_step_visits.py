"""Visits of an execution's steps, read from its history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from oss_restore.clients.flow_executions import HistoryEvent
from oss_restore.console.step_visits import StepVisits

START = datetime(2026, 11, 24, 10, tzinfo=UTC)


class History:
    """Events, numbered from 1."""

    def __init__(self, *, tells_causes: bool = True) -> None:
        self.visits = StepVisits()
        self._tells_causes = tells_causes

    def add(self, kind: str, step: str, after: int, detail: dict[str, Any] | None = None) -> int:
        number = self.visits.last_event + 1
        moment = START + timedelta(seconds=number)
        cause = after if self._tells_causes else 0
        self.visits.add(HistoryEvent(number, step, kind, detail or {}, moment, cause))
        return number

    def enter(self, step: str, after: int) -> int:
        return self.add("StepStarted", step, self.add("StepEntered", step, after))

    def leave(self, step: str, after: int) -> int:
        return self.add("StepExited", step, self.add("StepSucceeded", step, after))


def test_a_step_in_a_loop_has_several_visits() -> None:
    history = History()
    last = history.add("ExecutionStarted", "", 0)
    for _ in range(3):
        last = history.leave("a", history.enter("a", last))
    history.enter("b", last)
    assert history.visits.counts("a") == {"succeeded": 3}
    assert history.visits.counts("b") == {"running": 1}


def test_parallel_iterations_are_distinguished_by_their_causes() -> None:
    history = History()
    foreach = history.enter("each", history.add("ExecutionStarted", "", 0))
    begun = [history.add("IterationEntered", "each", foreach) for _ in range(2)]
    inside = [history.enter("call", iteration) for iteration in begun]
    failed = history.add("StepFailed", "call", inside[1], {"error": "Wrong", "cause": "it is"})
    history.add("StepExited", "call", failed)
    assert [(visit.status, visit.error) for visit in history.visits.by_step["call"]] == [
        ("running", ""),
        ("failed", "Wrong"),
    ]
    iteration = history.add("IterationExited", "each", history.leave("call", inside[0]))
    history.leave("each", iteration)
    assert history.visits.counts("call") == {"succeeded": 1, "failed": 1}
    assert history.visits.counts("each") == {"succeeded": 1}


def test_the_attempts_of_a_task_and_its_child_are_recorded() -> None:
    history = History()
    last = history.enter("call", history.add("ExecutionStarted", "", 0))
    last = history.add("TaskScheduled", "call", last)
    last = history.add("TaskFailed", "call", last, {"error": "FC.Busy", "cause": "come again"})
    last = history.add("TaskScheduled", "call", last)
    submitted = {"output": {"FlowName": "child", "Name": "one"}}
    last = history.add("TaskSubmitted", "call", last, submitted)
    (visit,) = history.visits.by_step["call"]
    assert (visit.attempts, visit.error, visit.cause) == (2, "FC.Busy", "come again")
    assert visit.child == ("child", "one")
    history.leave("call", last)
    assert visit.status == "succeeded"


def test_the_oldest_open_visit_ends_first_if_causes_are_missing() -> None:
    history = History(tells_causes=False)
    history.enter("a", 0)
    history.enter("a", 0)
    history.leave("a", 0)
    first, second = history.visits.by_step["a"]
    assert (first.status, second.status) == ("succeeded", "running")


def test_visits_still_open_at_the_end_were_stopped() -> None:
    history = History()
    history.enter("a", history.add("ExecutionStarted", "", 0))
    history.add("ExecutionStopped", "", 0, {"error": "RunStopped", "cause": "by ann"})
    (visit,) = history.visits.by_step["a"]
    assert visit.status == "stopped"
    assert visit.left is not None
    assert history.visits.ending == {"error": "RunStopped", "cause": "by ann"}
