"""Locations in a flow: every series and step with the path of names to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fdl.tree import Choice, Flow, Foreach, Option, Parallel, Series, Step


@dataclass(frozen=True, slots=True)
class LocatedStep:
    """A step and the path of names to it."""

    where: str
    step: Step


@dataclass(frozen=True, slots=True)
class LocatedSeries:
    """A series and the path of names to it."""

    where: str
    series: Series

    def steps(self) -> Iterator[LocatedStep]:
        """The series' own steps, in order."""
        for index, step in enumerate(self.series.steps):
            name = f".{step.name}" if step.name else f"[{index}]"
            yield LocatedStep(self.where + name, step)


def options(at: LocatedStep) -> Iterator[tuple[str, Option]]:
    """The options of a choice, the default last; none of any other step."""
    if isinstance(at.step, Choice):
        for index, option in enumerate(at.step.options):
            yield f"{at.where}.choices[{index}]", option
        if at.step.default is not None:
            yield f"{at.where}.default", at.step.default


def inner_series(at: LocatedStep) -> Iterator[LocatedSeries]:
    """The series directly inside a step."""
    for where, option in options(at):
        if option.steps is not None:
            yield LocatedSeries(f"{where}.steps", option.steps)
    if isinstance(at.step, Parallel):
        for index, branch in enumerate(at.step.branches):
            yield LocatedSeries(f"{at.where}.branches[{index}].steps", branch)
    elif isinstance(at.step, Foreach):
        yield LocatedSeries(f"{at.where}.steps", at.step.steps)


def all_series(flow: Flow) -> Iterator[LocatedSeries]:
    """Every series of a flow, the outermost first."""
    yield from _series_from(LocatedSeries("steps", flow.steps))


def all_steps(*roots: LocatedStep) -> Iterator[LocatedStep]:
    """Steps and all steps in them."""
    for root in roots:
        yield root
        for series in inner_series(root):
            yield from all_steps(*series.steps())


def _series_from(series: LocatedSeries) -> Iterator[LocatedSeries]:
    yield series
    for at in series.steps():
        for inner in inner_series(at):
            yield from _series_from(inner)
