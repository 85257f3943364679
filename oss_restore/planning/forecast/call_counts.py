"""What a run does, how often, and how long that takes.

A run of several listers is as many parts, between a start and an end that they have in common.
"""

from __future__ import annotations

from dataclasses import dataclass

from oss_restore.planning.forecast.copy_turns import Copying
from oss_restore.planning.forecast.timing import Looks, PollLoop, Timing
from thaw.own_work import CopyingWork, OwnWork


@dataclass(frozen=True)
class Course:
    """What a run does.

    Attributes:
        timing: of one lister.
        polls: of that lister's pages, where each is waited for.
        awaiting: the looks of the wait for all pages.
        last: those at the end.
        copies: of that lister, where any are made.
        copying: of all listers.
    """

    timing: Timing
    polls: PollLoop
    awaiting: Looks
    last: Looks
    copies: Copying | None = None
    copying: CopyingWork | None = None

    @property
    def wait_seconds(self) -> float:
        """Waiting for thaws, be it once or page by page."""
        if self.copies is not None:
            return self.timing.thawed - self.timing.submitting
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
        copying = self.copies.busy if self.copies else 0.0
        return self.timing.busy_submitting + polling + looking + copying + self._summing_up

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
            copying=self.copying,
        )
