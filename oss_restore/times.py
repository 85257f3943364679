"""Formats of times: local time with its offset from UTC for people, UTC for programs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal


def local_time(moment: datetime | str) -> str:
    """Format a moment for people, such as ``2026-11-24 18:15:00+08:00``.

    Args:
        moment: a time with its offset from UTC; a text must be ISO 8601.
    """
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return moment.astimezone().isoformat(" ", "seconds")


def utc_time(moment: datetime, precision: Literal["seconds", "milliseconds"] = "seconds") -> str:
    """Format a moment for programs, such as ``2026-11-24T10:15:00Z``."""
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
