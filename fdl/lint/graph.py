"""The order in which the steps of a series may run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fdl.lint.locations import LocatedSeries, LocatedStep, options
from fdl.tree import Choice, Fail, Option, Parallel, Series, Succeed, Task


@dataclass(frozen=True, slots=True)
class Jump:
    """One goto: from the step that holds it to the step that it names."""

    where: str
    source: int
    target: int


class Graph:
    """The paths through one series. Steps are nodes by index; one more is the end.

    Attributes:
        end: the node that stands for the series' end.
        following: for each step, every node that can be reached from it.
        reachable: nodes that a run can reach.
    """

    def __init__(self, series: Series) -> None:
        self.end = len(series.steps)
        self._series = series
        self._next = [self._successors(index) for index in range(self.end)]
        self.following = [self._closure(successors) for successors in self._next]
        self.reachable = self._closure(frozenset({0}))

    @property
    def can_finish(self) -> bool:
        """Whether a run can reach the end; otherwise it always fails."""
        return self.end in self.reachable

    def before(self, node: int) -> Iterator[int]:
        """The steps that a run can reach before a node."""
        return (i for i in range(self.end) if i in self.reachable and node in self.following[i])

    def jumps(self, at: LocatedSeries) -> Iterator[Jump]:
        """Every goto of the series to a step that exists."""
        for source, step in enumerate(at.steps()):
            for where, name in _gotos(step):
                target = self._series.position.get(name)
                if target is not None:
                    yield Jump(where, source, target)

    def loop(self, jump: Jump) -> frozenset[int]:
        """The steps that a goto lets run again and again; none if it leads to no loop."""
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
                ways = (*step.options, step.default or Option(None, None, None))
                return frozenset(
                    onward if way.goto is None else self._series.position.get(way.goto, onward)
                    for way in ways
                    if way.steps is None or Graph(way.steps).can_finish
                )
            case Parallel():
                finish = all(Graph(branch).can_finish for branch in step.branches)
                return frozenset({onward} if finish else ())
        return frozenset({onward})

    def _closure(self, nodes: frozenset[int]) -> frozenset[int]:
        seen: set[int] = set()
        left = list(nodes)
        while left:
            node = left.pop()
            if node not in seen:
                seen.add(node)
                if node < self.end:
                    left.extend(self._next[node])
        return frozenset(seen)


def _gotos(at: LocatedStep) -> Iterator[tuple[str, str]]:
    for where, option in options(at):
        if option.goto is not None:
            yield f"{where}.goto", option.goto
    if isinstance(at.step, Task):
        for index, catch in enumerate(at.step.catch):
            yield f"{at.where}.catch[{index}].goto", catch.goto
