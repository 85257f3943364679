"""Formats of values in reports."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from oss_restore.durations import exact
from oss_restore.language import N_
from oss_restore.language import gettext as _
from oss_restore.times import local_time

_PARTS: Final = {
    "oss.requests.RestoreObject": N_("Restore requests"),
    "oss.requests.CopyObject": N_("Copy requests"),
    "oss.requests.others": N_("Other OSS requests"),
    "oss.retrieved_gb": N_("Data retrieved, GiB"),
    "oss.replica_gb_months": N_("Readable copies, GiB-months"),
    "oss.early_deletion_gb_months": N_("Early deletion, GiB-months"),
    "oss.storage_gb_months": N_("Storage, GiB-months"),
    "fnf.transitions": N_("Workflow steps"),
    "fc.compute_units": N_("Function Compute, CU"),
}
NOTHING: Final = "–"  # noqa: RUF001 - a dash
_EXACT_UP_TO: Final = 100


def shown(text: str) -> str:
    """Escape invisible characters, such as control characters and direction marks."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def span(time: timedelta | None) -> str:
    """Format a duration; a dash if there is none."""
    return NOTHING if time is None else exact(time)


def number(value: float) -> str:
    """Format a number with separators, and a fraction only if it matters."""
    whole = float(value).is_integer() or value >= _EXACT_UP_TO
    return f"{value:,.0f}" if whole else f"{value:,.2f}"


def part_name(part: str) -> str:
    """Describe a part of a bill, such as ``oss.retrieved_gb.ColdArchive.Bulk``."""
    for start, words in _PARTS.items():
        if part.startswith(start):
            kind = part.removeprefix(start).strip(".").replace(".", ", ")
            return f"{_(words)}: {kind}" if kind else _(words)
    return part


def when(moment: datetime | str) -> str:
    """Format a moment for people; a dash if there is none."""
    return local_time(moment) if moment else NOTHING


def size(count: float) -> str:
    """Format a number of bytes in units of powers of 1024, such as ``1.5 GiB``."""
    from humanfriendly import format_size  # noqa: PLC0415 - few commands show sizes

    return format_size(count, binary=True)
