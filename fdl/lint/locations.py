"""Locations in a flow: every series and step with its dotted path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fdl.tree import Choice, Flow, Foreach, Option, Parallel, Series, Step


@dataclass(frozen=True, slots=True)
class LocatedStep:
    """A step and its dotted path."""

    where: str
    step: Step


@dataclass(frozen=True, slots=True)
class LocatedSeries:
    """A series and its dotted path."""

    where: str
    series: Series

    def steps(self) -> Iterator[LocatedStep]:
        """Yield the series' direct steps, in order."""
        for index, step in enumerate(self.series.steps):
            name = f".{step.name}" if step.name else f"[{index}]"
            yield LocatedStep(self.where + name, step)


def options(at: LocatedStep) -> Iterator[tuple[str, Option]]:
    """Yield a choice's options, with the default last; nothing for other steps."""
    if isinstance(at.step, Choice):
        for index, option in enumerate(at.step.options):
            yield f"{at.where}.choices[{index}]", option
        if at.step.default is not None:
            yield f"{at.where}.default", at.step.default


def inner_series(at: LocatedStep) -> Iterator[LocatedSeries]:
    """Yield the series directly inside a step."""
    for where, option in options(at):
        if option.steps is not None:
            yield LocatedSeries(f"{where}.steps", option.steps)
    if isinstance(at.step, Parallel):
        for index, branch in enumerate(at.step.branches):
            yield LocatedSeries(f"{at.where}.branches[{index}].steps", branch)
    elif isinstance(at.step, Foreach):
        yield LocatedSeries(f"{at.where}.steps", at.step.steps)


def all_series(flow: Flow) -> Iterator[LocatedSeries]:
    """Yield every series of a flow, outermost first."""
    yield from _series_from(LocatedSeries("steps", flow.steps))


def all_steps(*roots: LocatedStep) -> Iterator[LocatedStep]:
    """Yield the steps and all steps nested in them."""
    for root in roots:
        yield root
        for series in inner_series(root):
            yield from all_steps(*series.steps())


def _series_from(series: LocatedSeries) -> Iterator[LocatedSeries]:
    yield series
    for at in series.steps():
        for inner in inner_series(at):
            yield from _series_from(inner)
