"""An execution of a flow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from localcloud.clock import Clock, Waiter
from localcloud.fnf.documents import Document, compact
from localcloud.fnf.failures import detail
from localcloud.fnf.history import EventHistory, EventType

Status: TypeAlias = Literal["Starting", "Running", "Stopped", "Succeeded", "Failed", "TimedOut"]

_ENDING = {
    "Succeeded": EventType.EXECUTION_SUCCEEDED,
    "Failed": EventType.EXECUTION_FAILED,
    "Stopped": EventType.EXECUTION_STOPPED,
    "TimedOut": EventType.EXECUTION_TIMED_OUT,
}


@dataclass(frozen=True)
class TaskReport:
    """The report that a task received: its output as JSON, or an error."""

    output: str | None
    error: str = ""
    cause: str = ""


@dataclass(eq=False, slots=True)
class ExecutionState:
    """The saved state of an execution, without its history.

    Attributes:
        input: JSON text, as it was sent.
        started_at: cloud time, like ``stopped_at``, which is None while it runs.
        depth: number of ancestors.
        callback_token: token of the task to call back at the end.
        output: JSON text; empty unless it succeeded (as in post-execution-actions).
        children: flow and name of the executions that its tasks started, by the preceding event.
        reports: reports on its tasks, by the event in their tokens.
    """

    flow: str
    name: str
    definition: str
    input: str
    role_arn: str
    started_at: float
    depth: int
    callback_token: str
    status: Status
    stopped_at: float | None
    output: str
    error: str
    cause: str
    children: dict[int, tuple[str, str]]
    reports: dict[int, TaskReport]


@dataclass(eq=False, slots=True, kw_only=True)
class Execution(ExecutionState):
    """An execution, which keeps its own copy of the definition (docs 122488).

    Attributes:
        result: the output as a document, if it succeeded.
        task: the strand that runs it, while it runs.
        stopping: whether it has been stopped and is about to end.
        changed: called when anything but the history has changed.
    """

    history: EventHistory
    result: Document = field(default_factory=dict)
    task: asyncio.Task[Document] | None = None
    stopping: bool = False
    changed: Callable[[], None] = lambda: None
    _on_end: list[Callable[[], None]] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Whether the execution has ended, successfully or not."""
        return self.status not in ("Starting", "Running")

    def succeed(self, result: Document, now: float) -> None:
        """End the execution with its output."""
        self.result = result
        self.output = compact(result).decode()
        self._end("Succeeded", result, now)

    def fail(
        self, status: Literal["Failed", "Stopped", "TimedOut"], error: str, cause: str, now: float
    ) -> None:
        """End the execution with an error."""
        self.error, self.cause = error, cause
        self._end(status, detail(error, cause), now)

    def _end(self, status: Status, document: Document, now: float) -> None:
        self.status = status
        self.stopped_at = now
        self.task = None
        self.history.append(_ENDING[status], "", len(self.history), document)
        self.changed()
        watchers, self._on_end = self._on_end, []
        for notify in watchers:
            notify()

    def stop(self, clock: Clock, error: str, cause: str) -> None:
        """Cancel the execution and everything it runs; :meth:`wait` returns when that is done.

        Only the first call's error and cause are recorded.
        """
        if self.task is not None and not self.stopping:
            self.stopping = True
            self.error, self.cause = error, cause
            clock.cancel(self.task)

    async def wait(self, clock: Clock) -> None:
        """Wait for the end in cloud time. Call it from a strand that holds the clock."""
        if not self.ended:
            waiter: Waiter[None] = Waiter(clock)
            self._on_end.append(lambda: waiter.wake(None))
            await waiter.wait()

    async def poll(self, seconds: float) -> None:
        """Wait for the end, up to a number of seconds of wall time."""
        if self.ended or seconds <= 0:
            return
        end = asyncio.Event()
        self._on_end.append(end.set)
        try:
            await asyncio.wait_for(end.wait(), seconds)
        except TimeoutError:
            return
        finally:
            if end.set in self._on_end:
                self._on_end.remove(end.set)


@dataclass(frozen=True)
class ExecutionFilter:
    """A filter for executions. Times are in seconds of cloud time, inclusive."""

    prefix: str = ""
    status: Status | None = None
    started_from: float = float("-inf")
    started_until: float = float("inf")

    def takes(self, execution: Execution) -> bool:
        """Return whether the filter accepts the execution."""
        return (
            execution.name.startswith(self.prefix)
            and self.status in (None, execution.status)
            and self.started_from <= execution.started_at <= self.started_until
        )
