"""How a run is cut up: pages, groups, legs, and how often each thing is called."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

from oss_restore.planning.forecast.listers import Cutting
from oss_restore.planning.forecast.workload import LIST_KEYS, Workload
from thaw.run_input import RunInput

PAGE_BYTES: Final = 11 * 1024  # of the groups that a page carries (functions.pages)
RANGE_SIZE: Final = 20  # objects in a group from which on it may be a range (functions.groups)
PACKED_SIZE: Final = 5  # objects in a group from which on its keys may be packed (likewise)
RANGE_KEYS: Final = 2000  # keys of any kind in one range (functions.groups)
REPORTED_PARTS: Final = 2_000  # of the ledger, up to which a report is written (functions.summary)
_GROUP_FRAME: Final = 46  # bytes of {"storageClass": "Archive", "keys": []} and its separator
_KEY_FRAME: Final = 4  # bytes of a key's quotes and separator
_PACKED_FRAME: Final = 66  # bytes of {"storageClass": "Archive", "packed": ""}, and of packing
_RANGE_FRAME: Final = 44  # bytes of {"after": "", "until": "", "objects": 50} and its separator

# Events that one turn leaves in its execution, at the most (docs 123157: a pass has 4).
_PAGE_EVENTS: Final = 23  # listArchiveFiles 7, checkEmpty 4, invokeRestoreFlow 8, checkEnd 4
_LOOK_EVENTS: Final = 15  # Wait 4, GetJobStatus 7, CheckJobComplete 4
_FIRST_EVENTS: Final = 8


@dataclass(frozen=True)
class Plan:
    """The pages of one lister, of which a run has one or several.

    Attributes:
        pages: turns of the main loop.
        groups: restore tasks, over all pages.
        page_objects: objects on a full page.
        page_groups: groups on a full page.
        page_listings: ListObjects calls that a page takes.
        ranges: those of the groups that are ranges of keys, which their tasks list again.
        legs: executions of the main flow, one inside the other.
        shards: listers with an execution of their own; 0 where the run's own lists everything.
        cutting: how the run finds out where to cut its keys.
    """

    pages: int
    groups: int
    page_objects: int
    page_groups: int
    page_listings: int
    ranges: int
    legs: int
    shards: int = 0
    cutting: Cutting = field(default_factory=Cutting)

    @property
    def listers(self) -> int:
        """How many do side by side what this says of one."""
        return max(1, self.shards)

    @property
    def reported(self) -> int:
        """Objects of the ledger that the report is written from; none where they are too many."""
        parts = self.listers * self.groups
        return self.listers * self.pages + parts if parts <= REPORTED_PARTS else 0


def plan(workload: Workload, run: RunInput, *, foreach_limit: int, relay_at_event: int) -> Plan:
    """Cuts up what one lister does.

    Args:
        workload: what there is for it to thaw.
        run: its settings.
        foreach_limit: groups that a page may have.
        relay_at_event: event id at which an execution hands over to the next.
    """
    cut = _Cut(workload, run, foreach_limit)
    total = workload.total
    page_objects = cut.page_objects
    full, rest = divmod(total, page_objects)
    pages = full + (rest > 0)
    listed = page_objects * cut.passed_for_one
    return Plan(
        pages=pages,
        groups=full * cut.groups(page_objects) + cut.groups(rest),
        ranges=full * cut.ranges(page_objects) + cut.ranges(rest),
        page_objects=page_objects,
        page_groups=cut.groups(page_objects),
        page_listings=max(1, math.ceil(listed / LIST_KEYS)),
        legs=-(-pages // turns_per_execution(relay_at_event, _PAGE_EVENTS)),
    )


def await_legs(looks: int, *, relay_at_event: int) -> int:
    """Executions of the awaiting flow that so many looks take."""
    return max(1, -(-looks // turns_per_execution(relay_at_event, _LOOK_EVENTS)))


def turns_per_execution(relay_at_event: int, events: int) -> int:
    """Turns of a loop until an execution hands over, each leaving so many events."""
    return max(1, -(-(relay_at_event - _FIRST_EVENTS) // events))


class _Cut:
    """How many objects a page takes, and in which groups, as :mod:`functions.pages` does it."""

    def __init__(self, workload: Workload, run: RunInput, foreach_limit: int) -> None:
        self._workload = workload
        self._size = run.group_size
        self.passed_for_one = 1 + workload.others / workload.total
        self._keys = min(run.max_keys, max(1, self._fitting_keys(), self._fitting_packed()))
        ranges = min(run.max_keys, self._fitting_ranges(foreach_limit))
        by_range = self._size >= RANGE_SIZE and ranges > self._keys
        self.page_objects = min(ranges if by_range else self._keys, workload.total)

    def groups(self, objects: int) -> int:
        """Groups of so many objects. A list of keys holds one class, a range whatever there is."""
        if objects > self._keys:
            return self.ranges(objects)
        groups = sum(
            math.ceil(round(objects * count / self._workload.total, 6) / self._size)
            for count in self._workload.objects.values()
        )
        return min(objects, groups)

    def ranges(self, objects: int) -> int:
        """Those of the groups that are ranges: all of them, once the keys do not fit."""
        if objects <= self._keys:
            return 0
        return math.ceil(objects / self._objects_in_range())

    def _objects_in_range(self) -> float:
        return min(self._size, RANGE_KEYS / self.passed_for_one)

    def _fitting_keys(self) -> int:
        frame = _GROUP_FRAME / self._size
        room = PAGE_BYTES - (_GROUP_FRAME if self._size > 1 else 0)  # the last is seldom full
        return math.floor(room / (self._workload.key_bytes + _KEY_FRAME + frame))

    def _fitting_packed(self) -> int:
        if self._size < PACKED_SIZE:
            return 0
        one = self._workload.packed_key_bytes + _PACKED_FRAME / self._size
        return math.floor(PAGE_BYTES / one)

    def _fitting_ranges(self, foreach_limit: int) -> int:
        one = 2 * self._workload.key_bytes + _RANGE_FRAME
        return math.floor(min(foreach_limit, PAGE_BYTES // one) * self._objects_in_range())
