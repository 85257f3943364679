"""One pass through a task step: attempts, timeouts, retries."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress

from fdl.tree import Task
from localcloud.core import Core
from localcloud.fnf.documents import EMPTY, Document
from localcloud.fnf.failures import StepFailure, SubmitFailure, TaskTimeout
from localcloud.fnf.history import EventCursor, EventType
from localcloud.fnf.retry import Retries
from localcloud.fnf.targets import TaskTargets
from localcloud.meters import FNF_TRANSITIONS


class Tasks:
    """Runs the task steps of an execution.

    Args:
        core: settings, clock, meters, faults and randomness.
        flow: the flow's name, for fault rules.
        calls: makes the calls.
    """

    def __init__(self, core: Core, flow: str, calls: TaskTargets) -> None:
        self._core = core
        self._flow = flow
        self._calls = calls

    async def run(self, step: Task, event: Document, token: str, cursor: EventCursor) -> Document:
        """Make attempts until one succeeds or the retry policies are exhausted.

        Args:
            step: the task.
            event: the task's input.
            token: callback token.
            cursor: where to record the attempts.

        Raises:
            StepFailure: the failure of the last attempt.
        """
        limit, started = self._time_limit(step), cursor.moment
        if self._core.settings.switches.timeout_scope == "per_attempt":
            return await self._attempts(step, event, token, cursor, limit)
        try:
            attempts = self._attempts(step, event, token, cursor, None)
            return await self._bounded(limit, started, attempts)
        except TaskTimeout as failure:
            cursor.add(EventType.TASK_TIMED_OUT, step.name, failure.detail)
            raise

    async def _attempts(
        self, step: Task, event: Document, token: str, cursor: EventCursor, limit: float | None
    ) -> Document:
        switches = self._core.settings.switches
        retries = Retries(step.retry, switches, self._core.random)
        while True:
            try:
                return await self._attempt(step, event, token, cursor, limit)
            except StepFailure as failure:
                delay = retries.delay_after(failure)
                if delay is None:
                    raise
            if cursor.ahead:  # the retry happened before a restart
                continue
            await self._core.clock.sleep_until(cursor.moment + delay)
            if switches.retries_are_transitions == "yes":
                self._core.meters.add(FNF_TRANSITIONS)

    async def _attempt(
        self, step: Task, event: Document, token: str, cursor: EventCursor, limit: float | None
    ) -> Document:
        cursor.add(EventType.TASK_SCHEDULED, step.name, event)
        cursor.add(EventType.TASK_STARTED, step.name, EMPTY)
        outcome = cursor.pass_outcome()
        if outcome is not None:
            return self._as_before(*outcome)
        try:
            call = self._call(step, event, token, cursor)
            result = await self._bounded(limit, cursor.moment, call)
        except StepFailure as failure:
            cursor.add(_event_of(failure, step), step.name, failure.detail)
            raise
        cursor.add(EventType.TASK_SUCCEEDED, step.name, result)
        return result

    def _as_before(self, ending: EventType, detail: Document) -> Document:
        """Return the outcome of an attempt that ended before a restart."""
        if ending is EventType.TASK_SUCCEEDED:
            return detail
        error = str(detail["error"])
        both = self._core.settings.switches.exception_name == "both"
        raise StepFailure(error, str(detail["cause"]), alias=f"FC.{error}" if both else None)

    async def _call(self, step: Task, event: Document, token: str, cursor: EventCursor) -> Document:
        """Make one call, subject to fault rules."""
        fault = self._core.faults.pick("fnf", "Task", f"{self._flow}/{step.name}")
        if fault is None:
            return await self._calls.call(step, event, token, cursor)
        failure = StepFailure(fault.code, "a fault rule makes this call fail")
        if fault.kind == "error":
            raise failure
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        if fault.kind == "duplicate":
            with suppress(StepFailure):  # this response is treated as lost, so the call is repeated
                await self._calls.call(step, event, token, cursor)
        result = await self._calls.call(step, event, token, cursor)
        if fault.kind == "late_error":
            raise failure
        return result

    def _time_limit(self, step: Task) -> float | None:
        if step.timeout_seconds is not None:
            return step.timeout_seconds
        default = self._core.settings.switches.default_task_timeout
        return None if default == "none" else float(default)

    async def _bounded(
        self, limit: float | None, started: float, work: Coroutine[None, None, Document]
    ) -> Document:
        """Run the work with a time limit in seconds of cloud time, counted from a start."""
        if limit is None:
            return await work
        remaining = max(0.0, limit - (self._core.clock.now() - started))
        try:
            return await self._core.clock.within(remaining, work)
        except TimeoutError:
            raise TaskTimeout(limit) from None


def _event_of(failure: StepFailure, step: Task) -> EventType:
    if isinstance(failure, TaskTimeout):
        return EventType.TASK_TIMED_OUT
    if isinstance(failure, SubmitFailure) and step.pattern != "requestResponse":
        return EventType.TASK_SUBMIT_FAILED
    return EventType.TASK_FAILED
