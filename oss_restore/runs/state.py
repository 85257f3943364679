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
    """Something that an operator should know at once.

    Attributes:
        message: a text, or with values one to translate.
        values: what is filled in.
    """

    moment: datetime
    message: str
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What it says, in the current language."""
        return gettext(self.message).format(**self.values) if self.values else self.message


@dataclass(frozen=True)
class RunState:
    """The state of a run at a moment.

    Attributes:
        result: of the root execution.
        verdict: on the run.
        run_input: the complete input; None until it has been checked.
        totals: what the run has come to so far; of a run that has succeeded, its summary's.
        step: the step of the main flow that it is at.
        legs: executions of the main flow that have listed; each takes over from another one, or
            goes on beside it.
        shards: listers side by side.
        sent: whether everything has been requested.
        waiting: and the run waits for it.
        submitted: objects requested over time.
        readable: objects known to be readable, over time: at least so many are.
        copied: objects whose copies are through; None where nothing is copied.
        now: by the cloud's clock; of a run that has ended, its end.
        notices: what has come up since the last look.
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
        """Whether it has ended."""
        return self.result.execution.ended

    @property
    def counts(self) -> Counts:
        """Objects by result."""
        return Counts.of(self.totals)

    @property
    def readable_objects(self) -> int | None:
        """Objects known to be readable, at the end exactly; None if unknown."""
        if self.ended and self.verdict.origin != "unknown" and self.verdict.goal == "thaw":
            return self.verdict.done
        known = [self.readable[-1].objects] if self.readable else []
        if not self.ended and self.verdict.standings.by_class:
            known.append(self.verdict.of(Standing.READABLE))
        return max(known, default=None)

    @property
    def copied_objects(self) -> int | None:
        """Objects whose copies are through, at the end exactly; None where nothing is copied."""
        if self.ended and self.verdict.origin != "unknown" and self.verdict.goal != "thaw":
            return self.verdict.done
        return self.copied

    @property
    def rate(self) -> float:
        """Objects requested per second."""
        return rate(self.submitted)
