"""How a run is cut up: pages, groups, legs, and how often each thing is called."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from functions.contract import RunInput
from oss_restore.forecast.workload import Workload

LIST_KEYS: Final = 1000  # of one ListObjects answer
PAGE_BYTES: Final = 11 * 1024  # of the keys that a page carries (functions.pages)
_GROUP_FRAME: Final = 46  # bytes of {"storageClass": "Archive", "keys": []} and its separator
_KEY_FRAME: Final = 4  # bytes of a key's quotes and separator

# Events that one turn leaves in its execution, at the most (docs 123157: a pass has 4).
_PAGE_EVENTS: Final = 23  # listArchiveFiles 7, checkEmpty 4, invokeRestoreFlow 8, checkEnd 4
_LOOK_EVENTS: Final = 15  # Wait 4, GetJobStatus 7, CheckJobComplete 4
_FIRST_EVENTS: Final = 8


@dataclass(frozen=True)
class Plan:
    """The pages of a run.

    Attributes:
        pages: turns of the main loop.
        groups: restore tasks, over all pages.
        page_objects: objects on a full page.
        page_groups: groups on a full page.
        page_listings: ListObjects calls that a page takes.
        legs: executions of the main flow, one inside the other.
    """

    pages: int
    groups: int
    page_objects: int
    page_groups: int
    page_listings: int
    legs: int


def plan(workload: Workload, run: RunInput, *, relay_at_event: int) -> Plan:
    """Cuts a run up.

    Args:
        workload: what there is to thaw.
        run: its settings.
        relay_at_event: event id at which an execution hands over to the next.
    """
    total = workload.total
    page_objects = _page_objects(workload, run)
    pages = max(1, -(-total // page_objects))
    full, rest = divmod(total, page_objects)
    groups = full * _groups(page_objects, workload, run) + _groups(rest, workload, run)
    listed = page_objects * (1 + workload.others / max(total, 1))
    return Plan(
        pages=pages,
        groups=groups,
        page_objects=page_objects,
        page_groups=_groups(page_objects, workload, run),
        page_listings=max(1, math.ceil(listed / LIST_KEYS)),
        legs=-(-pages // turns_per_execution(relay_at_event, _PAGE_EVENTS)),
    )


def await_legs(looks: int, *, relay_at_event: int) -> int:
    """Executions of the awaiting flow that so many looks take."""
    return max(1, -(-looks // turns_per_execution(relay_at_event, _LOOK_EVENTS)))


def turns_per_execution(relay_at_event: int, events: int) -> int:
    """Turns of a loop until an execution hands over, each leaving so many events."""
    return max(1, -(-(relay_at_event - _FIRST_EVENTS) // events))


def _groups(objects: int, workload: Workload, run: RunInput) -> int:
    """Groups that so many objects make: a group holds objects of one class."""
    groups = sum(
        math.ceil(round(objects * count / workload.total, 6) / run.group_size)
        for count in workload.objects.values()
        if count
    )
    return min(objects, groups)


def _page_objects(workload: Workload, run: RunInput) -> int:
    """Objects on a full page: maxKeys, or as many as the keys' length lets a step carry."""
    key = workload.key_bytes + _KEY_FRAME
    fitting = PAGE_BYTES / (key + _GROUP_FRAME / run.group_size)
    if run.group_size > 1:  # the last group is seldom full
        fitting = (PAGE_BYTES - _GROUP_FRAME) / (key + _GROUP_FRAME / run.group_size)
    return max(1, min(run.max_keys, math.floor(fitting)))
