"""One execution of a flow."""

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
    """The result of a task that was called back: its output as JSON, or an error."""

    output: str | None
    error: str = ""
    cause: str = ""


@dataclass(eq=False, slots=True)
class Execution:
    """One run of a flow. It keeps its own copy of the definition (docs 122488).

    Attributes:
        input: JSON text, as it was sent.
        started_at: cloud time; ``stopped_at`` as well, None while it runs.
        output: JSON text; empty unless it succeeded (seen in post-execution-actions).
        result: the output of a succeeded one, as a document.
        depth: the number of its ancestors.
        callback_token: the task that is called back at the end.
        task: the strand that runs it, while it does.
        stopping: it has been stopped, and is about to end.
        children: flow and name of the executions that its tasks started, by the event before.
        reports: reports on its tasks, by the event in their token.
        changed: called when anything but the history has changed.
    """

    flow: str
    name: str
    definition: str
    input: str
    role_arn: str
    started_at: float
    history: EventHistory
    depth: int = 0
    callback_token: str = ""
    status: Status = "Running"
    stopped_at: float | None = None
    output: str = ""
    result: Document = field(default_factory=dict)
    error: str = ""
    cause: str = ""
    task: asyncio.Task[Document] | None = None
    stopping: bool = False
    children: dict[int, tuple[str, str]] = field(default_factory=dict)
    reports: dict[int, TaskReport] = field(default_factory=dict)
    changed: Callable[[], None] = lambda: None
    _on_end: list[Callable[[], None]] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Whether the execution has ended, successfully or not."""
        return self.status not in ("Starting", "Running")

    def succeed(self, result: Document, now: float) -> None:
        """End it with its output."""
        self.result = result
        self.output = compact(result).decode()
        self._end("Succeeded", result, now)

    def fail(
        self, status: Literal["Failed", "Stopped", "TimedOut"], error: str, cause: str, now: float
    ) -> None:
        """End it with an error."""
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
        """Cancel it and everything it runs; :meth:`wait` returns when that is done.

        Only the first call's error and cause count.
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
        """Wait for the end, for at most so many seconds of wall time."""
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
    """Filter of an execution list. Times are cloud times in seconds, both included."""

    prefix: str = ""
    status: Status | None = None
    started_from: float = float("-inf")
    started_until: float = float("inf")

    def takes(self, execution: Execution) -> bool:
        """Whether the filter accepts the execution."""
        return (
            execution.name.startswith(self.prefix)
            and self.status in (None, execution.status)
            and self.started_from <= execution.started_at <= self.started_until
        )
