"""What a run's own executions and functions do, and how long that takes.

Counted from pages, groups and looks: what a forecast expects, and what a run has had.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

PAGE_STEPS: Final = 11  # 4 in the main flow and 7 in its child, beside the groups
_POLL_STEPS: Final = 3  # Wait, GetJobStatus, CheckJobComplete
_START_STEPS: Final = 2  # init, checkShards
# rollUp, packRelay, relay; the leg's start, checkLeg, summarize, checkTell, success
_RELAY_STEPS: Final = 7 + _START_STEPS
_END_STEPS: Final = 6  # checkLeg, checkAwait, checkLook, summarize, checkTell, success
_TELL_STEPS: Final = 1  # tellEnd, of the root alone
_AWAIT_STEPS: Final = 2  # init, JobSucceeded; beside each awaitReadable
# shardForeach, checkListers, summarize, checkTell, success; beside each runShard
_SHARING_STEPS: Final = _START_STEPS + 5
_VERIFY_STEPS: Final = 3  # of each lister: verify, init, success; beside verifyForeach
_VERIFYING_STEPS: Final = 2  # of each call: lookAtPages, checkMore


@dataclass(frozen=True)
class Speeds:
    """Seconds that one call takes. Assumed, for functions in the bucket's own region.

    Attributes:
        restore: one RestoreObject.
        listing: one ListObjects of 1,000 keys.
        read, write: one small object of the ledger.
        function: what a function call takes beside the calls that it makes itself.
        step: one step of a flow that is no task.
    """

    restore: float = 0.05
    listing: float = 0.4
    read: float = 0.03
    write: float = 0.05
    function: float = 0.1
    step: float = 0.02

    def scaled(self, factor: float) -> Speeds:
        """Everything so many times as slow."""
        values = {item.name: getattr(self, item.name) * factor for item in fields(self)}
        return replace(self, **values)


@dataclass(frozen=True)
class OwnWork:
    """What all listers of a run do together.

    Attributes:
        listers: how many there are.
        shared: whether each has an execution of its own.
        pages, groups: that they list and send.
        legs: executions of the main flow that list.
        looks: whether objects are readable.
        awaits: executions that wait for that.
        last_looks: calls that look at all pages once more.
    """

    listers: int
    shared: bool
    pages: int
    groups: int
    legs: int
    looks: int
    awaits: int
    last_looks: int

    @property
    def transitions(self) -> int:
        """Steps that are entered."""
        steps = self.listers * (_START_STEPS + _END_STEPS)
        steps += self.pages * PAGE_STEPS + self.groups + self.looks * _POLL_STEPS
        steps += self._relays * _RELAY_STEPS
        if self.awaits:
            steps += self.listers + self.awaits * _AWAIT_STEPS
        steps += 1 + self.listers * _VERIFY_STEPS + self.last_looks * _VERIFYING_STEPS
        return steps + _TELL_STEPS + (_SHARING_STEPS + self.listers if self.shared else 0)

    @property
    def calls(self) -> Mapping[str, int]:
        """Calls of each function."""
        return {
            "prepareRun": self.listers + self._relays + self.shared,
            "listArchiveFiles": 2 * self.pages,  # each page, and ahead while one is sent
            "restore": self.groups,
            "restoreStatus": self.looks,
            # rollUp and the leg's own; those of the last look; of the root checkListers and its own
            "summarizeRun": self.listers + 2 * self._relays + self.last_looks + 2 * self.shared,
            "notifyRun": 1,
        }

    @property
    def _relays(self) -> int:
        return self.legs - self.listers
