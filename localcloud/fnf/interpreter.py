"""Runs a flow: the semantics of FDL v1, step by step (docs 122492 to 122501).

The order within one step is: build its input, run it, build its output, merge that into the
parent's local, go on. Documents are never changed in place, so they can be shared and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple

from fdl.errors import EvaluationError
from fdl.mappings import apply_mappings, default_input
from fdl.tree import (
    Choice,
    Fail,
    Flow,
    Foreach,
    Json,
    Option,
    Parallel,
    Pass,
    Series,
    Step,
    Succeed,
    Task,
    Wait,
)
from localcloud.core import Core
from localcloud.fnf.concurrency import side_by_side
from localcloud.fnf.documents import EMPTY, kind_of, measure
from localcloud.fnf.executions import Execution
from localcloud.fnf.failures import (
    EVALUATION_ERROR,
    PAYLOAD_TOO_LARGE,
    TOO_MANY_BRANCHES,
    ExecutionFailure,
    StepFailure,
)
from localcloud.fnf.history import EventType, Trail
from localcloud.fnf.pacing import Bucket
from localcloud.fnf.tasks import Tasks
from localcloud.fnf.waits import seconds_to_wait
from localcloud.meters import FNF_TRANSITIONS

Document = dict[str, Json]
_EMPTY_SIZE: Final = len("{}")
_KEYS_SIZE: Final = len('{"input":,"local":}')  # what an event's detail adds, at the most


@dataclass(slots=True)
class Scope:
    """The parent of a series of steps: its input, and the local that their outputs merge into."""

    input: Document
    input_size: int
    trail: Trail
    local: Document
    local_size: int = _EMPTY_SIZE


class Run(NamedTuple):
    """What running a step came to.

    Attributes:
        local: the step's own local.
        goto: the sibling to go on with, if it says so.
        caught: the failure that a task went on from.
    """

    local: Json
    goto: str | None = None
    caught: StepFailure | None = None


class Interpreter:
    """Runs one execution.

    Args:
        core: settings, clock and meters.
        execution: what is run; its history is written.
        flow: its definition, parsed.
        tasks: runs the task steps.
        token: makes the callback token of the task that was entered with an event.
        steps_per_second: the account's bucket of step entries; None for no pacing.
    """

    def __init__(
        self,
        core: Core,
        execution: Execution,
        flow: Flow,
        *,
        tasks: Tasks,
        token: Callable[[int], str],
        step_entries: Bucket | None,
    ) -> None:
        self._core = core
        self._execution = execution
        self._flow = flow
        self._tasks = tasks
        self._token = token
        self._step_entries = step_entries
        self._limits = core.settings.limits
        self._switches = core.settings.switches
        self._semantics = core.settings.semantics
        self._size = measure(self._switches.size_measure)
        self._names: Document = {
            "flow": {"name": execution.flow},
            "execution": {"name": execution.name},
        }

    async def run(self, given: Document) -> Document:
        """Runs the flow on the execution's input and returns the execution's output.

        Raises:
            StepFailure: a step failed, and nothing caught it.
            ExecutionFailure: the execution is beyond a limit.
        """
        flow = self._flow
        trail = Trail(self._execution.history)
        self._check_event(self._size(given))
        trail.add(EventType.EXECUTION_STARTED, "", given)
        try:
            flow_input = self._map(flow.input_mappings, given, EMPTY, self._names, given)
            scope = self._scope(flow_input, self._size(flow_input), trail)
            await self._series(flow.steps, scope)
            output = self._map(flow.output_mappings, scope.input, scope.local, self._names, scope.local)
        except EvaluationError as error:
            raise StepFailure(EVALUATION_ERROR, f"the flow's mappings: {error}") from error
        self._check_event(self._size(output))
        return output

    async def _series(self, series: Series, scope: Scope) -> None:
        position = 0
        while position < len(series.steps):
            step = series.steps[position]
            goto = await self._step(step, scope)
            if goto is not None:
                position = series.position[goto]
            elif step.end or isinstance(step, Succeed):
                return
            else:
                position += 1

    async def _step(self, step: Step, scope: Scope) -> str | None:
        """Passes through one step, and returns the sibling to go on with if it names one."""
        self._check_event(scope.input_size + scope.local_size)
        trail = scope.trail
        entered = trail.add(EventType.STEP_ENTERED, step.name, (scope.input, scope.local))
        self._core.meters.add(FNF_TRANSITIONS)
        if self._step_entries is not None:
            await self._core.clock.sleep(self._step_entries.delay(self._core.clock.now()))
        try:
            try:
                goto, output = await self._inside(step, scope, entered)
            except EvaluationError as error:
                raise StepFailure(EVALUATION_ERROR, f"step {step.name}: {error}") from error
        except StepFailure as failure:
            trail.add(EventType.STEP_FAILED, step.name, failure.detail)
            trail.add(EventType.STEP_EXITED, step.name, scope.local)
            raise
        if output:
            scope.local = {**scope.local, **output}
            scope.local_size = self._size(scope.local)
            self._check_event(scope.local_size)
        trail.add(EventType.STEP_EXITED, step.name, scope.local)
        return goto

    async def _inside(self, step: Step, scope: Scope, entered: int) -> tuple[str | None, Document]:
        """Input, run, output of a step; returns where to go on, and the output."""
        trail = scope.trail
        context = self._context(step, entered)
        if step.input_mappings is None and not scope.local:
            given, size = scope.input, scope.input_size
        else:
            default = default_input(scope.input, scope.local)
            given = self._map(step.input_mappings, scope.input, scope.local, context, default)
            size = self._size(given)
        self._check_event(size)
        trail.add(EventType.STEP_STARTED, step.name, given)
        run = await self._run(step, self._scope(given, size, trail), entered)
        ...
