"""Limit the request rate of a run's groups, without coordination between the groups."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

# The time that a group takes to start, in which it sends nothing; only that much is caught up on.
_CATCH_UP_SECONDS: Final = 0.25


class Pacer:
    """Spaces requests evenly, starting when it is created.

    The groups of a page run in parallel, and each gets a share of the rate: its share of a full
    page's objects. So their sum never exceeds the rate; a page that is not full stays below it.

    Args:
        rate: requests per second for the whole page; None for no limit.
        share: this group's share of a full page, above 0 and at most 1.
        phase: the start within its first interval, 0 to 1, so that groups do not all send their
            first request at the same moment.
        catch_up_seconds: the most seconds without a request that are caught up on.
    """

    def __init__(
        self,
        rate: float | None,
        share: float,
        phase: float,
        *,
        catch_up_seconds: float = _CATCH_UP_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = 0.0 if rate is None else 1 / (rate * share)
        self._catch_up_seconds = catch_up_seconds
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = monotonic() + self._interval * phase

    def wait(self) -> None:
        """Wait until the next request may be sent."""
        if not self._interval:
            return
        with self._lock:
            moment = max(self._next, self._monotonic() - self._catch_up_seconds)
            self._next = moment + self._interval
        self._sleep(max(0.0, moment - self._monotonic()))
