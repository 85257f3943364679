"""The facts in the report of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from oss_restore.language import gettext as _
from oss_restore.reporting.causes import Cause
from oss_restore.reporting.costs import Cost
from oss_restore.runs.counts import Counts
from oss_restore.runs.state import RunState
from thaw.storage_classes import ARCHIVE_CLASSES


class Verdict(StrEnum):
    """Whether a run is in progress, succeeded or failed."""

    GOOD = "good"
    BAD = "bad"
    OPEN = "open"


@dataclass(frozen=True)
class ClassFacts:
    """The results of one storage class."""

    storage_class: str
    counts: Counts
    outcomes: dict[str, int]

    @property
    def objects(self) -> int:
        """The number of its objects."""
        return sum(self.outcomes.values())


@dataclass(frozen=True)
class RunReport:
    """The report of a run.

    Attributes:
        state: of the run, with its timeline.
        causes: of what is not being thawed, those of most objects first.
        cost: None where the run's input is not known.
        prices_noted: when the prices were.
        ledger: where the run's records are.
        made: when this was put together.
    """

    state: RunState
    causes: Sequence[Cause]
    cost: Cost | None
    prices_noted: str
    ledger: str
    made: datetime

    @property
    def counts(self) -> Counts:
        """Objects by result."""
        return self.state.counts

    @property
    def dry_run(self) -> bool:
        """Whether it is a dry run."""
        given = self.state.run_input
        return given is not None and given.dry_run

    @property
    def planned(self) -> int:
        """Objects that a dry run would have requested."""
        return sum(self.state.totals.planned.values())

    @property
    def unaccounted(self) -> int:
        """Objects that were listed but have no outcome; 0 while the run is in progress."""
        return self.state.result.unaccounted

    @property
    def readable(self) -> int | None:
        """Objects in scope that are known to be readable; None if unknown."""
        return self.state.readable_objects

    @property
    def frozen_again(self) -> bool:
        """Whether the first objects froze again before the last ones were readable."""
        asked = self.counts.submitted + self.counts.under_way
        over = self.state.result.execution.status == "Succeeded"
        return over and self.readable is not None and self.readable < asked

    @property
    def classes(self) -> list[ClassFacts]:
        """Results by storage class, archive classes first."""
        found = self.state.totals.by_class
        names = [name for name in ARCHIVE_CLASSES if name in found]
        names += sorted(name for name in found if name not in ARCHIVE_CLASSES)
        return [
            ClassFacts(name, Counts.of_outcomes(found[name]), dict(found[name])) for name in names
        ]

    @property
    def verdict(self) -> Verdict:
        """The verdict in a word."""
        if not self.state.ended:
            return Verdict.OPEN
        bad = self.state.result.problems or self.frozen_again
        return Verdict.BAD if bad else Verdict.GOOD

    @property
    def sentence(self) -> str:
        """The verdict in a sentence."""
        counts, status = self.counts, self.state.result.execution.status
        if not self.state.ended:
            return _("The run is in progress: {submitted:,} objects requested so far.").format(
                submitted=counts.submitted
            )
        if status != "Succeeded":
            sentence = (
                _("The run was stopped after {submitted:,} objects.")
                if status == "Stopped"
                else _("The run failed after {submitted:,} objects.")
            )
            return sentence.format(submitted=counts.submitted)
        return self._sentence_of_success

    @property
    def _sentence_of_success(self) -> str:
        counts, archived = self.counts, self.state.totals.archived
        if self.dry_run:
            return _("Dry run: thawing would be requested for {planned:,} objects.").format(
                planned=self.planned
            )
        if self.frozen_again:
            return _(
                "{readable:,} of {archived:,} objects were readable at the end: use more days."
            ).format(readable=self.readable, archived=archived)
        if counts.unsuccessful:
            return _("{failed:,} of {archived:,} objects are not being thawed.").format(
                failed=counts.unsuccessful, archived=archived
            )
        if not archived:
            return _("There was nothing to thaw.")
        waited = self.state.run_input is None or self.state.run_input.wait_for != "none"
        return (
            _("All {archived:,} objects are readable.")
            if waited
            else _("Thawing was requested for all {archived:,} objects.")
        ).format(archived=archived)

    @property
    def started(self) -> datetime:
        """The start of the run."""
        return datetime.fromisoformat(self.state.result.execution.started_at)

    @property
    def took(self) -> timedelta:
        """The time from the start to the end, or until now."""
        return max(self.state.now - self.started, timedelta())

    @property
    def sending(self) -> timedelta | None:
        """The time from the start until everything was requested."""
        points = self.state.submitted
        return points[-1].moment - self.started if points else None

    @property
    def waiting(self) -> timedelta | None:
        """The time from then to the end."""
        return None if self.sending is None else max(self.took - self.sending, timedelta())

    @property
    def mean_rate(self) -> float | None:
        """Objects requested per second, while the run was sending."""
        if self.sending is None or not self.sending:
            return None
        return self.counts.submitted / self.sending.total_seconds()

    def to_json(self) -> dict[str, object]:
        """Convert it to JSON."""
        execution, bill = self.state.result.execution, self.cost and self.cost.bill
        return {
            "flow": execution.flow,
            "run": execution.name,
            "status": execution.status,
            "verdict": self.verdict.value,
            "started": execution.started_at,
            "stopped": execution.stopped_at,
            "error": self.state.result.error,
            "cause": self.state.result.cause,
            "input": self.state.run_input and self.state.run_input.to_json(),
            "counts": self.counts.to_json(),
            "readable": self.readable,
            "byClass": {facts.storage_class: facts.outcomes for facts in self.classes},
            "planned": dict(self.state.totals.planned) if self.dry_run else {},
            "unaccounted": self.unaccounted,
            "causes": [cause.to_json() for cause in self.causes],
            "timeline": {
                "submitted": [_point(p.moment, p.objects) for p in self.state.submitted],
                "readable": [_point(p.moment, p.objects) for p in self.state.readable],
            },
            "currency": bill and bill.currency,
            "knownMoney": bill and round(bill.known, 2),
            "bill": [asdict(item) for item in bill.items] if bill else [],
            "sized": bool(self.cost and self.cost.sized),
            "ledger": self.ledger,
        }


def _point(moment: datetime, objects: int) -> list[object]:
    return [moment.astimezone(UTC).isoformat(timespec="milliseconds"), objects]
