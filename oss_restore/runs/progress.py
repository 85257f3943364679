"""The progress of executions, event by event.

Histories are read as documented (docs 123157), with a step's own output. The number of objects that
a look found readable is only in a task's output, which is not documented; without it, the number is
unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from oss_restore.clients.flow_executions import HistoryEvent
from thaw.errors import InvalidInput
from thaw.ledger import Part
from thaw.outcomes import FAILURES
from thaw.page_ranges import PageRange
from thaw.totals import GroupCounts, Totals

_WINDOW: Final = timedelta(minutes=10)

INIT: Final = "init"
LIST: Final = "listArchiveFiles"
RESTORE: Final = "invokeRestoreFlow"
RELAY: Final = "relay"
SHARE_OUT: Final = "sharePagesOut"
AWAIT: Final = "awaitReadable"
LAST_LOOK: Final = "lastLook"
SHARDS: Final = "shardForeach"
SUMMARIZE: Final = "summarize"
SUCCESS: Final = "success"
_PLAN_COPIES: Final = "planCopies"
_LOOK: Final = "lookAtPages"
_IN_LEDGER: Final = "?"  # suffix of a group's counts that are too long and only in the ledger


@dataclass(frozen=True, order=True)
class Point:
    """A number of objects at a moment."""

    moment: datetime
    objects: int


def rate(points: Sequence[Point]) -> float:
    """Calculate the objects per second over the last ten minutes; 0 without points."""
    if not points:
        return 0.0
    last = points[-1]
    window = [point for point in points if last.moment - point.moment <= _WINDOW]
    if len(window) == 1:
        window = list(points[-2:])
    seconds = (last.moment - window[0].moment).total_seconds()
    return (last.objects - window[0].objects) / seconds if seconds > 0 else 0.0


@dataclass(frozen=True)
class FailedAttempt:
    """A failed task, which the flow retries or gives up."""

    moment: datetime
    step: str
    error: str
    cause: str

    @classmethod
    def of(cls, event: HistoryEvent) -> FailedAttempt:
        """Read a ``TaskFailed`` event."""
        error, cause = str(event.detail.get("error", "")), str(event.detail.get("cause", ""))
        return cls(event.moment, event.step, error, cause)


@dataclass(frozen=True)
class PageResults:
    """The results of the restore tasks of a page, by group."""

    page: int
    moment: datetime
    results: tuple[str, ...]

    def suspect_groups(self) -> list[int]:
        """Return the groups in which a request failed or may have failed."""
        return [group for group, text in enumerate(self.results) if _may_hold_failures(text)]

    def added_to(self, totals: Totals) -> Totals:
        """Return totals plus this page, without groups whose counts are only in the ledger."""
        known = [text for text in self.results if not text.endswith(_IN_LEDGER)]
        together = deepcopy(totals)
        together.add_results(known, _not_read)
        return together


def _not_read(_: int) -> Part:
    return Part([])


def _may_hold_failures(text: str) -> bool:
    try:
        counts = GroupCounts.parse(text.rpartition(":")[2])
    except InvalidInput:
        return True  # the counts are in the ledger
    return any(outcome in FAILURES for _, outcome in counts.outcomes)


@dataclass(kw_only=True)
class Progress:
    """The progress of an execution.

    Attributes:
        last_event: id of the last event that was read.
        failed_attempts: failed tasks since this list was last emptied.
    """

    last_event: int = 0
    failed_attempts: list[FailedAttempt] = field(default_factory=list)

    def add(self, event: HistoryEvent) -> None:
        """Add the next event."""
        self.last_event = event.id
        if event.type == "TaskFailed":
            self.failed_attempts.append(FailedAttempt.of(event))


@dataclass
class LegProgress(Progress):
    """The progress of an execution of the main flow.

    Attributes:
        totals: totals up to the current page, including its results so far.
        run: the run's complete input, once it has been checked.
        step: the current step.
        hands_over: whether it has started a relay or listers, which continue in its place.
        shares_out: whether it has started listers.
        points: totals after each step of a page.
        results: finished pages since this list was last emptied.
    """

    totals: Totals
    run: Mapping[str, Any] = field(default_factory=dict)
    step: str = ""
    hands_over: bool = False
    shares_out: bool = False
    points: list[tuple[datetime, Totals]] = field(default_factory=list)
    results: list[PageResults] = field(default_factory=list)
    _page: int = 0

    def add(self, event: HistoryEvent) -> None:
        """Add the next event."""
        super().add(event)
        if event.type == "StepEntered":
            self._entered(event.step)
        elif event.type == "StepSucceeded":
            self._succeeded(event)

    def _entered(self, step: str) -> None:
        self.step = step
        self.hands_over |= step in (RELAY, SHARDS)
        self.shares_out |= step == SHARDS

    def _succeeded(self, event: HistoryEvent) -> None:
        output = _output(event)
        if event.step == INIT:
            self.run = output.get("run") or {}
        elif event.step == LIST:
            self.totals, self._page = Totals.from_json(output.get("totals")), _page_of(output)
            self.points.append((event.moment, self.totals))
        elif event.step == RESTORE:
            page = PageResults(self._page, event.moment, tuple(output.get("results") or ()))
            self.results.append(page)
            self.totals = page.added_to(self.totals)
            self.points.append((event.moment, self.totals))


@dataclass(frozen=True)
class LookResult:
    """The result of a look at pages.

    Attributes:
        moment: time of the look.
        pages: pages that the look was to cover.
        readable: objects on the first of these pages, which are completely readable.
    """

    moment: datetime
    pages: PageRange
    readable: int


def readable_over_time(looks: Iterable[LookResult]) -> list[Point]:
    """Calculate how many objects are known to be readable after each look.

    A look replaces the results of earlier looks at its pages, since rounds join ranges.
    """
    points: list[Point] = []
    known: dict[int, int] = {}
    most = 0
    for look in sorted(looks, key=lambda look: look.moment):
        pages = look.pages
        known = {page: n for page, n in known.items() if not pages.first <= page <= pages.last}
        known[pages.first] = look.readable
        most = max(most, sum(known.values()))
        points.append(Point(look.moment, most))
    return points


@dataclass
class WaitProgress(Progress):
    """The progress of an execution of ``lookFlow`` during the wait for thaws."""

    looks: list[LookResult] = field(default_factory=list)

    def add(self, event: HistoryEvent) -> None:
        """Add the next event."""
        super().add(event)
        if event.type == "TaskSucceeded" and event.step == _LOOK:
            output = _output(event)
            readable, looked_at = output.get("readable"), output.get("lookedAt")
            if isinstance(readable, int | float) and looked_at is not None:
                pages = PageRange.parse(looked_at)
                self.looks.append(LookResult(event.moment, pages, int(readable)))


@dataclass
class CopyProgress(Progress):
    """The progress of an execution of ``copyFlow``.

    Attributes:
        lister: number of the lister whose objects it copies.
        objects: number of objects whose copies it and its predecessors have recorded.
    """

    lister: int
    objects: int = 0

    def add(self, event: HistoryEvent) -> None:
        """Add the next event."""
        super().add(event)
        if event.type == "StepSucceeded" and event.step == _PLAN_COPIES:
            self.objects = int(_output(event).get("recorded") or 0)


def _output(event: HistoryEvent) -> Mapping[str, Any]:
    output = event.detail.get("output")
    return output if isinstance(output, dict) else {}


def _page_of(output: Mapping[str, Any]) -> int:
    return int(output.get("page") or 0)
