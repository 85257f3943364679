"""The looks at a run's pages while it waits for them, and at its end.

Pages are assigned to calls in the same way as by the functions, round by round.
"""

from __future__ import annotations

import math
from typing import Final

from oss_restore.planning.forecast.timing import Looks, PollLoop, Timing
from thaw.flow_steps import ROUND_STEPS
from thaw.page_ranges import LOOK_SECONDS, PAGES_AT_ONCE, PageRange, share_out
from thaw.shards import first_page_of

_ROUND_EVENTS: Final = 19
_CALL_EVENTS: Final = 9


class Looking:
    """Calculates the looks at the pages of a run.

    Args:
        timing: the durations of one lister.
        most: calls that may run in parallel.
        relay_at_event: event id at which an execution hands over to the next one.
    """

    def __init__(self, timing: Timing, *, most: int, relay_at_event: int) -> None:
        plan = timing.plan
        firsts = map(first_page_of, range(plan.listers))
        ranges = share_out([PageRange(first, first + plan.pages - 1) for first in firsts], most)
        self._timing = timing
        self._relay_at_event = relay_at_event
        self._ranges = len(ranges)
        turns = [math.ceil(len(pages) / PAGES_AT_ONCE) for pages in ranges]
        self._turns = sum(turns)
        self._passing = max(turns) * timing.page_look
        self._again = math.floor(self._passing / LOOK_SECONDS)  # further rounds, after a time limit

    def until_readable(self) -> Looks:
        """Return the looks of the wait for all pages; one per lister while objects are thawing."""
        polled, listers = self._timing.run_polls(), self._timing.plan.listers
        stopped = self._ranges + (polled.looks - 2) * listers if polled.looks > 1 else 0
        last = listers if polled.looks > 1 else self._ranges
        return self._looks(polled, stopped, stopped + last + self._again * self._ranges)

    def at_the_end(self) -> Looks:
        """Return the last looks of the run."""
        polled = PollLoop(1, 1 + self._timing.speeds.function)
        return self._looks(polled, 0, (1 + self._again) * self._ranges)

    def _looks(self, polled: PollLoop, stopped: int, calls: int) -> Looks:
        timing, plan = self._timing, self._timing.plan
        rounds = polled.looks + self._again
        in_between = timing.leg_summary + ROUND_STEPS * timing.speeds.step
        entering = self._ranges / plan.listers / timing.quotas.steps_per_second
        events = rounds * _ROUND_EVENTS + calls * _CALL_EVENTS
        return Looks(
            rounds=rounds,
            calls=calls,
            stopped=stopped,
            passed=plan.listers * plan.pages,
            turns=self._turns,
            seconds=polled.seconds + self._passing + self._again + rounds * (in_between + entering),
            busy=self._passing + rounds * (timing.looking + in_between),
            executions=math.ceil(events / self._relay_at_event),
        )
