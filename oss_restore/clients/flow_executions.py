"""Flows and their executions, as described by Serverless Workflow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Status = Literal["Starting", "Running", "Stopped", "Succeeded", "Failed", "TimedOut"]
ENDED: frozenset[str] = frozenset({"Stopped", "Succeeded", "Failed", "TimedOut"})


@dataclass(frozen=True)
class FlowExecution:
    """An execution, as returned by DescribeExecution."""

    flow: str
    name: str
    status: str
    input: str
    output: str
    started_at: str
    stopped_at: str

    @property
    def ended(self) -> bool:
        """Whether the execution has ended."""
        return self.status in ENDED

    @property
    def seconds(self) -> float:
        """The duration in seconds; 0 while the execution is in progress."""
        if not self.stopped_at:
            return 0.0
        started, stopped = map(datetime.fromisoformat, (self.started_at, self.stopped_at))
        return (stopped - started).total_seconds()


@dataclass(frozen=True)
class FlowDescription:
    """A flow, as returned by DescribeFlow."""

    definition: str
    role_arn: str


@dataclass(frozen=True)
class HistoryEvent:
    """An event of an execution's history.

    Attributes:
        detail: the parsed EventDetail.
        cause: id of the event that led to it; 0 if there is none (docs 123157, ScheduleEventId).
    """

    id: int
    step: str
    type: str
    detail: dict[str, Any]
    moment: datetime
    cause: int = 0
