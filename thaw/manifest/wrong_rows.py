"""The rows of a manifest that name no object of the run, counted by problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from thaw.manifest.rows import WrongRow

# The flow carries the problems, and a step of it has at most 32 KiB.
_LONGEST_TEXT: Final = 60
_PROBLEMS_SHOWN: Final = 3


@dataclass
class RowProblem:
    """Rows with the same problem.

    Attributes:
        rows: the number of rows.
        harmless: whether no object is missed because of them, as with a header.
        row: the first row's number in its file, from 1; 0 if unknown.
        text: the beginning of the first row.
        advice: what to do; empty if that is obvious.
    """

    rows: int
    harmless: bool
    row: int
    text: str
    advice: str = ""

    def in_words(self, problem: str) -> str:
        """Describe the rows, as in ``row 1 (Bucket,Key) is a header``."""
        which = f"row {self.row}" if self.row else "a row"
        more = f", and {self.rows - 1:,} more like it" if self.rows > 1 else ""
        advice = f": {self.advice}" if self.advice else ""
        return f"{which} ({self.text}) {problem}{more}{advice}"


@dataclass
class WrongRows:
    """The wrong rows of a manifest or of one of its files.

    Attributes:
        problems: the rows by problem, which is worded to continue "row 7 ...".
    """

    problems: dict[str, RowProblem] = field(default_factory=dict)

    def note(self, wrong: WrongRow) -> None:
        """Count a row."""
        existing = self.problems.get(wrong.problem)
        if existing is not None:
            existing.rows += 1
            return
        text = wrong.text if len(wrong.text) <= _LONGEST_TEXT else f"{wrong.text[:_LONGEST_TEXT]}…"
        self.problems[wrong.problem] = RowProblem(1, wrong.harmless, wrong.row, text, wrong.advice)

    def add(self, other: WrongRows) -> None:
        """Add the rows of another file; the first row of each problem is kept."""
        for name, problem in other.problems.items():
            existing = self.problems.get(name)
            if existing is None:
                self.problems[name] = RowProblem(**vars(problem))
            else:
                existing.rows += problem.rows

    @property
    def all(self) -> int:
        """The number of rows."""
        return sum(problem.rows for problem in self.problems.values())

    @property
    def wrong(self) -> int:
        """The number of rows because of which an object may be missed."""
        return sum(problem.rows for problem in self.problems.values() if not problem.harmless)

    @property
    def in_words(self) -> str:
        """The problems, each with its first row, the most frequent first."""
        problems = sorted(self.problems.items(), key=lambda item: (item[1].harmless, -item[1].rows))
        shown = [problem.in_words(name) for name, problem in problems[:_PROBLEMS_SHOWN]]
        return "; ".join(shown if len(problems) <= _PROBLEMS_SHOWN else [*shown, "and others"])

    def to_json(self) -> dict[str, object]:
        """Return it as in the ledger and the summary."""
        return {name: vars(problem) for name, problem in self.problems.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> WrongRows:
        """Parse what :meth:`to_json` returned.

        Raises:
            TypeError: a field is missing or unknown.
        """
        return cls({str(name): RowProblem(**problem) for name, problem in data.items()})
