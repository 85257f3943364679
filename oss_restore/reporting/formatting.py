"""Values as a reader sees them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from oss_restore.durations import exact
from oss_restore.language import N_
from oss_restore.language import gettext as _

_PARTS: Final = {
    "oss.requests.RestoreObject": N_("Restore requests"),
    "oss.requests.others": N_("Other OSS requests"),
    "oss.retrieved_gb": N_("Data retrieved, GB"),
    "oss.replica_gb_months": N_("Readable copies, GB-months"),
    "fnf.transitions": N_("Workflow steps"),
    "fc.invocations": N_("Function calls"),
    "fc.gb_seconds": N_("Function duration, GB-seconds"),
}
NOTHING: Final = "–"  # noqa: RUF001 - a dash
_EXACT_UP_TO: Final = 100
_CENT: Final = 0.01


def shown(text: str) -> str:
    """A text with whatever cannot be seen written out: control characters, marks of direction."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def span(time: timedelta | None) -> str:
    """A length of time; a dash where there is none."""
    return NOTHING if time is None else exact(time)


def number(value: float) -> str:
    """With separators; a fraction only where it says something."""
    whole = float(value).is_integer() or value >= _EXACT_UP_TO
    return f"{value:,.0f}" if whole else f"{value:,.2f}"


def money(value: float) -> str:
    """With two digits, and never 0 for what is only little."""
    return f"{value:,.2f}" if value >= _CENT or not value else f"< {_CENT}"


def part_name(part: str) -> str:
    """What a part of a bill is, such as ``oss.retrieved_gb.ColdArchive.Bulk``, in words."""
    for start, words in _PARTS.items():
        if part.startswith(start):
            kind = part.removeprefix(start).strip(".").replace(".", ", ")
            return f"{_(words)}: {kind}" if kind else _(words)
    return part


def when(moment: datetime | str) -> str:
    """Such as ``2026-11-24 10:15:00 UTC``; a dash for an empty text."""
    if not moment:
        return NOTHING
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
