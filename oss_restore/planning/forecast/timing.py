"""The durations of a run's parts: requesting, waiting and summing up."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from oss_restore.language import N_
from oss_restore.planning.forecast.page_plan import Plan
from oss_restore.planning.forecast.workload import Quotas, Workload
from thaw.days import thaw_seconds
from thaw.flow_steps import PAGE_STEPS
from thaw.limits import LIST_KEYS
from thaw.own_work import Speeds
from thaw.poll_intervals import first_wait, next_wait
from thaw.run_input import RunInput

LEDGER_READERS: Final = 16  # threads of summarizeRun
COMPARED: Final = 0.01  # share of whole copies that are compared by two HeadObject requests
_MOSTLY: Final = 0.75  # share of the copying time from which a limit counts as the bottleneck


class Bound(Enum):
    """The bottleneck of a run; the value is its description."""

    THAW = N_("the thaw itself: only a faster tier shortens it")
    THAW_QUOTA = N_("the restore quota of OSS for this storage class")
    PAGES = N_("sending page after page: larger pages, more workers or several listers shorten it")
    STEPS = N_("the account's quota of workflow steps per second: larger groups need fewer steps")
    PACE = N_("objectsPerSecond in the run's input")
    COPIED_BYTES = N_("the bytes that OSS is assumed to copy per second for one account")
    COPIES = N_("the copies: each takes some time, and only so many run in parallel")
    PAGE_THAWS = N_(
        "waiting for each page to thaw before the next is sent: waitFor run avoids that"
    )


@dataclass(frozen=True)
class PollLoop:
    """The number of looks of one or more poll loops, and their total duration in seconds."""

    looks: int
    seconds: float


@dataclass(frozen=True)
class Looks:
    """Rounds of looks.

    Attributes:
        rounds: consecutive rounds, each with one more call that assigns the remaining pages.
        calls: calls in all rounds.
        stopped: calls that ended at an object that was still thawing.
        passed: pages that were looked at completely.
        turns: batches of up to four of these pages, in all calls.
        seconds: seconds since the first wait began.
        busy: seconds in which functions and flows work.
        executions: executions of the flow that looks at pages.
    """

    rounds: int = 0
    calls: int = 0
    stopped: int = 0
    passed: int = 0
    turns: int = 0
    seconds: float = 0.0
    busy: float = 0.0
    executions: int = 0


@dataclass
class Copying:
    """The copies of one lister; empty if it makes none.

    Attributes:
        executions: consecutive executions of copyFlow.
        plans: calls that plan rounds.
        page_reads: pages read by these calls.
        tasks: calls that copy.
        looks: looks at slices that were not readable yet.
        copied: looks at readable slices, which were copied.
        kept: checks of slices that wait, to keep them readable.
        planning, copying: total seconds of the calls that plan and that copy.
        busy: seconds in which there were objects to copy.
        seconds: seconds from the start of the run to the last copy.
        lags: the most seconds from readable to copied, by class.
    """

    executions: int = 0
    plans: int = 0
    page_reads: int = 0
    tasks: int = 0
    looks: int = 0
    copied: int = 0
    kept: int = 0
    planning: float = 0.0
    copying: float = 0.0
    busy: float = 0.0
    seconds: float = 0.0
    lags: dict[str, float] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.plans > 0


@dataclass(frozen=True)
class Timing:
    """The durations of one lister's work and of the steps before and after it, in seconds.

    Attributes:
        workload, run, quotas: the lister's share.
        speeds: the durations of single calls.
        plan: the lister's pages.
    """

    workload: Workload
    run: RunInput
    quotas: Quotas
    speeds: Speeds
    plan: Plan

    @property
    def submitting(self) -> float:
        """The time until everything has been requested, without waits for pages."""
        return self.first_page_listed + self.plan.pages * self.page_seconds

    @property
    def first_page_listed(self) -> float:
        """The time until the first page can be requested."""
        begun = self.run_preparation + (self.speeds.function if self.plan.shards else 0.0)
        return begun + (self.listing - self.finding if self._ahead else 0.0)

    @property
    def page_seconds(self) -> float:
        """The time for a full page."""
        return max(self._page().values())

    @property
    def thawed(self) -> float:
        """The time until the last object is readable."""
        thaws = self._thaws(self.submitting, self.workload.total)
        return self.submitting + max((seconds for seconds, _ in thaws), default=0.0)

    def page_polls(self) -> PollLoop:
        """Return the polls until each page is readable, for all pages together."""
        thaws = self._thaws(self.page_seconds, self.plan.page_objects)
        first = first_wait([name for _, name in thaws], (), self.run)
        each = self._polled(thaws, first, sent_before=0)
        return PollLoop(each.looks * self.plan.pages, each.seconds * self.plan.pages)

    def run_polls(self) -> PollLoop:
        """Return the polls until everything is readable, as if complete looks took no time."""
        thaws = self._thaws(self.submitting, self.workload.total)
        return self._polled(thaws, self.run.poll_interval, sent_before=self.submitting)

    @property
    def busy_submitting(self) -> float:
        """The time for requesting everything, without waits for a thaw or a quota."""
        pages = self.plan.pages * self._page()[Bound.PAGES]
        return self.first_page_listed + pages

    def bound(self, wait_seconds: float, copy_seconds: float) -> Bound:
        """Return the limit that would take longest if it were the only one.

        Args:
            wait_seconds: time that the run waits for thaws.
            copy_seconds: time in which there are objects to copy.
        """
        page = self._page()
        alone = {max(page, key=lambda bound: page[bound]): self.submitting}
        if self.run.wait_for == "page":
            alone[Bound.PAGE_THAWS] = wait_seconds
        elif self.run.wait_for == "run":
            for name, count in self.workload.objects.items():
                thaw = thaw_seconds(self.run, name)
                alone[Bound.THAW] = max(alone.get(Bound.THAW, 0), thaw)
                size = self.workload.bytes_of(name)
                queue = self.quotas.thawing_seconds(name, count, size)
                alone[Bound.THAW_QUOTA] = max(alone.get(Bound.THAW_QUOTA, 0), queue)
        if self.run.then is not None:
            alone = self._with_copies(alone, copy_seconds)
        return max(alone, key=lambda bound: alone[bound])

    def _with_copies(self, alone: dict[Bound, float], seconds: float) -> dict[Bound, float]:
        """Add the time for copies to that of the strictest limit on them."""
        loads = self.workload.copied.values()
        limits = {
            Bound.PACE: sum(load.objects for load in loads) / (self.run.objects_per_second or 1e9),
            Bound.COPIED_BYTES: sum(load.bytes for load in loads)
            / self.quotas.copied_bytes_per_second,
        }
        slowest = max(limits, key=lambda bound: limits[bound])
        bound = slowest if limits[slowest] >= _MOSTLY * seconds else Bound.COPIES
        return {**alone, bound: max(alone.get(bound, 0.0), seconds)}

    # Durations of the functions

    @property
    def run_preparation(self) -> float:
        """The duration of the root's ``prepareRun``."""
        partitioning = self.plan.partitioning.rounds * (self.speeds.listing + self.speeds.read)
        return self.speeds.function + partitioning + self.speeds.write

    @property
    def listing(self) -> float:
        """The duration of a ``listArchiveFiles`` that lists a page."""
        listing = self.plan.page_listings * self.one_listing
        return self.speeds.function + 2 * self.speeds.read + listing + self.speeds.write

    @property
    def finding(self) -> float:
        """The duration of a ``listArchiveFiles`` whose page was already listed."""
        return self.speeds.function + 2 * self.speeds.read

    @property
    def restoring(self) -> float:
        """The duration of a full group's ``restore``: two markers, slice, requests and part."""
        return self.speeds.function + 2 * self.speeds.read + 2 * self.speeds.write + self.sending

    @property
    def sending(self) -> float:
        """The duration of the requests of a full group, sent by its threads."""
        objects = max(1, min(self.run.group_size, self.plan.page_objects))
        return math.ceil(objects / min(self.run.workers, objects)) * self.speeds.restore

    @property
    def looking(self) -> float:
        """The duration of a ``restoreStatus`` that finds the first object still thawing."""
        return self.speeds.function + self.one_listing

    @property
    def run_summary(self) -> float:
        """The duration of the root's ``summarizeRun``, including its reports."""
        read = self.plan.reported + self.plan.shards
        reading = math.ceil(read / LEDGER_READERS) * self.speeds.read
        return self.speeds.function + reading + 3 * self.speeds.write

    @property
    def page_look(self) -> float:
        """The duration of a look at all objects of a page."""
        return self.speeds.read + self.plan.page_listings * self.one_listing

    @property
    def leg_summary(self) -> float:
        """The duration of a ``summarizeRun`` of a relay, of a shard, or between looks."""
        return self.speeds.function + (self.speeds.write if self.plan.shards else 0.0)

    @property
    def one_listing(self) -> float:
        """The duration of a ListObjects from a page's start, with the average number of keys."""
        base = self.speeds.read
        return base + (self.speeds.listing - base) * self._fullness

    @property
    def _fullness(self) -> float:
        """The average number of keys in these listings, as a fraction of the maximum of 1,000.

        Listings near the bucket's end are not full.
        """
        passed = self.workload.total + self.workload.others
        pages, per_page = self.plan.pages, passed / self.plan.pages
        full = min(pages, max(0, math.floor((passed - LIST_KEYS) / per_page) + 1))
        others = pages - full
        left = (passed - full * per_page + per_page) / 2  # the mean of the first and the last page
        return (full + others * left / LIST_KEYS) / pages

    @property
    def _ahead(self) -> bool:
        """Whether the next page is listed while the current one is being requested."""
        return self.run.wait_for != "page"

    def _page(self) -> Mapping[Bound, float]:
        """Return the minimum time for a full page under each limit."""
        at_once = min(self.quotas.foreach, self.quotas.instances)
        waves = math.ceil(self.plan.page_groups / at_once)
        pace = self.run.objects_per_second
        # The time for reading the slice counts towards the rate.
        paced = self.speeds.function + self.speeds.write + self.plan.page_objects / (pace or 1)
        steps = PAGE_STEPS * self.speeds.step

        def beside_listing(sending: float) -> float:
            if self._ahead:
                return self.finding + max(self.listing, sending) + steps
            return self.listing + sending + self.finding + steps

        return {
            Bound.PAGES: beside_listing(waves * self.restoring),
            Bound.STEPS: (PAGE_STEPS + self.plan.page_groups) / self.quotas.steps_per_second,
            Bound.PACE: beside_listing(paced) if pace else 0.0,
        }

    def _thaws(self, submitting: float, objects: int) -> list[tuple[float, str]]:
        """Return, by class, the time from the last request until its last object is readable."""
        thaws = []
        for name, count in self.workload.objects.items():
            part = objects / self.workload.total
            size = self.workload.bytes_of(name)
            queue = self.quotas.thawing_seconds(name, part * count, part * size) - submitting
            thaws.append((max(0.0, queue) + thaw_seconds(self.run, name), name))
        return sorted(thaws)

    def _polled(
        self, thaws: list[tuple[float, str]], first: float, *, sent_before: float
    ) -> PollLoop:
        """Return the poll loop after requesting, at the interval of the class still thawing."""
        looks, now = 1, first + self.looking
        for seconds, name in thaws:
            if now >= seconds + self.looking:
                continue
            requested_ago = now + sent_before
            now += next_wait(name, self.run, requested_ago=requested_ago) + self.looking
            turn = next_wait(name, self.run) + self.looking
            further = max(0, math.ceil((seconds + self.looking - now) / turn))
            looks, now = looks + 1 + further, now + further * turn
        return PollLoop(looks, now)
