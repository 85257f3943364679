"""Estimates of when a run will be finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from oss_restore.planning.forecast.workload import Quotas
from oss_restore.runs.progress import Point, rate
from oss_restore.runs.state import RunState
from thaw.days import thaw_seconds
from thaw.outcomes import Outcome
from thaw.run_input import RunInput
from thaw.storage_classes import ARCHIVE_CLASSES
from thaw.totals import Totals

_NEW_THAWS: Final = (Outcome.REQUESTED, Outcome.ALREADY_THAWING)


@dataclass(frozen=True)
class Estimate:
    """The estimated times for a run in progress; None if unknown.

    Attributes:
        all_sent: time when everything will have been requested.
        all_readable: time when everything will be readable.
    """

    all_sent: datetime | None = None
    all_readable: datetime | None = None


def estimate(
    run: RunInput,
    totals: Totals,
    points: Sequence[Point],
    *,
    sent: bool,
    expected: int | None,
    quotas: Quotas = Quotas(),  # noqa: B008 - frozen
) -> Estimate:
    """Estimate when a run will be finished.

    Each thaw is assumed to take its tier's maximum (docs 52930), after queueing for the quota.

    Args:
        run: the run's input; a dry run requests nothing.
        totals: totals so far.
        points: number of requested objects over time.
        sent: whether everything has been requested.
        expected: number of objects to request; None if they were not counted.
        quotas: the account's quotas.
    """
    if not points or run.dry_run:
        return Estimate()
    start, last = points[0].moment, points[-1]
    if sent:
        all_sent = last.moment
    else:
        speed = rate(points)
        if expected is None or speed <= 0:
            return Estimate()
        left = max(0, expected - last.objects)
        all_sent = last.moment + timedelta(seconds=left / speed)
    growth = 1.0 if sent or not last.objects else max(1.0, (expected or 0) / last.objects)
    ends = [all_sent]
    for storage_class in ARCHIVE_CLASSES:
        outcomes: Mapping[str, int] = totals.by_class.get(storage_class, {})
        thaws = sum(outcomes.get(outcome.value, 0) for outcome in _NEW_THAWS) * growth
        if thaws:
            size = totals.bytes[storage_class] * growth
            begun = start + timedelta(seconds=quotas.thawing_seconds(storage_class, thaws, size))
            thaw = timedelta(seconds=thaw_seconds(run, storage_class))
            ends.append(max(begun, all_sent) + thaw)
    return Estimate(all_sent, max(ends))


def estimate_of(state: RunState) -> Estimate:
    """Estimate when a run will be finished; without times if it has ended."""
    if state.ended or state.run_input is None:
        return Estimate()
    return estimate(
        state.run_input,
        state.totals,
        state.submitted,
        sent=state.sent,
        expected=state.expected,
    )
