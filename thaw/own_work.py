"""The steps and calls of a run's own executions and functions, and how long they take.

They are derived from pages, groups and looks: those of a forecast, or those of a finished run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

PAGE_STEPS: Final = 11  # 4 in the main flow and 7 in its child, beside the groups
_POLL_STEPS: Final = 3  # of a page: Wait, GetJobStatus, CheckJobComplete
_LEG_STEPS: Final = 6  # init, checkShards; checkLeg, summarize, checkTell, success
_RELAY_STEPS: Final = _LEG_STEPS + 3  # rollUp, packRelay, relay
_ROOT_STEPS: Final = 3  # sharePagesOut, checkAwait, tellEnd; beside a leg's own
_SHARED_STEPS: Final = 3  # listAndCopy, checkCopies, noCopies
ROUND_STEPS: Final = 4  # Wait, lookForeach, shareLeftOut, checkLeft; beside its calls
_LOOK_STEPS: Final = 3  # of an execution: its task, and its first and last step


@dataclass(frozen=True)
class Speeds:
    """Durations of calls in seconds; assumed, for functions in the bucket's own region.

    Attributes:
        restore: one RestoreObject.
        copy: one CopyObject or UploadPartCopy, beside its data.
        copy_gib: what of that each 2**30 bytes take: nothing is published for it.
        listing: one ListObjects of 1,000 keys.
        read, write: one small object of the ledger.
        function: a function call, without the calls that it makes itself.
        step: one step of a flow that is not a task.
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
        """All durations multiplied by a factor."""
        values = {item.name: getattr(self, item.name) * factor for item in fields(self)}
        return replace(self, **values)


@dataclass(frozen=True)
class CopyingWork:
    """What copies the objects of all listers.

    Attributes:
        listers: whose objects.
        executions: for all of them, one after the other.
        plans: calls that plan turns, the last of each lister finds nothing left.
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
        """Calls of each function."""
        return {"planCopies": self.plans, "copyObjects": self.tasks}


@dataclass(frozen=True)
class OwnWork:
    """The work of all listers of a run and its root together.

    Attributes:
        listers: the number of listers.
        shared: whether each has an execution of its own.
        pages, groups: that they list and send.
        legs: executions of the main flow that list.
        polls: whether the objects of a page are readable.
        rounds: of looks at all pages, while the run waits and at its end.
        looks: calls in all these rounds.
        looking: executions that make them.
        copying: what copies the objects after the thaw; None where nothing does.
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
        listing = self.pages * PAGE_STEPS + self.groups + self.polls * _POLL_STEPS
        legs = self.listers * _LEG_STEPS + self._relays * _RELAY_STEPS
        looking = self.rounds * ROUND_STEPS + self.looks + self.looking * _LOOK_STEPS
        # Of a root that shares its keys out shardForeach stands in for checkLeg.
        root = _ROOT_STEPS + (_LEG_STEPS + _SHARED_STEPS + self.listers if self.shared else 0)
        copying = self.listers + self.copying.transitions if self.copying else 0
        return listing + legs + looking + root + copying

    @property
    def calls(self) -> Mapping[str, int]:
        """Calls of each function."""
        return {
            "prepareRun": self.listers + self._relays + self.shared,
            "listArchiveFiles": 2 * self.pages,  # each page, and ahead while one is sent
            "restore": self.groups,
            "restoreStatus": self.polls + self.looks,
            # Of the root sharePagesOut, and its own; rollUp and the leg's own; and of each round.
            "summarizeRun": 1 + self.shared + self.listers + 2 * self._relays + self.rounds,
            "notifyRun": 1,
            **(self.copying.calls if self.copying else {}),
        }

    @property
    def _relays(self) -> int:
        return self.legs - self.listers


def paced_seconds(objects: int, *, max_keys: int, group_size: int, pace: float) -> float:
    """What the restore calls of one lister take together where its requests are paced.

    Args:
        objects: that it sends for.
        max_keys: objects of a page.
        group_size: objects of a call.
        pace: requests a second.
    """
    full, rest = divmod(objects, max_keys)
    pages = [(full, max_keys), (int(rest > 0), rest)]
    return sum(
        count * _paced_page(size, math.ceil(size / group_size)) / pace
        for count, size in pages
        if count
    )


def _paced_page(objects: int, groups: int) -> float:
    """Spaces between a page's requests that its groups take together.

    Groups take turns: each begins at its place in the first round, and ends with its last request
    (functions.rate_limit).
    """
    rounds = objects / groups
    return groups * objects * (rounds - 1 + (groups - 1) / (2 * groups)) / rounds
