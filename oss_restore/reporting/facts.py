"""The facts in the report of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from oss_restore.language import gettext as _
from oss_restore.reporting.causes import Cause
from oss_restore.reporting.settings_text import after_thaw_text, settings_text
from oss_restore.reporting.verdict_text import (
    done_name,
    missed_name,
    sentence_of,
    standing_name,
)
from oss_restore.runs.counts import Counts
from oss_restore.runs.progress import Point
from oss_restore.runs.state import RunState
from oss_restore.times import utc_time
from thaw.after_thaw import Goal, goal_of
from thaw.bills import Bill
from thaw.standings import Standing, moment_text
from thaw.storage_classes import ARCHIVE_CLASSES
from thaw.verdict import ExitCode, Verdict


class Tone(StrEnum):
    """The tone in which a verdict is shown."""

    GOOD = "good"
    BAD = "bad"
    OPEN = "open"


def results_of(counts: Counts) -> dict[str, int]:
    """Return the number of objects by result, under the headings of tables."""
    return {
        _("Requested"): counts.submitted,
        _("Already thawing or readable"): counts.under_way,
        _("Refused or failed"): counts.unsuccessful,
        _("Not found"): counts.vanished,
        _("Nothing to thaw"): counts.nothing_to_do,
    }


@dataclass(frozen=True)
class ClassFacts:
    """The results of one storage class."""

    storage_class: str
    counts: Counts
    outcomes: dict[str, int]

    @property
    def objects(self) -> int:
        """The number of objects in the class."""
        return sum(self.outcomes.values())


@dataclass(frozen=True)
class RunReport:
    """The report of a run.

    Attributes:
        state: the state of the run, with its timeline.
        causes: causes of failures, those with most objects first.
        cost: cost of the run by the selected price list; None if unknown.
        ledger: URL of the run's ledger.
        made: time of the report.
        extend: command that keeps the objects readable for longer; empty if none are readable.
    """

    state: RunState
    causes: Sequence[Cause]
    cost: Bill | None
    ledger: str
    made: datetime
    extend: str = ""

    @property
    def counts(self) -> Counts:
        """The number of objects by result."""
        return self.state.counts

    @property
    def dry_run(self) -> bool:
        """Whether the run is a dry run."""
        run_input = self.state.run_input
        return run_input is not None and run_input.dry_run

    @property
    def planned(self) -> int:
        """The number of objects that a dry run would have requested."""
        return sum(self.state.totals.planned.values())

    @property
    def verdict(self) -> Verdict:
        """The verdict on the run."""
        return self.state.verdict

    @property
    def goal(self) -> Goal:
        """The goal of the run."""
        run_input = self.state.run_input
        return self.verdict.goal if run_input is None else goal_of(run_input.then)

    @property
    def done(self) -> int | None:
        """The number of objects for which the goal is achieved; None if unknown."""
        state = self.state
        return state.readable_objects if self.goal == "thaw" else state.copied_objects

    @property
    def missed(self) -> int | None:
        """The number of objects in scope for which it was not achieved; None before the end."""
        is_known = self.state.ended and self.verdict.origin != "unknown" and not self.dry_run
        return self.verdict.in_scope - self.verdict.done if is_known else None

    @property
    def done_name(self) -> str:
        """The name of the objects for which the goal is achieved."""
        return done_name(self.goal)

    @property
    def missed_name(self) -> str:
        """The name of the objects for which it is not achieved."""
        return missed_name(self.goal)

    @property
    def then(self) -> str:
        """The action after the thaw; empty if there is none."""
        run_input = self.state.run_input
        then = None if run_input is None else run_input.then
        return "" if then is None else after_thaw_text(then)

    @property
    def done_points(self) -> Sequence[Point]:
        """The number of objects for which the goal is achieved over time, exact at the end."""
        points = self.state.readable if self.goal == "thaw" else ()
        if self.missed is None or self.done is None:
            return points
        return [*points, Point(self.state.now, self.done)]

    @property
    def standings(self) -> list[tuple[str, int]]:
        """The names of standings, with their numbers of objects."""
        counts = ((standing, self.verdict.of(standing)) for standing in Standing)
        return [(standing_name(standing), count) for standing, count in counts if count]

    @property
    def classes(self) -> list[ClassFacts]:
        """The results by storage class, archive classes first."""
        outcomes = self.state.totals.by_class
        names = [name for name in ARCHIVE_CLASSES if name in outcomes]
        names += sorted(name for name in outcomes if name not in ARCHIVE_CLASSES)
        return [
            ClassFacts(name, Counts.of_outcomes(outcomes[name]), dict(outcomes[name]))
            for name in names
        ]

    @property
    def readable_until(self) -> str:
        """The expiry of the first readable copy, in ISO 8601; empty if there is none."""
        return moment_text(self.verdict.readable_until)

    @property
    def settings(self) -> str:
        """The automatically chosen settings; empty if there are none, or if unknown."""
        run = self.state.run_input
        return "" if run is None else settings_text(run)

    @property
    def tone(self) -> Tone:
        """The tone of the verdict."""
        code = self.verdict.exit_code
        if code == ExitCode.NOT_YET:
            return Tone.OPEN
        return Tone.BAD if code else Tone.GOOD

    @property
    def sentence(self) -> str:
        """The verdict as text."""
        return sentence_of(self.verdict)

    @property
    def started(self) -> datetime:
        """The start of the run."""
        return datetime.fromisoformat(self.state.result.execution.started_at)

    @property
    def took(self) -> timedelta:
        """The time from the start until the end or until now."""
        return max(self.state.now - self.started, timedelta())

    @property
    def sending(self) -> timedelta | None:
        """The time from the start until everything was requested."""
        points = self.state.submitted
        return points[-1].moment - self.started if points else None

    @property
    def waiting(self) -> timedelta | None:
        """The time from the last request until the end."""
        return None if self.sending is None else max(self.took - self.sending, timedelta())

    @property
    def mean_rate(self) -> float | None:
        """The number of objects per second while the run was sending requests."""
        if self.sending is None or not self.sending:
            return None
        return self.counts.submitted / self.sending.total_seconds()

    def to_json(self) -> dict[str, object]:
        """Convert it to JSON."""
        execution, bill = self.state.result.execution, self.cost
        return {
            "flow": execution.flow,
            "run": execution.name,
            "status": execution.status,
            "verdict": self.verdict.to_json(),
            "started": execution.started_at,
            "stopped": execution.stopped_at,
            "error": self.state.result.error,
            "cause": self.state.result.cause,
            "input": self.state.run_input and self.state.run_input.to_json(),
            "settings": self.state.run_input and self.state.run_input.settings(),
            "counts": self.counts.to_json(),
            "readable": self.state.readable_objects,
            "copied": self.state.copied_objects,
            "byClass": {facts.storage_class: facts.outcomes for facts in self.classes},
            "planned": dict(self.state.totals.planned) if self.dry_run else {},
            "unaccounted": self.verdict.unaccounted,
            "causes": [cause.to_json() for cause in self.causes],
            "timeline": {
                "submitted": [_point(p.moment, p.objects) for p in self.state.submitted],
                "readable": [_point(p.moment, p.objects) for p in self.state.readable],
            },
            "currency": bill and bill.currency,
            "knownMoney": bill and round(bill.known, 2),
            "cost": bill and str(bill.total),
            "bill": [asdict(item) for item in bill.items] if bill else [],
            "ledger": self.ledger,
            "extend": self.extend,
        }


def _point(moment: datetime, objects: int) -> list[object]:
    return [utc_time(moment, "milliseconds"), objects]
