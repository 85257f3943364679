"""The steps of an execution, from its history, for any flow.

A step may be visited many times: in a loop, and side by side in a foreach. Each event names the
one that led to it (docs 123157), so that visits side by side are told apart.
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
        id: of the event with which it was entered.
        entered: when.
        parent: the visit that it is a part of: of a foreach, parallel or choice step.
        last: id of its latest event.
        left: when; None if it is there still.
        attempts: of a task.
        error, cause: of the latest attempt that failed.
        child: the execution that a task has started, by flow and name; empty if that is not told.
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
    """Every visit of an execution so far, by step.

    Attributes:
        seen: id of the last event that was read.
        ending: the detail of the event that ended the execution.
    """

    by_step: dict[str, list[StepVisit]] = field(default_factory=lambda: defaultdict(list))
    seen: int = 0
    ending: dict[str, Any] = field(default_factory=dict)
    _visit_of: dict[int, StepVisit | None] = field(default_factory=dict)  # by event

    def add(self, event: HistoryEvent) -> None:
        """Add the next event."""
        self.seen = event.id
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
        # What follows a step that was left belongs to what the step is a part of.
        self._visit_of[event.id] = (
            visit.parent if visit is not None and event.type == "StepExited" else visit
        )

    def counts(self, step: str) -> Counter[VisitStatus]:
        """The number of visits to a step, by status."""
        return Counter(visit.status for visit in self.by_step.get(step, ()))

    def visit(self, number: int) -> StepVisit | None:
        """The visit that was entered with an event."""
        visits = (visit for found in self.by_step.values() for visit in found)
        return next((visit for visit in visits if visit.id == number), None)

    def _enter(self, event: HistoryEvent) -> StepVisit:
        parent = self._visit_of.get(event.cause)
        visit = StepVisit(event.id, event.step, event.moment, parent, event.id)
        self.by_step[event.step].append(visit)
        return visit

    def _find(self, event: HistoryEvent) -> StepVisit | None:
        """The visit that an event belongs to; the oldest open one if its cause is unknown."""
        visit = self._visit_of.get(event.cause)
        while visit is not None and visit.step != event.step:
            visit = visit.parent
        if visit is not None:
            return visit
        visits = self.by_step.get(event.step, [])
        return next((one for one in visits if one.left is None), None)

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
    """The execution that a task has started; the event's format is not documented."""
    if isinstance(output, dict):
        names = output.get("FlowName"), output.get("Name") or output.get("ExecutionName")
        if isinstance(names[0], str) and isinstance(names[1], str):
            return names[0], names[1]
    return ()
