"""Durations and timestamps of a wait step (docs 122495), for literals and for paths."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from fdl.values import Json

_RFC3339: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII
)
_WHOLE: Final = re.compile(r"[0-9]{1,9}")


def parse_rfc3339(value: Json) -> datetime | None:
    """Parse an RFC 3339 timestamp; None for anything else."""
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:  # no such day or hour
        return None


def parse_seconds(value: Json) -> int | None:
    """Parse whole seconds, given as a number or a string of digits; None for anything else."""
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # JSON has one number type: 10.0 is 10.
    return int(value) if value >= 0 and float(value).is_integer() else None
