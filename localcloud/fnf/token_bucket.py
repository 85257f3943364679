"""A token bucket in cloud time."""

from __future__ import annotations

from collections.abc import Callable


class TokenBucket:
    """Admits a burst of one second's tokens, then the rate.

    Args:
        rate: returns the current rate in tokens per second, or None for no limit. It is also the
            bucket's size, which is at least one (docs 122093).
    """

    def __init__(self, rate: Callable[[], float | None]) -> None:
        self._rate = rate
        self._next = 0.0  # when the next token is due at an even rate

    def delay(self, now: float) -> float:
        """Take a token; return the seconds until it is available."""
        rate = self._rate()
        if rate is None:
            return 0.0
        due = max(self._next, now)
        self._next = due + 1 / rate
        return max(0.0, due - _slack(rate) - now)

    def try_take(self, now: float) -> bool:
        """Take a token if one is available."""
        rate = self._rate()
        if rate is None:
            return True
        if self._next - _slack(rate) > now:
            return False
        self._next = max(self._next, now) + 1 / rate
        return True


def _slack(rate: float) -> float:
    """Return how many seconds earlier than at an even rate a token may be taken."""
    return (max(1, rate) - 1) / rate
