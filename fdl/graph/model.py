"""The graph of a flow: its steps, what follows what, and the series inside steps."""

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

WayKind: TypeAlias = Literal["next", "goto", "catch"]

DEFAULT: Final = "default"
_START_EXECUTION: Final = "fnf:StartExecution"


@dataclass(frozen=True, slots=True)
class Way:
    """From one step of a series to another.

    Attributes:
        source: index of the step that it leaves.
        target: index of the step that it leads to; the number of steps for the end of the series.
        label: the condition, or the errors that are caught; empty where it needs none.
        inner: index of the option's steps that it leaves, in the step; None for the step itself.
    """

    kind: WayKind
    source: int
    target: int
    label: str = ""
    inner: int | None = None

    @property
    def is_back(self) -> bool:
        """Whether it leads to the step itself or to one before it: a loop."""
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
        id: unique in the flow.
        kind: its type in FDL.
        calls: what a task calls, in words; empty for others.
        child_flow: name of the flow that a task starts; empty if it starts none, or if the name
            is only known when it runs.
        ends: whether its series ends after it.
        fails: whether the flow fails there.
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
    """The steps of a series, and the ways between them."""

    steps: tuple[StepNode, ...]
    ways: tuple[Way, ...]

    def walk(self) -> Iterator[StepNode]:
        """All steps, those inside others too."""
        for step in self.steps:
            yield step
            for inner in step.inner:
                yield from inner.series.walk()


def graph_of(flow: Flow) -> SeriesGraph:
    """The graph of a flow."""
    return _series(flow.steps, "n")


def visible(text: str) -> str:
    """Escape what cannot be seen in a text: control characters, direction marks."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def _series(series: Series, prefix: str) -> SeriesGraph:
    steps = tuple(_node(step, f"{prefix}{index}") for index, step in enumerate(series.steps))
    ways = tuple(way for index in range(len(series.steps)) for way in _ways(series, index))
    return SeriesGraph(steps, ways)


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


def _ways(series: Series, index: int) -> Iterator[Way]:
    step = series.steps[index]
    if isinstance(step, Choice):
        yield from _choice_ways(step, series, index)
        return
    if isinstance(step, Task):
        for catch in step.catch:
            errors = visible(", ".join(catch.errors))
            yield Way("catch", index, series.position[catch.goto], errors)
    if not step.end and not isinstance(step, Succeed | Fail):
        yield Way("next", index, index + 1)


def _choice_ways(step: Choice, series: Series, index: int) -> Iterator[Way]:
    inner = count()
    for option in _options(step):
        number = None if option.steps is None else next(inner)
        label = visible(_condition(option)) if number is None else ""
        if option.goto is not None:
            yield Way("goto", index, series.position[option.goto], label, number)
        elif not step.end:
            yield Way("next", index, index + 1, label, number)
    if step.default is None and not step.end:  # no condition holds: it goes on (docs 122500)
        yield Way("next", index, index + 1, DEFAULT)


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
