"""Rules, their subject and their findings."""

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
Violation: TypeAlias = tuple[str, str]  # where, and what is wrong there


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding in a definition.

    Attributes:
        line: in the text, from 1.
        where: path of names to the place, such as ``steps.checkEnd.choices[0].condition``.
        rule: id of the rule.
        severity: an error breaks the flow, a warning may.
        message: what is wrong and what to do.
    """

    line: int
    where: str
    rule: str
    severity: Severity
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.severity}: {self.where}: {self.message} [{self.rule}]"


class Subject:
    """A definition, prepared for the rules.

    Attributes:
        text: of the definition.
        parsed: what the parser made of it.
        max_bytes: maximum size of the definition, as UTF-8.
        flow: the tree. Without one there are no series, steps and views.
        series: every series, the outermost first.
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
        """The parser's notes for a rule."""
        for note in self.parsed.notes:
            if note.rule == rule:
                yield note.where, note.message


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, for documentation and for use.

    Attributes:
        id: stable name, as in a finding.
        severity: of its findings.
        description: what it requires, and why.
        find: finds what breaks it. None for the parser's rules.
    """

    id: str
    severity: Severity
    description: str
    find: Callable[[Subject], Iterator[Violation]] | None = None


def rule(name: str, severity: Severity, find: Callable[[Subject], Iterator[Violation]]) -> Rule:
    """Make a rule of a function; the function's docstring is the rule's description."""
    return Rule(name, severity, " ".join((inspect.getdoc(find) or "").split()), find)
