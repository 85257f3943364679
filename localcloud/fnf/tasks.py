"""One pass through a task step: attempts, time-outs, retries."""

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
    """Runs the task steps of one execution.

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
        """Calls until a call succeeds, or the retry policies give up.

        Args:
            step: the task.
            event: its input.
            token: for a callback.
            cursor: where the attempts are written down.

        Raises:
            StepFailure: of the last attempt.
        """
        limit = self._time_limit(step)
        if self._core.settings.switches.timeout_scope == "per_attempt":
            return await self._attempts(step, event, token, cursor, limit)
        try:
            return await self._bounded(limit, self._attempts(step, event, token, cursor, None))
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
            await self._core.clock.sleep(delay)
            if switches.retries_are_transitions == "yes":
                self._core.meters.add(FNF_TRANSITIONS)

    async def _attempt(
        self, step: Task, event: Document, token: str, cursor: EventCursor, limit: float | None
    ) -> Document:
        cursor.add(EventType.TASK_SCHEDULED, step.name, event)
        cursor.add(EventType.TASK_STARTED, step.name, EMPTY)
        try:
            result = await self._bounded(limit, self._call(step, event, token, cursor))
        except StepFailure as failure:
            cursor.add(_event_of(failure, step), step.name, failure.detail)
            raise
        cursor.add(EventType.TASK_SUCCEEDED, step.name, result)
        return result

    async def _call(self, step: Task, event: Document, token: str, cursor: EventCursor) -> Document:
        """One call, and what a fault rule makes of it."""
        fault = self._core.faults.pick("fnf", "Task", f"{self._flow}/{step.name}")
        if fault is None:
            return await self._calls.call(step, event, token, cursor)
        failure = StepFailure(fault.code, "a fault rule makes this call fail")
        if fault.kind == "error":
            raise failure
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        if fault.kind == "duplicate":
            with suppress(StepFailure):  # the service has lost this answer, so it calls again
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
        self, limit: float | None, work: Coroutine[None, None, Document]
    ) -> Document:
        if limit is None:
            return await work
        try:
            return await self._core.clock.within(limit, work)
        except TimeoutError:
            raise TaskTimeout(limit) from None


def _event_of(failure: StepFailure, step: Task) -> EventType:
    if isinstance(failure, TaskTimeout):
        return EventType.TASK_TIMED_OUT
    if isinstance(failure, SubmitFailure) and step.pattern != "requestResponse":
        return EventType.TASK_SUBMIT_FAILED
    return EventType.TASK_FAILED
