"""Runs a flow step by step, with the semantics of FDL v1 (docs 122492 to 122501).

The order within a step is: build its input, run it, build its output, merge that into the parent's
local, continue. Documents are never modified in place, so they can be shared and stored.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias

from fdl.errors import EvaluationError
from fdl.mappings import apply_mappings, default_input
from fdl.tree import (
    Choice,
    Fail,
    FieldMapping,
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
from fdl.values import type_name
from localcloud.core import Core
from localcloud.fnf.concurrency import run_concurrently
from localcloud.fnf.documents import EMPTY, Document
from localcloud.fnf.executions import Execution
from localcloud.fnf.failures import (
    EVALUATION_ERROR,
    TOO_MANY_BRANCHES,
    StepFailure,
)
from localcloud.fnf.history import EventCursor, EventType
from localcloud.fnf.sizes import Sizes
from localcloud.fnf.tasks import Tasks
from localcloud.fnf.token_bucket import TokenBucket
from localcloud.fnf.wait_duration import seconds_to_wait
from localcloud.meters import FNF_TRANSITIONS


@dataclass(slots=True)
class SeriesScope:
    """The parent of a series: its input, and the local that the steps' outputs merge into."""

    input: Document
    input_size: int
    cursor: EventCursor
    local: Document = field(default_factory=dict)
    local_size: int = len("{}")


class StepResult(NamedTuple):
    """The result of running a step.

    Attributes:
        local: the step's own local.
        goto: the sibling to continue with, if any.
        caught: the failure that a task caught.
        output: the output, if it is not derived from the local.
    """

    local: Json
    goto: str | None = None
    caught: StepFailure | None = None
    output: Document | None = None


_NOTHING: Final = StepResult(EMPTY)
_SeriesEvents: TypeAlias = tuple[EventType, EventType]
_BRANCH: Final = (EventType.BRANCH_ENTERED, EventType.BRANCH_EXITED)
_ITERATION: Final = (EventType.ITERATION_ENTERED, EventType.ITERATION_EXITED)


