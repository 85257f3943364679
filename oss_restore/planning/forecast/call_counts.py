"""How often a run does what is billed: steps, function calls, requests to OSS.

A run of several listers is as many parts, between a start and an end that they have in common.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from infra.model.environment import FunctionName, Functions
from oss_restore.planning.forecast.timing import Looks, PollLoop, Timing
from oss_restore.planning.forecast.workload import LIST_KEYS
from thaw.limits import vcpu_of
from thaw.own_work import OwnWork
from thaw.page_ranges import PAGES_AT_ONCE


@dataclass(frozen=True)
class Course:
    """What a run does.

    Attributes:
        timing: of one lister.
        polls: of that lister's pages, where each is waited for.
        awaiting: the looks of the wait for all pages.
        last: those at the end.
    """

    timing: Timing
    polls: PollLoop
    awaiting: Looks
    last: Looks

    @property
    def wait_seconds(self) -> float:
        """Waiting, be it once or page by page."""
        return self.polls.seconds + self.awaiting.seconds

    @property
    def ending(self) -> float:
        """From the end of the waits to the end of the run."""
        return self.last.seconds + self._summing_up

    @property
    def busy(self) -> float:
        """In which functions and flows are at work, and wait neither for a thaw nor for a quota."""
        polling = self.polls.looks * self.timing.looking
        looking = self.awaiting.busy + self.last.busy
        return self.timing.busy_submitting + polling + looking + self._summing_up

    @property
    def _summing_up(self) -> float:
        """Sharing pages out, and adding up: of each lister, and of all."""
        timing = self.timing
        handed = 2 * timing.leg_summary if timing.plan.shards else timing.leg_summary
        return handed + timing.run_summary

    @property
    def work(self) -> OwnWork:
        """What the run's listers and its root do."""
        made = self.timing.plan
        return OwnWork(
            listers=made.listers,
            shared=made.shards > 0,
            pages=made.listers * made.pages,
            groups=made.listers * made.groups,
            legs=made.listers * made.legs,
            polls=made.listers * self.polls.looks,
            rounds=self.awaiting.rounds + self.last.rounds,
            looks=self.awaiting.calls + self.last.calls,
            looking=self.awaiting.executions + self.last.executions,
        )

    def gb_seconds(self, functions: Functions) -> float:
        """Memory of all calls times their duration."""
        spent = self._seconds()
        return sum(functions.size_of(name).memory / 1024 * spent[name] for name in spent)

    def vcpu_seconds(self, functions: Functions) -> float:
        """The vCPU of all calls times their duration."""
        spent = self._seconds()
        return sum(vcpu_of(functions.size_of(name).memory) * spent[name] for name in spent)

    def _seconds(self) -> Mapping[FunctionName, float]:
        """What all calls of each function take together."""
        timing, called = self.timing, self.work.calls
        passed = math.ceil((self.awaiting.passed + self.last.passed) / PAGES_AT_ONCE)
        return {
            "prepareRun": timing.run_preparation
            + (called["prepareRun"] - 1) * timing.leg_preparation,
            "listArchiveFiles": called["listArchiveFiles"] / 2 * (timing.listing + timing.finding),
            "restore": called["restore"] * timing.restoring,
            "restoreStatus": called["restoreStatus"] * timing.looking
            + passed * timing.page_look
            + self.last.calls * timing.speeds.write,
            "summarizeRun": timing.run_summary + (called["summarizeRun"] - 1) * timing.leg_summary,
            "notifyRun": timing.speeds.function,
        }

    def requests(self) -> Mapping[str, float]:
        """Requests to OSS by operation; those that thaw are counted with their objects."""
        made = self.timing.plan
        pages, groups = made.listers * made.pages, made.listers * made.groups
        # A look at a page reads its chunk; one that ends at a thawing object lists once.
        looks = self.awaiting.stopped + made.listers * self.polls.looks
        passed = self.awaiting.passed + self.last.passed
        listings = pages + passed
        polled = made.listers * (self.polls.looks + (made.page_listings - 1) * self._polled_pages)
        return {
            "ListObjects": listings * made.page_listings
            + self.awaiting.stopped
            + polled
            + self._common_listings(),
            # The input; pages; tasks' marks and parts; what each lister found, and where its pages
            # stand at the end; summary, two reports.
            "PutObject": 1 + pages + 2 * groups + made.shards + self.last.calls + 3,
            # The index of each page, for listing ahead of it, and once it was listed ahead; what
            # listers found, to share pages out and to sum up.
            "GetObject": 2 * pages
            - made.listers
            + looks
            + passed
            + groups
            + made.reported
            + 2 * made.shards
            + self.last.calls,
        }

    @property
    def _polled_pages(self) -> int:
        return self.timing.plan.pages if self.polls.looks else 0

    def _common_listings(self) -> int:
        """Of the run: where to cut its keys, and the ledger."""
        made = self.timing.plan
        # Its failures, where objects stand, how old it is; what each lister found, twice; pages and
        # parts, where a report is written.
        ledger = 3
        if made.shards:
            ledger += 2
        if made.reported:
            ledger += math.ceil(made.listers * made.pages / LIST_KEYS)
            ledger += math.ceil(made.listers * made.groups / LIST_KEYS)
        return made.partitioning.listings + made.partitioning.looks + ledger
