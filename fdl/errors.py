"""Errors in a flow definition, or in a value at run time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

SyntaxRule: TypeAlias = Literal[
    "yaml",
    "unknown-field",
    "missing-field",
    "wrong-type",
    "bad-value",
    "bad-path",
    "bad-condition",
    "bad-arn",
    "goto-no-sibling",
    "duplicate-name",
    "not-supported",
]

SYNTAX_RULES: Mapping[SyntaxRule, str] = MappingProxyType(
    {
        "yaml": "The text is one YAML document of plain values: no tags, each key once.",
        "unknown-field": "The language has no such field here (the schema forbids extra ones).",
        "missing-field": "A required field is missing.",
        "wrong-type": "A field's value is not of the type that the language requires.",
        "bad-value": "A field's value is outside what the language allows.",
        "bad-path": "A path does not parse, or starts with a root that is not allowed here.",
        "bad-condition": "A condition does not parse, or uses undocumented operators.",
        "bad-arn": "A resourceArn or action names something that a task cannot call.",
        "goto-no-sibling": "A goto may only name a step in the same series as its own step.",
        "duplicate-name": "Every step of a flow, including nested ones, needs a unique name.",
        "not-supported": "The schema allows it, but no documentation describes what it does.",
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a definition.

    Attributes:
        line: line number in the text, from 1.
        where: dotted path to the location, such as ``steps.checkEnd.choices[0].condition``.
        message: what is wrong and how to fix it.
        rule: stable id of the broken rule.
    """

    line: int
    where: str
    message: str
    rule: str = "bad-value"

    def __str__(self) -> str:
        return f"line {self.line}: {self.where}: {self.message}"


class FlowSyntaxError(Exception):
    """The definition is not a valid flow. Holds every problem found, not just the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class ExpressionSyntaxError(ValueError):
    """The string is not a valid path or condition."""


class TargetSyntaxError(ValueError):
    """The string does not name a target that a task can call."""


class EvaluationError(Exception):
    """A path, mapping or condition cannot be evaluated against this data."""


class MissingKeyError(EvaluationError):
    """A path names a key that the data does not have."""