class Interpreter:
    """Runs an execution.

    Args:
        core: settings, clock and meters.
        execution: the execution, whose history is written.
        flow: its parsed definition.
        tasks: runs the task steps.
        token: returns the callback token of the task that an event entered.
        step_entries: the account's token bucket for step entries.
    """

    def __init__(
        self,
        core: Core,
        execution: Execution,
        flow: Flow,
        *,
        tasks: Tasks,
        token: Callable[[int], str],
        step_entries: TokenBucket,
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
        self._sizes = Sizes(core.settings)
        self._names: Document = {
            "flow": {"name": execution.flow},
            "execution": {"name": execution.name},
        }

    async def run(self, data: Document) -> Document:
        """Run the flow on the execution's input and return the execution's output.

        Raises:
            StepFailure: a step failed and nothing caught it.
            ExecutionFailure: the execution exceeded a limit.
            TimeoutError: the flow's ``timeoutSeconds`` have passed.
        """
        limit = self._flow.timeout_seconds
        if limit is None:
            return await self._run_flow(data)
        remaining = max(0.0, limit - (self._core.clock.now() - self._execution.started_at))
        try:
            return await self._core.clock.within(remaining, self._run_flow(data))
        except TimeoutError:
            raise TimeoutError(f"not done within {limit:g} seconds") from None

    async def _run_flow(self, data: Document) -> Document:
        flow = self._flow
        cursor = EventCursor(self._execution.history)
        self._sizes.check_event(self._sizes.of(data))
        cursor.add(EventType.EXECUTION_STARTED, "", data)
        try:
            if flow.input_mappings is not None:
                data = self._evaluate(flow.input_mappings, data, EMPTY, lambda: self._names)
            scope = SeriesScope(data, self._sizes.of(data), cursor)
            await self._series(flow.steps, scope)
            output = scope.local
            if flow.output_mappings is not None:
                output = self._evaluate(
                    flow.output_mappings, data, scope.local, lambda: self._names
                )
        except EvaluationError as error:
            raise StepFailure(EVALUATION_ERROR, f"the flow's mappings: {error}") from error
        self._sizes.check_event(self._sizes.of(output))
        return output

    async def _series(self, series: Series, scope: SeriesScope) -> None:
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

    async def _step(self, step: Step, scope: SeriesScope) -> str | None:
        """Run a step; return the sibling to continue with, if any."""
        self._sizes.check_event(scope.input_size + scope.local_size)
        cursor = scope.cursor
        entered = cursor.add(EventType.STEP_ENTERED, step.name, (scope.input, scope.local))
        if not cursor.passed:
            self._core.meters.add(FNF_TRANSITIONS)
            delay = self._step_entries.delay(self._core.clock.now())
            if delay:
                await self._core.clock.sleep(delay)
        try:
            goto, output = await self._pass_through(step, scope, entered)
        except StepFailure as failure:
            cursor.add(EventType.STEP_FAILED, step.name, failure.detail)
            cursor.add(EventType.STEP_EXITED, step.name, scope.local)
            raise
        if output:
            scope.local = {**scope.local, **output}
            scope.local_size = self._sizes.of(scope.local)
            self._sizes.check_event(scope.local_size)
        cursor.add(EventType.STEP_EXITED, step.name, scope.local)
        return goto

    async def _pass_through(
        self, step: Step, scope: SeriesScope, entered: int
    ) -> tuple[str | None, Document]:
        """Map a step's input, run it, map its output; return the goto, if any, and the output."""
        cursor = scope.cursor
        try:
            data, size = self._input(step, scope, entered)
            self._sizes.check_event(size)
            cursor.add(EventType.STEP_STARTED, step.name, data)
            result = await self._run(step, data, size, cursor, entered)
            output = result.output
            if output is None:
                output = self._output(step, data, result.local, entered)
        except EvaluationError as error:
            raise StepFailure(EVALUATION_ERROR, f"step {step.name}: {error}") from error
        self._sizes.check_step(step.name, size, result.local, output)
        if result.caught is None:
            cursor.add(EventType.STEP_SUCCEEDED, step.name, output)
        else:  # assumed: the events of a caught failure are not documented
            cursor.add(EventType.STEP_FAILED, step.name, result.caught.detail)
        return result.goto, output

    def _input(self, step: Step, scope: SeriesScope, entered: int) -> tuple[Document, int]:
        """Return a step's input and its size."""
        if step.input_mappings is not None:
            data = self._mapped(step, step.input_mappings, scope.input, scope.local, entered)
        elif scope.local:
            data = default_input(scope.input, scope.local)
        else:
            return scope.input, scope.input_size
        return data, self._sizes.of(data)

    def _output(self, step: Step, data: Document, local: Json, entered: int) -> Document:
        if step.output_mappings is not None:
            return self._mapped(step, step.output_mappings, data, local, entered)
        return local if isinstance(local, dict) else EMPTY  # empty for parallel and foreach

    def _mapped(
        self,
        step: Step,
        mappings: tuple[FieldMapping, ...],
        data: Document,
        local: Json,
        entered: int,
    ) -> Document:
        def context() -> Document:
            of_step: Document = {**self._names, "step": {"eventId": entered}}
            if isinstance(step, Task):
                of_step["task"] = {"token": self._token(entered)}
            return of_step

        return self._evaluate(mappings, data, local, context)

    def _evaluate(
        self,
        mappings: tuple[FieldMapping, ...],
        data: Document,
        local: Json,
        context: Callable[[], Document],
    ) -> Document:
        return apply_mappings(
            mappings, input=data, local=local, context=context, semantics=self._semantics
        )

    async def _run(
        self, step: Step, data: Document, size: int, cursor: EventCursor, entered: int
    ) -> StepResult:
        match step:
            case Pass() | Succeed():
                return _NOTHING
            case Choice():
                return await self._choose(step, data, size, cursor)
            case Task():
                return await self._call(step, data, cursor, entered)
            case Wait():
                await self._wait(step, data, cursor)
                return _NOTHING
            case Foreach():
                return StepResult(await self._iterate(step, data, cursor))
            case Parallel():
                return StepResult(await self._branch(step, data, size, cursor))
            case Fail():
                raise StepFailure(step.error, step.cause)

    async def _call(
        self, step: Task, data: Document, cursor: EventCursor, entered: int
    ) -> StepResult:
        token = self._token(entered) if step.pattern == "waitForCallback" else ""
        try:
            return StepResult(await self._tasks.run(step, data, token, cursor))
        except StepFailure as failure:
            for catch in step.catch:
                if failure.is_one_of(catch.errors):
                    output = self._mapped(step, step.error_mappings, data, failure.detail, entered)
                    return StepResult(EMPTY, catch.goto, failure, output)
            raise

    async def _wait(self, step: Wait, data: Document, cursor: EventCursor) -> None:
        """Wait from the step's start; after a restart, only for the remaining time."""
        if cursor.ahead:
            return
        started = cursor.moment
        seconds = seconds_to_wait(
            step,
            data,
            now=started,
            longest=self._limits.wait_seconds,
            semantics=self._semantics,
        )
        await self._core.clock.sleep_until(started + seconds)

    async def _choose(
        self, step: Choice, data: Document, size: int, cursor: EventCursor
    ) -> StepResult:
        option = self._option(step, data)
        if option is None:
            return _NOTHING
        if option.steps is None:
            return StepResult(EMPTY, option.goto)
        kinds = _BRANCH if self._switches.event_counts == "upper" else None
        scope = SeriesScope(data, size, cursor)
        return StepResult(
            await self._nested_series(step.name, option.steps, scope, kinds), option.goto
        )

    def _option(self, step: Choice, data: Document) -> Option | None:
        for option in step.options:
            if option.condition is not None and option.condition.holds(data, self._semantics):
                return option
        if step.default is None and self._semantics.choice_without_default == "error":
            raise EvaluationError("no condition holds, and there is no default")
        return step.default

    async def _branch(
        self, step: Parallel, data: Document, size: int, cursor: EventCursor
    ) -> list[Json]:
        limit = self._limits.parallel_branches
        if len(step.branches) > limit:
            raise StepFailure(
                TOO_MANY_BRANCHES, f"{len(step.branches)} branches; at most {limit} may run at once"
            )
        cursors = [cursor.fork() for _ in step.branches]
        works = [
            partial(self._nested_series, step.name, branch, SeriesScope(data, size, own), _BRANCH)
            for branch, own in zip(step.branches, cursors, strict=True)
        ]
        return await self._run_concurrently(works, cursors, cursor, limit)

    async def _iterate(self, step: Foreach, data: Document, cursor: EventCursor) -> list[Json]:
        items = step.collection.read(data, self._semantics)
        if not isinstance(items, list):
            raise EvaluationError(f"a collection must be a list, found {type_name(items)}")
        if not items and self._switches.foreach_over_empty == "error":
            raise EvaluationError("the collection is empty")
        limit = self._limits.foreach_iterations
        if len(items) > limit and self._switches.foreach_over_limit == "error":
            raise StepFailure(
                TOO_MANY_BRANCHES,
                f"the collection has {len(items)} items; at most {limit} may run at once",
            )
        cursors = [cursor.fork() for _ in items]

        async def iteration(index: int) -> Document:
            own = {**data, step.item: items[index]}
            if step.index is not None:
                own[step.index] = index
            scope = SeriesScope(own, self._sizes.of(own), cursors[index])
            return await self._nested_series(step.name, step.steps, scope, _ITERATION)

        works = [partial(iteration, index) for index in range(len(items))]
        return await self._run_concurrently(works, cursors, cursor, limit)

    async def _run_concurrently(
        self,
        works: Sequence[Callable[[], Coroutine[Any, Any, Document]]],
        cursors: list[EventCursor],
        cursor: EventCursor,
        width: int,
    ) -> list[Json]:
        try:
            return [
                *await run_concurrently(
                    self._core.clock,
                    works,
                    width=width,
                    fail_fast=self._switches.failing_iteration == "cancel_others",
                )
            ]
        finally:
            cursor.last = max((own.last for own in cursors), default=cursor.last)

    async def _nested_series(
        self, step: str, series: Series, scope: SeriesScope, kinds: _SeriesEvents | None
    ) -> Document:
        """Run the series of a branch or an iteration, and return its final local."""
        if kinds is not None:
            self._sizes.check_event(scope.input_size)
            scope.cursor.add(kinds[0], step, scope.input)
        try:
            await self._series(series, scope)
        except StepFailure as failure:
            if kinds is not None:
                scope.cursor.add(kinds[1], step, failure.detail)
            raise
        if kinds is not None:
            scope.cursor.add(kinds[1], step, {"output": scope.local})
        return scope.local
