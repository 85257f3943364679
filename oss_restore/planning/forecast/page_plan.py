"""The division of a run into pages, groups and legs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

from oss_restore.planning.forecast.workload import Workload
from thaw.limits import LIST_KEYS, MAX_REPORTED_OBJECTS, MAX_REPORTED_PARTS, MAX_SKIPPED
from thaw.partitioning import READERS
from thaw.run_input import RunInput

# The most events that one page adds to its execution (docs 123157: a pass step has 4).
_PAGE_EVENTS: Final = 23  # listArchiveFiles 7, checkEmpty 4, invokeRestoreFlow 8, checkEnd 4
_FIRST_EVENTS: Final = 8


@dataclass(frozen=True)
class Partitioning:
    """The requests by which a run finds out where to divide its keys.

    Attributes:
        listings: listings of 1,000 keys.
        looks: listings of one key.
    """

    listings: int = 0
    looks: int = 0

    @property
    def rounds(self) -> float:
        """The listings made in sequence: the number of parallel readers doubles until all run."""
        doublings = 2 * math.log2(max(1, min(READERS, self.listings / 2)))
        return doublings + self.listings / READERS


@dataclass(frozen=True)
class Plan:
    """The pages of one lister; a run has one or several listers.

    Attributes:
        pages: turns of the main loop.
        page_listings: ListObjects calls for a full page.
        listings: ListObjects calls for all pages.
        objects: objects to request.
        groups: restore tasks, over all pages.
        page_objects: objects on a full page.
        page_groups: groups on a full page.
        legs: executions of the main flow, one inside the other.
        shards: listers with an execution of their own; 0 if the root lists everything.
        partitioning: the requests for dividing the run's keys.
    """

    pages: int
    page_listings: int
    listings: int
    objects: int = 0
    groups: int = 0
    page_objects: int = 0
    page_groups: int = 0
    legs: int = 1
    shards: int = 0
    partitioning: Partitioning = field(default_factory=Partitioning)

    @property
    def listers(self) -> int:
        """The number of listers with this plan."""
        return max(1, self.shards)

    @property
    def reported(self) -> int:
        """The number of files that the report is compiled from; 0 if there are too many."""
        groups = self.listers * self.groups
        reported = (
            groups <= MAX_REPORTED_PARTS and self.listers * self.objects <= MAX_REPORTED_OBJECTS
        )
        return self.listers * self.pages + groups if reported else 0


def plan(workload: Workload, run: RunInput, *, relay_at_event: int) -> Plan:
    """Divide the work of one lister.

    Args:
        workload: the lister's objects.
        run: the lister's settings.
        relay_at_event: event id at which an execution hands over to the next one.
    """
    total = workload.total
    if not total:  # everything is already readable, and only copied
        pages = max(1, math.ceil(workload.others / MAX_SKIPPED))
        page_listings = _listings(workload.others / pages)
        return Plan(pages, page_listings, pages * page_listings)
    page_objects = min(run.max_keys, total)
    full, rest = divmod(total, page_objects)
    pages = full + (rest > 0)
    passed_for_one = 1 + workload.others / total
    page_listings = _listings(page_objects * passed_for_one)
    page_groups = math.ceil(page_objects / run.group_size)
    turns_of_leg = max(1, math.ceil((relay_at_event - _FIRST_EVENTS) / _PAGE_EVENTS))
    return Plan(
        pages=pages,
        page_listings=page_listings,
        listings=full * page_listings + (_listings(rest * passed_for_one) if rest else 0),
        objects=total,
        groups=full * page_groups + math.ceil(rest / run.group_size),
        page_objects=page_objects,
        page_groups=page_groups,
        legs=math.ceil(pages / turns_of_leg),
    )


def _listings(objects: float) -> int:
    """Return the number of ListObjects calls for objects, at least one."""
    return max(1, math.ceil(objects / LIST_KEYS))
