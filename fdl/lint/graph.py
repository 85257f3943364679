"""The order in which the steps of a series may run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fdl.lint.locations import LocatedSeries, LocatedStep, options
from fdl.tree import Choice, Fail, Option, Parallel, Series, Succeed, Task


@dataclass(frozen=True, slots=True)
class Jump:
    """A goto, from the step that contains it to the step that it names."""

    where: str
    source: int
    target: int


class Graph:
    """The paths through one series. Nodes are the indices of steps, plus one for the end.

    Attributes:
        end: the node for the end of the series.
        following: the nodes that are reachable from each step.
        reachable: the nodes that an execution can reach.
    """

    def __init__(self, series: Series) -> None:
        self.end = len(series.steps)
        self._series = series
        self._next = [self._successors(index) for index in range(self.end)]
        self.following = [self._closure(successors) for successors in self._next]
        self.reachable = self._closure(frozenset({0}))

    @property
    def can_finish(self) -> bool:
        """Whether an execution can reach the end; otherwise it always fails."""
        return self.end in self.reachable

    def before(self, node: int) -> Iterator[int]:
        """Yield the steps that an execution can pass before a node."""
        return (i for i in range(self.end) if i in self.reachable and node in self.following[i])

    def jumps(self, at: LocatedSeries) -> Iterator[Jump]:
        """Yield every goto in the series to an existing step."""
        for source, step in enumerate(at.steps()):
            for where, name in _gotos(step):
                target = self._series.position.get(name)
                if target is not None:
                    yield Jump(where, source, target)

    def loop(self, jump: Jump) -> frozenset[int]:
        """Return the steps that a goto repeats; none if it does not close a loop."""
        body = frozenset(
            index
            for index in self.following[jump.target] & self.reachable - {self.end}
            if jump.target in self.following[index]
        )
        return body if jump.source in body else frozenset()

    def _successors(self, index: int) -> frozenset[int]:
        step = self._series.steps[index]
        onward = self.end if step.end else index + 1
        match step:
            case Succeed():
                return frozenset({self.end})
            case Fail():
                return frozenset()
            case Task():
                caught = (self._series.position.get(catch.goto, onward) for catch in step.catch)
                return frozenset({onward, *caught})
            case Choice():
                options = (*step.options, step.default or Option(None, None, None))
                return frozenset(
                    onward
                    if option.goto is None
                    else self._series.position.get(option.goto, onward)
                    for option in options
                    if option.steps is None or Graph(option.steps).can_finish
                )
            case Parallel():
                finish = all(Graph(branch).can_finish for branch in step.branches)
                return frozenset({onward} if finish else ())
        return frozenset({onward})

    def _closure(self, nodes: frozenset[int]) -> frozenset[int]:
        seen: set[int] = set()
        pending = list(nodes)
        while pending:
            node = pending.pop()
            if node not in seen:
                seen.add(node)
                if node < self.end:
                    pending.extend(self._next[node])
        return frozenset(seen)


def _gotos(at: LocatedStep) -> Iterator[tuple[str, str]]:
    for where, option in options(at):
        if option.goto is not None:
            yield f"{where}.goto", option.goto
    if isinstance(at.step, Task):
        for index, catch in enumerate(at.step.catch):
            yield f"{at.where}.catch[{index}].goto", catch.goto
