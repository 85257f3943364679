"""The state of a run, shared by ``status``, ``watch``, ``start --wait`` and reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from oss_restore.language import gettext
from oss_restore.runs.counts import Counts
from oss_restore.runs.progress import Point, rate
from oss_restore.runs.result import Result
from thaw.run_input import RunInput
from thaw.standings import Standing
from thaw.totals import Totals
from thaw.verdict import Verdict


@dataclass(frozen=True)
class Alert:
    """A message that an operator should see at once.

    Attributes:
        message: a text, or if there are values a template to translate.
        values: the values of the template's fields.
    """

    moment: datetime
    message: str
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The message in the current language."""
        return gettext(self.message).format(**self.values) if self.values else self.message


@dataclass(frozen=True)
class RunState:
    """The state of a run at a moment.

    Attributes:
        result: the result of the root execution.
        verdict: the verdict on the run.
        now: the cloud's clock; for a run that has ended, its end.
        run_input: the complete input; None until it has been checked.
        totals: totals so far; for a run that has succeeded, those of its summary.
        step: the current step of the main flow.
        legs: number of executions of the main flow that have listed pages.
        shards: number of parallel listers.
        sent: whether everything has been requested.
        waiting: whether the run is waiting until everything is readable.
        submitted: number of requested objects over time.
        readable: number of objects known to be readable over time; there may be more.
        copied: number of objects with finished copies; None if nothing is copied.
        notices: alerts since the last state.
        expected: number of objects to request; None if they were not counted.
    """

    result: Result
    verdict: Verdict
    now: datetime
    run_input: RunInput | None = None
    totals: Totals = field(default_factory=Totals)
    step: str = ""
    legs: int = 1
    shards: int = 1
    sent: bool = False
    waiting: bool = False
    submitted: Sequence[Point] = ()
    readable: Sequence[Point] = ()
    copied: int | None = None
    notices: Sequence[Alert] = ()
    expected: int | None = None

    @property
    def ended(self) -> bool:
        """Whether the run has ended."""
        return self.result.execution.ended

    @property
    def counts(self) -> Counts:
        """The number of objects by result."""
        return Counts.of(self.totals)

    @property
    def readable_objects(self) -> int | None:
        """The number of objects known to be readable, exact at the end; None if unknown."""
        if self.ended and self.verdict.origin != "unknown" and self.verdict.goal == "thaw":
            return self.verdict.done
        known = [self.readable[-1].objects] if self.readable else []
        if not self.ended and self.verdict.standings.by_class:
            known.append(self.verdict.of(Standing.READABLE))
        return max(known, default=None)

    @property
    def copied_objects(self) -> int | None:
        """The number of objects with finished copies, exact at the end; None if none are made."""
        if self.ended and self.verdict.origin != "unknown" and self.verdict.goal != "thaw":
            return self.verdict.done
        return self.copied

    @property
    def rate(self) -> float:
        """The number of requested objects per second."""
        return rate(self.submitted)
