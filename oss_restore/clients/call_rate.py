"""Rate limits, so that watching a run leaves quota for other callers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock


@dataclass
class RateLimit:
    """A token bucket: each call takes a token, or waits for one.

    Threads may share a bucket, and then wait in turn.

    Attributes:
        burst: calls that may be made at once.
        per_second: sustained rate of calls.
    """

    burst: float
    per_second: float
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _tokens: float = field(init=False)
    _at: float = field(init=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        self._tokens, self._at = self.burst, self.monotonic()

    def wait(self) -> None:
        """Wait until the next call may be made."""
        with self._lock:
            self._fill()
            if self._tokens < 1:
                self.sleep((1 - self._tokens) / self.per_second)
                self._fill()
            self._tokens -= 1

    def _fill(self) -> None:
        now = self.monotonic()
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.per_second)
        self._at = now


@dataclass(frozen=True)
class RateLimits:
    """The rate limits of single actions: half of the account's quota (docs 2849627).

    Attributes:
        looks: limit of DescribeExecution and GetExecutionHistory, for which an account's quota is a
            burst of 50 calls and then 5 calls per second.
        lists: limit of ListExecutions; for all other actions, an account's quota is a burst of 10
            calls and then 2 calls per second.
    """

    looks: RateLimit = field(default_factory=lambda: RateLimit(25, 2.5))
    lists: RateLimit = field(default_factory=lambda: RateLimit(5, 1))
