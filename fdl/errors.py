"""What can be wrong with a flow: its text, or a value at run time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a definition.

    Attributes:
        line: in the text, from 1.
        where: path of names to the place, such as ``steps.checkEnd.choices[0].condition``.
        message: what is wrong and what to do.
    """

    line: int
    where: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.where}: {self.message}"


class FlowSyntaxError(Exception):
    """The definition is not a flow. Holds every fault found, not just the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class ExpressionSyntaxError(ValueError):
    """The text is not a path or a condition of the language."""


class EvaluationError(Exception):
    """A path, mapping or condition could not be evaluated against this data."""


class MissingKeyError(EvaluationError):
    """A path names a key that the data does not have."""
