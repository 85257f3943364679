"""What each function of a run does: its calls, its requests to OSS, and the seconds they take.

Counts hold wherever a run goes; seconds follow from them by the speeds that are assumed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from infra.model.environment import FunctionName, Functions
from oss_restore.planning.forecast.copy_turns import COMPARED, Copying
from oss_restore.planning.forecast.page_plan import Plan
from oss_restore.planning.forecast.timing import Looks, PollLoop, Timing
from thaw.after_thaw import CopyTo
from thaw.limits import LIST_KEYS, vcpu_of
from thaw.own_work import OwnWork, Speeds, paced_seconds

CALL: Final = "call"
LIST: Final = "ListObjects"
PUT: Final = "PutObject"
GET: Final = "GetObject"
RESTORE: Final = "RestoreObject"
COPY: Final = "CopyObject"  # and the requests that copy in parts
HEAD: Final = "HeadObject"
LIST_PARTS: Final = "ListParts"

_LEDGER_READERS: Final = 16  # threads of summarizeRun


@dataclass(frozen=True)
class Effort:
    """One kind of thing that a function does in a run.

    Attributes:
        count: how often; of requests to OSS, those that are billed.
        seconds: that this takes of its calls' duration, in all calls together.
    """

    count: float
    seconds: float


Efforts = Mapping[str, Effort]  # by CALL, which is what a call takes beside requests, or operation


@dataclass(frozen=True)
class FunctionCalls:
    """The calls of all functions in a run.

    Attributes:
        timing: of one lister.
        work: of all of them, and of the run's root.
        polls: of one lister's pages, where each is waited for.
        awaiting: the looks of the wait for all pages.
        last: those at the end.
        copies: of one lister, where any are made.
    """

    timing: Timing
    work: OwnWork
    polls: PollLoop
    awaiting: Looks
    last: Looks
    copies: Copying | None = None

    def efforts(self) -> Mapping[FunctionName, Efforts]:
        """What each function does."""
        return {
            "prepareRun": self._prepare_run(),
            "listArchiveFiles": self._list_archive_files(),
            "restore": self._restore(),
            "restoreStatus": self._restore_status(),
            "summarizeRun": self._summarize_run(),
            "notifyRun": {CALL: self._calls("notifyRun")},
            **({} if self.copies is None else self._copying(self.copies)),
        }

    def requests(self) -> Mapping[str, float]:
        """Requests to OSS by operation; those that thaw or copy are counted with them."""
        requests: dict[str, float] = {}
        for efforts in self.efforts().values():
            for kind, effort in efforts.items():
                if kind not in (CALL, RESTORE, COPY):
                    requests[kind] = requests.get(kind, 0) + effort.count
        return requests

    def _prepare_run(self) -> Efforts:
        cutting, speeds = self._plan.partitioning, self._speeds
        checks = isinstance(self.timing.run.then, CopyTo)  # where copies go
        return {
            CALL: self._calls("prepareRun"),
            LIST: Effort(
                cutting.listings + cutting.looks + checks,
                cutting.rounds * (speeds.listing + speeds.read) + checks * speeds.read,
            ),
            PUT: self._writes(1),  # the input
        }

    def _list_archive_files(self) -> Efforts:
        pages, listers = self._pages, self._plan.listers
        return {
            CALL: self._calls("listArchiveFiles", stop_checks=2 * pages),
            LIST: self._listings(pages * self._plan.page_listings),
            # The index of each page: for listing ahead of it, and once it was listed ahead.
            GET: self._reads(2 * pages - listers),
            PUT: self._writes(pages),
        }

    def _restore(self) -> Efforts:
        timing, plan = self.timing, self._plan
        groups = plan.listers * plan.groups
        sending = groups * timing.sending
        if pace := timing.run.objects_per_second:
            paced = paced_seconds(
                timing.workload.total,
                max_keys=timing.run.max_keys,
                group_size=timing.run.group_size,
                pace=pace,
            )
            sending = max(sending, plan.listers * paced)
        return {
            CALL: self._calls("restore", stop_checks=groups),
            RESTORE: Effort(plan.listers * timing.workload.total, sending),
            GET: self._reads(groups),  # its slice
            PUT: self._writes(2 * groups),  # its mark, its part
        }

    def _restore_status(self) -> Efforts:
        """A look at a page reads its chunk; one that ends at a thawing object lists once."""
        plan, awaiting, last = self._plan, self.awaiting, self.last
        polls = plan.listers * self.polls.looks
        rest = (plan.page_listings - 1) * plan.listers * plan.pages if polls else 0
        stopped = awaiting.stopped + polls
        passed = awaiting.passed + last.passed
        turns = awaiting.turns + last.turns
        listed = stopped + rest
        # What was recorded of each page's copies.
        records = 0 if self.copies is None else plan.listers * self.copies.copied
        recorded = last.passed if records else 0
        return {
            CALL: self._calls("restoreStatus", stop_checks=self.work.calls["restoreStatus"]),
            GET: Effort(
                stopped + passed + records, (stopped + turns + records) * self._speeds.read
            ),
            LIST: Effort(
                listed + passed * plan.page_listings + recorded,
                (listed + turns * plan.page_listings) * self.timing.one_listing
                + recorded * self._speeds.read,
            ),
            PUT: self._writes(last.calls),  # where their pages stand
        }

    def _copying(self, copies: Copying) -> Mapping[FunctionName, Efforts]:
        """Finding what is readable, and copying it; ``copies`` has the seconds of all of that."""
        listers, loads = self._plan.listers, self.timing.workload.copied.values()
        is_copy = isinstance(self.timing.run.then, CopyTo)
        large = listers * sum(load.large for load in loads)
        whole = listers * sum(load.objects for load in loads) - large
        looks, copied = listers * copies.looks, listers * copies.copied
        return {
            "planCopies": {
                CALL: Effort(self.work.calls["planCopies"], listers * copies.planning),
                GET: Effort(listers * copies.page_reads, 0),
            },
            "copyObjects": {
                CALL: Effort(self.work.calls["copyObjects"], listers * copies.copying),
                # The slice, where its copies go, and what is there then.
                LIST: Effort(looks + copied * (2 + is_copy), 0),
                GET: Effort(listers * copies.tasks + looks + copied, 0),  # the index, the slice
                PUT: Effort(copied + 3 * large, 0),
                COPY: Effort(listers * sum(load.requests for load in loads), 0),
                HEAD: Effort(2 * COMPARED * whole * is_copy + 3 * large, 0),
                LIST_PARTS: Effort(2 * large, 0),
            },
        }

    def _summarize_run(self) -> Efforts:
        plan, last, speeds = self._plan, self.last, self._speeds
        # What each lister found, to share pages out and to sum up; where objects stand.
        records = 0 if self.copies is None else plan.listers * self.copies.copied
        copies = records if plan.reported else 0
        read = plan.reported + 2 * plan.shards + last.calls + copies
        # The run's failures, where objects stand, how old it is; what each lister found, twice.
        few = 3 + (2 if plan.shards else 0)
        reported = (
            math.ceil(self._pages / LIST_KEYS)
            + math.ceil(plan.listers * plan.groups / LIST_KEYS)
            + math.ceil(copies / LIST_KEYS)
            if plan.reported
            else 0
        )
        return {
            CALL: self._calls("summarizeRun", stop_checks=self.work.calls["summarizeRun"]),
            LIST: Effort(few + reported, few * speeds.read + reported * speeds.listing),
            GET: Effort(read, math.ceil(read / _LEDGER_READERS) * speeds.read),
            PUT: self._writes(plan.shards + 3),  # what each lister found; summary, two reports
        }

    def _calls(self, name: FunctionName, *, stop_checks: int = 0) -> Effort:
        """Calls, and their looks for a stop mark, which are not billed while there is none."""
        count = self.work.calls[name]
        return Effort(count, count * self._speeds.function + stop_checks * self._speeds.read)

    def _reads(self, count: float) -> Effort:
        return Effort(count, count * self._speeds.read)

    def _writes(self, count: int) -> Effort:
        return Effort(count, count * self._speeds.write)

    def _listings(self, count: int) -> Effort:
        return Effort(count, count * self.timing.one_listing)

    @property
    def _plan(self) -> Plan:
        return self.timing.plan

    @property
    def _speeds(self) -> Speeds:
        return self.timing.speeds

    @property
    def _pages(self) -> int:
        return self._plan.listers * self._plan.pages


def durations(work: Mapping[FunctionName, Efforts]) -> Mapping[FunctionName, float]:
    """Seconds of all calls of each function."""
    return {
        name: sum(effort.seconds for effort in efforts.values()) for name, efforts in work.items()
    }


def gb_seconds(seconds: Mapping[FunctionName, float], functions: Functions) -> float:
    """Memory times duration of all calls."""
    return sum(functions.size_of(name).memory / 1024 * spent for name, spent in seconds.items())


def vcpu_seconds(seconds: Mapping[FunctionName, float], functions: Functions) -> float:
    """The vCPU times the duration of all calls."""
    return sum(vcpu_of(functions.size_of(name).memory) * spent for name, spent in seconds.items())
