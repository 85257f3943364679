"""The course of a run: its steps, the calls of its functions, their requests and durations.

Counts are the same in every cloud; durations follow from them and the assumed speeds. In a run with
several listers, all listers do the same amount of work, between a common start and a common end.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from infra.model.environment import FunctionName, Functions
from oss_restore.planning.forecast.page_plan import Plan
from oss_restore.planning.forecast.timing import (
    COMPARED,
    LEDGER_READERS,
    Copying,
    Looks,
    PollLoop,
    Timing,
)
from thaw.after_thaw import CopyTo
from thaw.limits import LIST_KEYS, vcpu_of
from thaw.own_work import CopyingWork, OwnWork, Speeds, paced_seconds

CALL: Final = "call"
LIST: Final = "ListObjects"
PUT: Final = "PutObject"
GET: Final = "GetObject"
RESTORE: Final = "RestoreObject"
COPY: Final = "CopyObject"  # and the requests that copy in parts
HEAD: Final = "HeadObject"
LIST_PARTS: Final = "ListParts"


@dataclass(frozen=True)
class Operations:
    """One kind of operation that a function performs in a run.

    Attributes:
        count: number of operations; for requests to OSS, only billed ones.
        seconds: time spent on these operations in all calls of the function.
    """

    count: float
    seconds: float


OperationsByKind = Mapping[str, Operations]  # by operation; CALL is the overhead of calls


@dataclass(frozen=True)
class Course:
    """The work of a run.

    Attributes:
        timing: the durations of one lister.
        polls: that lister's polls, if it waits for each page.
        awaiting: the looks while the run waits for all pages.
        last: the looks at its end.
        copies: that lister's copies; empty if it makes none.
    """

    timing: Timing
    polls: PollLoop
    awaiting: Looks
    last: Looks
    copies: Copying

    @property
    def wait_seconds(self) -> float:
        """The seconds spent waiting for thaws, once or page by page."""
        if self.copies:
            return self.timing.thawed - self.timing.submitting
        return self.polls.seconds + self.awaiting.seconds

    @property
    def ending(self) -> float:
        """The seconds from the end of the waits to the end of the run."""
        return self.last.seconds + self._summing_up

    @property
    def busy(self) -> float:
        """The seconds in which functions and flows work without waiting for a thaw or a quota."""
        polling = self.polls.looks * self.timing.looking
        looking = self.awaiting.busy + self.last.busy
        return self.timing.busy_submitting + polling + looking + self.copies.busy + self._summing_up

    @property
    def _summing_up(self) -> float:
        """The seconds for assigning pages, and for the summaries of each lister and of the run."""
        timing = self.timing
        handed = 2 * timing.leg_summary if timing.plan.shards else timing.leg_summary
        return handed + timing.run_summary

    @cached_property
    def work(self) -> OwnWork:
        """The work of the run's listers and its root."""
        plan, listers, copies = self._plan, self._plan.listers, self.copies
        return OwnWork(
            listers=listers,
            shared=plan.shards > 0,
            pages=self._pages,
            groups=listers * plan.groups,
            legs=listers * plan.legs,
            polls=listers * self.polls.looks,
            rounds=self.awaiting.rounds + self.last.rounds,
            looks=self.awaiting.calls + self.last.calls,
            looking=self.awaiting.executions + self.last.executions,
            copying=CopyingWork(
                listers,
                listers * copies.executions,
                listers * copies.plans,
                listers * copies.tasks,
            )
            if copies
            else None,
        )

    @cached_property
    def operations(self) -> Mapping[FunctionName, OperationsByKind]:
        """The operations of each function."""
        return {
            "prepareRun": self._prepare_run(),
            "listArchiveFiles": self._list_archive_files(),
            "restore": self._restore(),
            "restoreStatus": self._restore_status(),
            "summarizeRun": self._summarize_run(),
            "notifyRun": {CALL: self._calls("notifyRun", stop_checks=False)},
            **(self._copying() if self.copies else {}),
        }

    @property
    def durations(self) -> Mapping[FunctionName, float]:
        """The seconds that all calls of each function take."""
        return {
            name: sum(operation.seconds for operation in operations.values())
            for name, operations in self.operations.items()
        }

    @property
    def requests(self) -> Mapping[str, float]:
        """Requests to OSS by operation, except those that thaw or copy."""
        requests: dict[str, float] = {}
        for operations in self.operations.values():
            for kind, operation in operations.items():
                if kind not in (CALL, RESTORE, COPY):
                    requests[kind] = requests.get(kind, 0) + operation.count
        return requests

    def _prepare_run(self) -> OperationsByKind:
        partitioning, speeds = self._plan.partitioning, self._speeds
        checks = isinstance(self.timing.run.then, CopyTo)  # the destination of the copies
        return {
            CALL: self._calls("prepareRun", stop_checks=False),
            LIST: Operations(
                partitioning.listings + partitioning.looks + checks,
                partitioning.rounds * (speeds.listing + speeds.read) + checks * speeds.read,
            ),
            PUT: _each(1, speeds.write),  # the input
        }

    def _list_archive_files(self) -> OperationsByKind:
        plan, pages, speeds = self._plan, self._pages, self._speeds
        return {
            CALL: self._calls("listArchiveFiles"),
            LIST: _each(plan.listers * plan.listings, self.timing.one_listing),
            # Each page's index is read before the next page is listed, and if it was listed ahead.
            GET: _each(2 * pages - plan.listers, speeds.read),
            PUT: _each(pages, speeds.write),
        }

    def _restore(self) -> OperationsByKind:
        timing, listers, groups = self.timing, self._plan.listers, self.work.groups
        sending = groups * timing.sending
        if pace := timing.run.objects_per_second:
            paced = paced_seconds(
                timing.workload.total,
                max_keys=timing.run.max_keys,
                group_size=timing.run.group_size,
                pace=pace,
            )
            sending = max(sending, listers * paced)
        return {
            CALL: self._calls("restore"),
            RESTORE: Operations(listers * timing.workload.total, sending),
            GET: _each(groups, self._speeds.read),  # the slice
            PUT: _each(2 * groups, self._speeds.write),  # the marker and the part
        }

    def _restore_status(self) -> OperationsByKind:
        """Calculate the work of looks.

        A look at a page reads its chunk; a look that ends at a thawing object lists once.
        """
        plan, awaiting, last = self._plan, self.awaiting, self.last
        polls, read = self.work.polls, self._speeds.read
        page_listings = plan.listings / plan.pages  # of an average page
        rest = (page_listings - 1) * self._pages if polls else 0
        stopped = awaiting.stopped + polls
        passed = awaiting.passed + last.passed
        turns = awaiting.turns + last.turns
        listed = stopped + rest
        records = self._copied  # the copies recorded for each slice
        recorded = last.passed if records else 0
        return {
            CALL: self._calls("restoreStatus"),
            GET: Operations(stopped + passed + records, (stopped + turns + records) * read),
            LIST: Operations(
                listed + passed * page_listings + recorded,
                (listed + turns * page_listings) * self.timing.one_listing + recorded * read,
            ),
            PUT: _each(last.calls, self._speeds.write),  # the standings of their pages
        }

    def _copying(self) -> Mapping[FunctionName, OperationsByKind]:
        """Calculate the work of finding and copying readable objects; all time counts as CALL."""
        copies, listers = self.copies, self._plan.listers
        loads = self.timing.workload.copied.values()
        is_copy = isinstance(self.timing.run.then, CopyTo)
        large = listers * sum(load.large for load in loads)
        whole = listers * sum(load.objects for load in loads) - large
        looks, copied, kept = listers * copies.looks, self._copied, listers * copies.kept
        return {
            "planCopies": {
                CALL: Operations(self.work.calls["planCopies"], listers * copies.planning),
                GET: Operations(listers * copies.page_reads, 0),
            },
            "copyObjects": {
                CALL: Operations(self.work.calls["copyObjects"], listers * copies.copying),
                # The slice, the destination of its copies, and the copies: a sample, and the rest.
                LIST: Operations(looks + kept + copied * (3 + is_copy), 0),
                # The index, the slice.
                GET: Operations(listers * copies.tasks + looks + kept + copied, 0),
                PUT: Operations(copied + 3 * large, 0),
                COPY: Operations(listers * sum(load.requests for load in loads), 0),
                HEAD: Operations(2 * COMPARED * whole * is_copy + 3 * large, 0),
                LIST_PARTS: Operations(2 * large, 0),
            },
        }

    def _summarize_run(self) -> OperationsByKind:
        plan, speeds = self._plan, self._speeds
        # The results of each lister are read for assigning pages and for the summary.
        copies = self._copied if plan.reported else 0
        read = plan.reported + 2 * plan.shards + self.last.calls + copies
        # The run's failures, standings and age; the results of each lister, twice.
        few = 3 + (2 if plan.shards else 0)
        files = (self._pages, self.work.groups, copies) if plan.reported else ()
        reported = sum(math.ceil(count / LIST_KEYS) for count in files)
        return {
            CALL: self._calls("summarizeRun"),
            LIST: Operations(few + reported, few * speeds.read + reported * speeds.listing),
            GET: Operations(read, math.ceil(read / LEDGER_READERS) * speeds.read),
            PUT: _each(plan.shards + 3, speeds.write),  # listers' totals; a summary, two reports
        }

    def _calls(self, name: FunctionName, *, stop_checks: bool = True) -> Operations:
        """Calculate the overhead of calls.

        Most read the stop marker first, which is not billed while it does not exist.
        """
        count, speeds = self.work.calls[name], self._speeds
        return Operations(count, count * speeds.function + count * stop_checks * speeds.read)

    @property
    def _plan(self) -> Plan:
        return self.timing.plan

    @property
    def _speeds(self) -> Speeds:
        return self.timing.speeds

    @property
    def _pages(self) -> int:
        return self._plan.listers * self._plan.pages

    @property
    def _copied(self) -> int:
        """The number of copied slices, each with a record."""
        return self._plan.listers * self.copies.copied


def _each(count: float, seconds: float) -> Operations:
    return Operations(count, count * seconds)


def gb_seconds(seconds: Mapping[FunctionName, float], functions: Functions) -> float:
    """Return the memory times the duration of all calls."""
    return sum(functions.size_of(name).memory / 1024 * spent for name, spent in seconds.items())


def vcpu_seconds(seconds: Mapping[FunctionName, float], functions: Functions) -> float:
    """Return the vCPUs times the duration of all calls."""
    return sum(vcpu_of(functions.size_of(name).memory) * spent for name, spent in seconds.items())
