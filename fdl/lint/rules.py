"""Rules, the definition they check, and their findings."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from fdl.lint.keys import View, views
from fdl.lint.locations import LocatedSeries, LocatedStep, all_series
from fdl.parse import Parsed
from fdl.tree import Flow

Severity: TypeAlias = Literal["error", "warning"]
Violation: TypeAlias = tuple[str, str]  # location, and what is wrong there


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding in a definition.

    Attributes:
        line: line number in the text, from 1.
        where: dotted path to the location, such as ``steps.checkEnd.choices[0].condition``.
        rule: id of the rule.
        severity: an error breaks the flow, a warning may.
        message: what is wrong and how to fix it.
    """

    line: int
    where: str
    rule: str
    severity: Severity
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.severity}: {self.where}: {self.message} [{self.rule}]"


class Subject:
    """A definition prepared for the rules.

    Attributes:
        text: the definition.
        parsed: the parser's result.
        max_bytes: maximum size of the definition as UTF-8.
        flow: the tree; without one there are no series, steps or views.
        series: every series, outermost first.
        steps: every step.
        views: the data that each reachable step may see.
    """

    def __init__(self, text: str, parsed: Parsed, max_bytes: int) -> None:
        self.text = text
        self.parsed = parsed
        self.max_bytes = max_bytes
        self.flow: Flow | None = parsed.flow
        self.series: tuple[LocatedSeries, ...] = ()
        self.views: tuple[View, ...] = ()
        if parsed.flow is not None:
            self.series = tuple(all_series(parsed.flow))
            self.views = tuple(views(parsed.flow))
        self.steps: tuple[LocatedStep, ...] = tuple(
            step for series in self.series for step in series.steps()
        )

    def noted(self, rule: str) -> Iterator[Violation]:
        """Yield the parser's notes for a rule."""
        for note in self.parsed.notes:
            if note.rule == rule:
                yield note.where, note.message


@dataclass(frozen=True, slots=True)
class Rule:
    """A lint rule.

    Attributes:
        id: stable name that findings refer to.
        severity: severity of its findings.
        description: what it requires and why.
        find: yields the violations; None for rules that the parser checks.
    """

    id: str
    severity: Severity
    description: str
    find: Callable[[Subject], Iterator[Violation]] | None = None


def rule(name: str, severity: Severity, find: Callable[[Subject], Iterator[Violation]]) -> Rule:
    """Make a rule from a function, with the function's docstring as its description."""
    return Rule(name, severity, " ".join((inspect.getdoc(find) or "").split()), find)
