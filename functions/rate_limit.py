"""Keeps the requests of a run's groups below a rate, without any group knowing of the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

# What a group's start takes, in which nothing is sent: that much is made up for, no more.
_MADE_UP_SECONDS: Final = 0.25


class Pacer:
    """Hands out moments at which to send, evenly spaced from its making on.

    A page's groups run side by side, and each is given the share of the rate that its share of a
    full page's objects is. So the sum never passes the rate; a page that is not full stays below.

    Args:
        rate: objects a second over the whole page; None for no cap.
        share: this group's share of a full page, above 0 and at most 1.
        phase: where in its first interval the group starts, 0 to 1, so that groups do not all
            start with a request at the same moment.
        made_up: seconds without a request that are made up for.
    """

    def __init__(
        self,
        rate: float | None,
        share: float,
        phase: float,
        *,
        made_up: float = _MADE_UP_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = 0.0 if rate is None else 1 / (rate * share)
        self._made_up = made_up
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = monotonic() + self._interval * phase

    def wait(self) -> None:
        """Returns when the next request may be sent."""
        if not self._interval:
            return
        with self._lock:
            moment = max(self._next, self._monotonic() - self._made_up)
            self._next = moment + self._interval
        self._sleep(max(0.0, moment - self._monotonic()))
