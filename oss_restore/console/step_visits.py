"""The steps of an execution of any flow, from its history.

A step may be visited many times: in a loop, and in parallel in a foreach. Parallel visits are
distinguished by the events' causes (docs 123157).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from oss_restore.clients.flow_executions import HistoryEvent

VisitStatus: TypeAlias = Literal["running", "succeeded", "failed", "stopped"]

_FAILED_ATTEMPTS: Final = frozenset({"TaskFailed", "TaskTimedOut", "TaskSubmitFailed"})


@dataclass
class StepVisit:
    """One visit of an execution to a step.

    Attributes:
        id: id of the event with which the step was entered.
        step: name of the step.
        entered: time when the step was entered.
        parent: the visit to the foreach, parallel or choice step that contains it.
        last: id of its latest event.
        left: time when the step was left; None if it was not.
        attempts: number of attempts of a task.
        error, cause: error and cause of the last failed attempt.
        child: flow and name of the execution that a task has started; empty if unknown.
    """

    id: int
    step: str
    entered: datetime
    parent: StepVisit | None
    last: int
    left: datetime | None = None
    status: VisitStatus = "running"
    attempts: int = 0
    error: str = ""
    cause: str = ""
    child: tuple[str, str] | tuple[()] = ()


@dataclass
class StepVisits:
    """All visits of an execution so far.

    Attributes:
        by_step: the visits by step, in order.
        last_event: id of the last event that was read.
        ending: the detail of the event that ended the execution.
    """

    by_step: dict[str, list[StepVisit]] = field(default_factory=lambda: defaultdict(list))
    last_event: int = 0
    ending: dict[str, Any] = field(default_factory=dict)
    _visit_of: dict[int, StepVisit | None] = field(default_factory=dict)  # by event

    def add(self, event: HistoryEvent) -> None:
        """Add the next event."""
        self.last_event = event.id
        if event.type.startswith("Execution"):
            if event.type != "ExecutionStarted":
                self._end(event)
            self._visit_of[event.id] = None
            return
        if event.type == "StepEntered":
            visit: StepVisit | None = self._enter(event)
        else:
            visit = self._find(event)
        if visit is not None:
            visit.last = event.id
            _update(visit, event)
        # Events after a step was left belong to the visit that contains it.
        self._visit_of[event.id] = (
            visit.parent if visit is not None and event.type == "StepExited" else visit
        )

    def counts(self, step: str) -> Counter[VisitStatus]:
        """Return the number of visits to a step, by status."""
        return Counter(visit.status for visit in self.by_step.get(step, ()))

    def visit(self, number: int) -> StepVisit | None:
        """Return the visit that was entered with an event."""
        visits = (visit for of_step in self.by_step.values() for visit in of_step)
        return next((visit for visit in visits if visit.id == number), None)

    def _enter(self, event: HistoryEvent) -> StepVisit:
        parent = self._visit_of.get(event.cause)
        visit = StepVisit(event.id, event.step, event.moment, parent, event.id)
        self.by_step[event.step].append(visit)
        return visit

    def _find(self, event: HistoryEvent) -> StepVisit | None:
        """Return the visit of an event; the oldest open one if the cause is unknown."""
        visit = self._visit_of.get(event.cause)
        while visit is not None and visit.step != event.step:
            visit = visit.parent
        if visit is not None:
            return visit
        visits = self.by_step.get(event.step, [])
        return next((visit for visit in visits if visit.left is None), None)

    def _end(self, event: HistoryEvent) -> None:
        self.ending = event.detail
        for visits in self.by_step.values():
            for visit in visits:
                if visit.left is None:
                    visit.left = event.moment
                    visit.status = "stopped" if visit.status == "running" else visit.status


def _update(visit: StepVisit, event: HistoryEvent) -> None:
    if event.type == "TaskScheduled":
        visit.attempts += 1
    elif event.type in _FAILED_ATTEMPTS or event.type == "StepFailed":
        visit.error = str(event.detail.get("error") or visit.error)
        visit.cause = str(event.detail.get("cause") or visit.cause)
        if event.type == "StepFailed":
            visit.status = "failed"
    elif event.type == "TaskSubmitted":
        visit.child = _child(event.detail.get("output"))
    elif event.type == "StepSucceeded":
        visit.status = "succeeded"
    elif event.type == "StepExited":
        visit.left = event.moment
        if visit.status == "running":
            visit.status = "succeeded"


def _child(output: object) -> tuple[str, str] | tuple[()]:
    """Return the execution that a task has started; the event's format is not documented."""
    if isinstance(output, dict):
        names = output.get("FlowName"), output.get("Name") or output.get("ExecutionName")
        if isinstance(names[0], str) and isinstance(names[1], str):
            return names[0], names[1]
    return ()
