"""The looks at a run's pages: while it waits for them, and at its end.

Pages are shared out as the functions share them out, and looked at round by round.
"""

from __future__ import annotations

import math
from typing import Final

from oss_restore.planning.forecast.timing import Looks, PollLoop, Timing
from thaw.own_work import ROUND_STEPS
from thaw.page_ranges import LOOK_SECONDS, PAGES_AT_ONCE, PageRange, share_out
from thaw.shards import first_page_of

_ROUND_EVENTS: Final = 19
_CALL_EVENTS: Final = 9


class Looking:
    """Looks at the pages of a run.

    Args:
        timing: of the run.
        most: calls that look side by side.
        relay_at_event: event id at which an execution hands over to the next one.
    """

    def __init__(self, timing: Timing, *, most: int, relay_at_event: int) -> None:
        plan = timing.plan
        firsts = map(first_page_of, range(plan.listers))
        ranges = share_out([PageRange(first, first + plan.pages - 1) for first in firsts], most)
        self._timing = timing
        self._relay_at_event = relay_at_event
        self._ranges = len(ranges)
        turns = [math.ceil(len(one) / PAGES_AT_ONCE) for one in ranges]
        self._turns = sum(turns)
        self._passing = max(turns) * timing.page_look
        self._again = math.floor(self._passing / LOOK_SECONDS)  # rounds after the time was up

    def until_readable(self) -> Looks:
        """The wait for all pages. While there are thaws, one look for each lister does."""
        polled, listers = self._timing.run_polls(), self._timing.plan.listers
        stopped = self._ranges + (polled.looks - 2) * listers if polled.looks > 1 else 0
        last = listers if polled.looks > 1 else self._ranges
        return self._looks(polled, stopped, stopped + last + self._again * self._ranges)

    def at_the_end(self) -> Looks:
        """The last look."""
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
