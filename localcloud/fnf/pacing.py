"""Token buckets in cloud time."""

from __future__ import annotations


class Bucket:
    """Lets one second's worth through at once, and so many a second after that.

    Args:
        rate: tokens a second; the bucket holds as many, and one at the least (docs 122093).
    """

    def __init__(self, rate: float) -> None:
        self._interval = 1 / rate
        self._slack = (max(1, rate) - 1) * self._interval
        self._next = 0.0  # when the next one would be due if none may go early

    def delay(self, now: float) -> float:
        """Takes a token, and says in how many seconds it is there."""
        due = max(self._next, now)
        self._next = due + self._interval
        return max(0.0, due - self._slack - now)

    def try_take(self, now: float) -> bool:
        """Takes a token if one is there."""
        if self._next - self._slack > now:
            return False
        self._next = max(self._next, now) + self._interval
        return True
