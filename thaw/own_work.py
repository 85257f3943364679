"""The steps and calls of a run's executions and functions, and their duration.

They are derived from the pages, groups and looks of a forecast or of a finished run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from thaw.flow_steps import (
    LEG_STEPS,
    LOOK_STEPS,
    PAGE_STEPS,
    POLL_STEPS,
    RELAY_STEPS,
    ROOT_STEPS,
    ROUND_STEPS,
    SHARED_STEPS,
)


@dataclass(frozen=True)
class Speeds:
    """Durations of calls in seconds; assumed, for functions in the bucket's own region.

    Attributes:
        restore: one RestoreObject.
        copy: one CopyObject or UploadPartCopy, without the time for its data.
        copy_gib: the time for each 2**30 bytes of data; Alibaba Cloud publishes no figure.
        listing: one ListObjects of 1,000 keys.
        read: reading a small object of the ledger.
        write: writing one.
        function: a function call, without the calls that it makes.
        step: a step of a flow that is not a task.
    """

    restore: float = 0.05
    copy: float = 0.06
    copy_gib: float = 10.0
    listing: float = 0.4
    read: float = 0.03
    write: float = 0.05
    function: float = 0.1
    step: float = 0.02

    def scaled(self, factor: float) -> Speeds:
        """Multiply all durations by a factor."""
        values = {item.name: getattr(self, item.name) * factor for item in fields(self)}
        return replace(self, **values)


@dataclass(frozen=True)
class CopyingWork:
    """The work of copying the objects of all listers.

    Attributes:
        listers: the number of listers.
        executions: executions of the flow that copies, for all listers.
        plans: calls that plan a round; the last one of each lister finds nothing left.
        tasks: calls that copy.
    """

    listers: int
    executions: int
    plans: int
    tasks: int

    @property
    def transitions(self) -> int:
        """The number of steps that are entered."""
        # planCopies, checkWork; Wait or copyForeach, checkEvents; init; keepCopying; success.
        turns = 2 * self.plans + 2 * (self.plans - self.listers)
        return (
            turns + self.tasks + self.executions + (self.executions - self.listers) + self.listers
        )

    @property
    def calls(self) -> Mapping[str, int]:
        """The number of calls by function."""
        return {"planCopies": self.plans, "copyObjects": self.tasks}


@dataclass(frozen=True)
class OwnWork:
    """The work of a run's listers and its root.

    Attributes:
        listers: the number of listers.
        shared: whether each lister has its own execution.
        pages: pages that are listed.
        groups: groups that are requested.
        legs: executions of the main flow that list pages.
        polls: checks whether the objects of a page are readable.
        rounds: rounds of looks at all pages, while the run waits and at its end.
        looks: calls in all these rounds.
        looking: executions that make these calls.
        copying: the work of copying after the thaw; None if nothing is copied.
    """

    listers: int
    shared: bool
    pages: int
    groups: int
    legs: int
    polls: int
    rounds: int
    looks: int
    looking: int
    copying: CopyingWork | None = None

    @property
    def transitions(self) -> int:
        """The number of steps that are entered."""
        listing = self.pages * PAGE_STEPS + self.groups + self.polls * POLL_STEPS
        legs = self.listers * LEG_STEPS + self._relays * RELAY_STEPS
        looking = self.rounds * ROUND_STEPS + self.looks + self.looking * LOOK_STEPS
        # A root with several listers enters shardForeach instead of checkLeg.
        root = ROOT_STEPS + (LEG_STEPS + SHARED_STEPS + self.listers if self.shared else 0)
        copying = self.listers + self.copying.transitions if self.copying else 0
        return listing + legs + looking + root + copying

    @property
    def calls(self) -> Mapping[str, int]:
        """The number of calls by function."""
        return {
            "prepareRun": self.listers + self._relays + self.shared,
            "listArchiveFiles": 2 * self.pages,  # for each page, one more lists the next one ahead
            "restore": self.groups,
            "restoreStatus": self.polls + self.looks,
            # The root's two; one for each lister; two for each relay; one for each round.
            "summarizeRun": 1 + self.shared + self.listers + 2 * self._relays + self.rounds,
            "notifyRun": 1,
            **(self.copying.calls if self.copying else {}),
        }

    @property
    def _relays(self) -> int:
        return self.legs - self.listers


def paced_seconds(objects: int, *, max_keys: int, group_size: int, pace: float) -> float:
    """Return the total duration of one lister's restore calls when its requests are rate-limited.

    Args:
        objects: the number of objects that it requests.
        max_keys: objects per page.
        group_size: objects per call.
        pace: requests per second.
    """
    full, rest = divmod(objects, max_keys)
    pages = [(full, max_keys), (int(rest > 0), rest)]
    return sum(
        count * _paced_page(size, math.ceil(size / group_size)) / pace
        for count, size in pages
        if count
    )


def _paced_page(objects: int, groups: int) -> float:
    """Return the total duration of a page's groups, in intervals between its requests.

    The groups send in turn: each starts at its place in the first turn, and ends with its last
    request (functions.rate_limit).
    """
    rounds = objects / groups
    return groups * objects * (rounds - 1 + (groups - 1) / (2 * groups)) / rounds
