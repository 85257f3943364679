"""Formats of durations."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def exact(time: timedelta) -> str:
    """Format a duration to the second, such as ``2 d 3:04:05``."""
    clock = timedelta(seconds=time.seconds)
    return f"{time.days} d {clock}" if time.days else str(clock)


def rough(seconds: float) -> str:
    """Format a duration in its two largest units, such as ``2 d 3 h``."""
    rest = round(seconds)
    parts: list[str] = []
    for unit, length in _UNITS:
        count, rest = divmod(rest, length)
        if count or parts:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"
