"""How a run is cut up: pages, groups, legs, and how often each thing is called."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

from oss_restore.planning.forecast.workload import Workload
from thaw.limits import LIST_KEYS, MAX_REPORTED_OBJECTS, MAX_REPORTED_PARTS, MAX_SORTED_OUT
from thaw.partitioning import READERS
from thaw.run_input import RunInput

# Events that one turn leaves in its execution, at the most (docs 123157: a pass has 4).
_PAGE_EVENTS: Final = 23  # listArchiveFiles 7, checkEmpty 4, invokeRestoreFlow 8, checkEnd 4
_FIRST_EVENTS: Final = 8


@dataclass(frozen=True)
class Partitioning:
    """How a run finds out where to cut its keys.

    Attributes:
        listings: of 1,000 keys.
        looks: listings of one key.
    """

    listings: int = 0
    looks: int = 0

    @property
    def rounds(self) -> float:
        """Listings one after the other: readers get going two by two, then work side by side."""
        doublings = 2 * math.log2(max(1, min(READERS, self.listings / 2)))
        return doublings + self.listings / READERS


@dataclass(frozen=True)
class Plan:
    """The pages of one lister, of which a run has one or several.

    Attributes:
        objects: to send for.
        pages: turns of the main loop.
        groups: restore tasks, over all pages.
        page_objects: objects on a full page.
        page_groups: groups on a full page.
        page_listings: ListObjects calls that a page takes.
        legs: executions of the main flow, one inside the other.
        shards: listers with an execution of their own; 0 where the run's own lists everything.
        partitioning: how the run finds out where to cut its keys.
    """

    objects: int
    pages: int
    groups: int
    page_objects: int
    page_groups: int
    page_listings: int
    legs: int
    shards: int = 0
    partitioning: Partitioning = field(default_factory=Partitioning)

    @property
    def listers(self) -> int:
        """The number of listers with this plan."""
        return max(1, self.shards)

    @property
    def reported(self) -> int:
        """The number of files that the report is written from; 0 if there are too many."""
        groups = self.listers * self.groups
        reported = (
            groups <= MAX_REPORTED_PARTS and self.listers * self.objects <= MAX_REPORTED_OBJECTS
        )
        return self.listers * self.pages + groups if reported else 0


def plan(workload: Workload, run: RunInput, *, relay_at_event: int) -> Plan:
    """Cuts up what one lister does.

    Args:
        workload: what there is for it to thaw.
        run: its settings.
        relay_at_event: event id at which an execution hands over to the next.
    """
    total = workload.total
    if not total:
        return _nothing_to_send(workload)
    page_objects = min(run.max_keys, total)
    full, rest = divmod(total, page_objects)
    pages = full + (rest > 0)
    passed_for_one = 1 + workload.others / total
    page_groups = math.ceil(page_objects / run.group_size)
    return Plan(
        objects=total,
        pages=pages,
        groups=full * page_groups + math.ceil(rest / run.group_size),
        page_objects=page_objects,
        page_groups=page_groups,
        page_listings=max(1, math.ceil(page_objects * passed_for_one / LIST_KEYS)),
        legs=-(-pages // turns_per_execution(relay_at_event, _PAGE_EVENTS)),
    )


def _nothing_to_send(workload: Workload) -> Plan:
    """Divide a listing of objects that are readable already and will be copied."""
    pages = max(1, math.ceil(workload.others / MAX_SORTED_OUT))
    return Plan(
        objects=0,
        pages=pages,
        groups=0,
        page_objects=0,
        page_groups=0,
        page_listings=max(1, math.ceil(workload.others / pages / LIST_KEYS)),
        legs=1,
    )


def turns_per_execution(relay_at_event: int, events: int) -> int:
    """Turns of a loop until an execution hands over, each leaving so many events."""
    return max(1, -(-(relay_at_event - _FIRST_EVENTS) // events))
