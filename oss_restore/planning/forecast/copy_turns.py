"""What the turns of copies come to."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

COMPARED: Final = 0.01  # of the objects that are copied whole, by two HeadObject requests
_TURN_EVENTS: Final = 19
_TASK_EVENTS: Final = 9


@dataclass
class Copying:
    """What the copies of one lister come to.

    Attributes:
        plans: calls that plan turns.
        page_reads: of these calls.
        tasks: calls that copy.
        looks: at slices, of which nothing was readable yet.
        copied: looks at slices that were.
        planning, copying: seconds that those calls take together.
        busy: seconds in which there was something to copy.
        seconds: from the start of the run to the last copy.
        lags: the longest time from readable to copied, by class.
    """

    plans: int = 0
    page_reads: int = 0
    tasks: int = 0
    looks: int = 0
    copied: int = 0
    planning: float = 0.0
    copying: float = 0.0
    busy: float = 0.0
    seconds: float = 0.0
    lags: dict[str, float] = field(default_factory=dict)

    def executions(self, relay_at_event: int) -> int:
        """Executions, one after the other."""
        events = self.plans * _TURN_EVENTS + self.tasks * _TASK_EVENTS
        return max(1, math.ceil(events / relay_at_event))
