"""The graph of a flow: its steps, the edges between them, and the series inside steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final, Literal, TypeAlias

from fdl.tree import (
    ApiTarget,
    Choice,
    Constant,
    Fail,
    Flow,
    FlowTarget,
    Foreach,
    FunctionTarget,
    MessageTarget,
    Option,
    Parallel,
    Series,
    Step,
    Succeed,
    Task,
)

EdgeKind: TypeAlias = Literal["next", "goto", "catch"]

DEFAULT: Final = "default"
_START_EXECUTION: Final = "fnf:StartExecution"


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge from one step of a series to another.

    Attributes:
        source: index of the step it leaves.
        target: index of the step it leads to; the number of steps for the end of the series.
        label: the condition, or the errors caught; empty if neither applies.
        inner: index of the inner series it leaves; None if it leaves the step itself.
    """

    kind: EdgeKind
    source: int
    target: int
    label: str = ""
    inner: int | None = None

    @property
    def is_back(self) -> bool:
        """Whether it leads back to the same step or an earlier one, and so forms a loop."""
        return self.target <= self.source


@dataclass(frozen=True, slots=True)
class InnerSeries:
    """A series inside a step: an option of a choice, a branch, or the body of a foreach."""

    label: str
    series: SeriesGraph


@dataclass(frozen=True, slots=True)
class StepNode:
    """A step.

    Attributes:
        id: an id that is unique in the flow.
        kind: the step's type in FDL.
        calls: a description of what a task calls; empty for other steps.
        child_flow: name of the flow that a task starts; empty if it starts none, or if the name
            is only known at run time.
        ends: whether the series ends after this step.
        fails: whether the flow fails at this step.
    """

    id: str
    name: str
    kind: str
    calls: str = ""
    child_flow: str = ""
    inner: tuple[InnerSeries, ...] = ()
    ends: bool = False
    fails: bool = False


@dataclass(frozen=True, slots=True)
class SeriesGraph:
    """The steps of a series, and the edges between them."""

    steps: tuple[StepNode, ...]
    edges: tuple[Edge, ...]

    def walk(self) -> Iterator[StepNode]:
        """Yield all steps, including nested ones."""
        for step in self.steps:
            yield step
            for inner in step.inner:
                yield from inner.series.walk()


def graph_of(flow: Flow) -> SeriesGraph:
    """Build the graph of a flow."""
    return _series(flow.steps, "n")


def visible(text: str) -> str:
    """Escape invisible characters such as control characters and direction marks."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def _series(series: Series, prefix: str) -> SeriesGraph:
    steps = tuple(_node(step, f"{prefix}{index}") for index, step in enumerate(series.steps))
    edges = tuple(edge for index in range(len(series.steps)) for edge in _edges(series, index))
    return SeriesGraph(steps, edges)


def _node(step: Step, identity: str) -> StepNode:
    return StepNode(
        id=identity,
        name=visible(step.name),
        kind=type(step).__name__.lower(),
        calls=visible(_calls(step)) if isinstance(step, Task) else "",
        child_flow=_child_flow(step) if isinstance(step, Task) else "",
        inner=tuple(
            InnerSeries(visible(label), _series(series, f"{identity}_{number}_"))
            for number, (label, series) in enumerate(_inner(step))
        ),
        ends=step.end or isinstance(step, Succeed),
        fails=isinstance(step, Fail),
    )


def _inner(step: Step) -> Iterator[tuple[str, Series]]:
    match step:
        case Foreach():
            yield f"for each {step.item}", step.steps
        case Parallel():
            for number, branch in enumerate(step.branches, start=1):
                yield f"branch {number}", branch
        case Choice():
            for option in _options(step):
                if option.steps is not None:
                    yield _condition(option), option.steps


def _edges(series: Series, index: int) -> Iterator[Edge]:
    step = series.steps[index]
    if isinstance(step, Choice):
        yield from _choice_edges(step, series, index)
        return
    if isinstance(step, Task):
        for catch in step.catch:
            errors = visible(", ".join(catch.errors))
            yield Edge("catch", index, series.position[catch.goto], errors)
    if not step.end and not isinstance(step, Succeed | Fail):
        yield Edge("next", index, index + 1)


def _choice_edges(step: Choice, series: Series, index: int) -> Iterator[Edge]:
    inner = count()
    for option in _options(step):
        number = None if option.steps is None else next(inner)
        label = visible(_condition(option)) if number is None else ""
        if option.goto is not None:
            yield Edge("goto", index, series.position[option.goto], label, number)
        elif not step.end:
            yield Edge("next", index, index + 1, label, number)
    if step.default is None and not step.end:  # without a match the flow continues (docs 122500)
        yield Edge("next", index, index + 1, DEFAULT)


def _options(step: Choice) -> list[Option]:
    return [*step.options, *([] if step.default is None else [step.default])]


def _condition(option: Option) -> str:
    return DEFAULT if option.condition is None else option.condition.text


def _calls(step: Task) -> str:
    match step.target:
        case FunctionTarget() as target:
            return f"function {target.function}"
        case FlowTarget() as target:
            return f"flow {target.flow}"
        case MessageTarget() as target:
            return f"{target.kind.removesuffix('s')} {target.name}"
        case ApiTarget(name):
            child = _child_flow(step)
            return f"flow {child}" if child else name


def _child_flow(step: Task) -> str:
    if isinstance(step.target, FlowTarget):
        return step.target.flow
    if step.target == ApiTarget(_START_EXECUTION):
        name = (step.service_params or {}).get("FlowName")
        if isinstance(name, Constant):
            return str(name.value)
    return ""
