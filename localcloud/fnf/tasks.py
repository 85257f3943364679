"""One pass through a task step: attempts, time-outs, retries."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from fdl.tree import Task
from localcloud.core import Core
from localcloud.fnf.documents import Document
from localcloud.fnf.failures import TASK_TIMEOUT, StepFailure, SubmitFailure
from localcloud.fnf.history import EventType, Trail
from localcloud.fnf.retry import Retries
from localcloud.fnf.targets import Calls
from localcloud.meters import FNF_TRANSITIONS


class Tasks:
    """Runs the task steps of one execution.

    Args:
        core: settings, clock, meters, faults and randomness.
        flow: the flow's name.
        calls: makes the calls.
    """

    def __init__(self, core: Core, flow: str, calls: Calls) -> None:
        self._core = core
        self._flow = flow
        self._calls = calls

    async def run(self, step: Task, event: Document, token: str, trail: Trail) -> Document:
        """Calls until a call succeeds, or the retry policies give up.

        Args:
            step: the task.
            event: its input.
            token: for a callback.
            trail: where the attempts are written down.

        Raises:
            StepFailure: of the last attempt.
        """
        limit = self._time_limit(step)
        if limit is None or self._core.settings.switches.timeout_scope == "per_attempt":
            return await self._attempts(step, event, token, trail, limit)
        attempts = self._attempts(step, event, token, trail, None)
        try:
            return await self._core.clock.within(limit, attempts)
        except TimeoutError:
            raise self._timed_out(step, limit, trail) from None

    async def _attempts(
        self, step: Task, event: Document, token: str, trail: Trail, limit: float | None
    ) -> Document:
        switches = self._core.settings.switches
        retries = Retries(step.retry, switches, self._core.random)
        while True:
            try:
                return await self._attempt(step, event, token, trail, limit)
            except StepFailure as failure:
                delay = retries.delay_after(failure)
                if delay is None:
                    raise
            await self._core.clock.sleep(delay)
            if switches.retries_are_transitions == "yes":
                self._core.meters.add(FNF_TRANSITIONS)

    async def _attempt(
        self, step: Task, event: Document, token: str, trail: Trail, limit: float | None
    ) -> Document:
        trail.add(EventType.TASK_SCHEDULED, step.name, event)
        trail.add(EventType.TASK_STARTED, step.name, {})
        call = self._call(step, event, token, trail)
        try:
            result = await (call if limit is None else self._core.clock.within(limit, call))
        except TimeoutError:
            raise self._timed_out(step, limit or 0, trail) from None
        except StepFailure as failure:
            unsent = isinstance(failure, SubmitFailure) and step.pattern != "requestResponse"
            kind = EventType.TASK_SUBMIT_FAILED if unsent else EventType.TASK_FAILED
            trail.add(kind, step.name, failure.detail)
            raise
        trail.add(EventType.TASK_SUCCEEDED, step.name, result)
        return result

    async def _call(self, step: Task, event: Document, token: str, trail: Trail) -> Document:
        """One call, and what a fault rule makes of it."""
        fault = self._core.faults.pick("fnf", "Task", f"{self._flow}/{step.name}")
        if fault is None:
            return await self._calls.call(step, event, token, trail)
        failure = StepFailure(fault.code, "a fault rule makes this call fail")
        if fault.kind == "error":
            raise failure
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        if fault.kind == "duplicate":
            with suppress(StepFailure):  # the service has lost this answer, so it calls again
                await self._calls.call(step, event, token, trail)
        result = await self._calls.call(step, event, token, trail)
        if fault.kind == "late_error":
            raise failure
        return result

    def _time_limit(self, step: Task) -> float | None:
        if step.timeout_seconds is not None:
            return step.timeout_seconds
        default = self._core.settings.switches.default_task_timeout
        return None if default == "none" else float(default)

    def _timed_out(self, step: Task, limit: float, trail: Trail) -> StepFailure:
        failure = StepFailure(TASK_TIMEOUT, f"not done within {limit:g} seconds")
        trail.add(EventType.TASK_TIMED_OUT, step.name, failure.detail)
        return failure
