"""How long to wait before looking whether objects are readable.

Two things keep a poll loop short: nothing is looked at before its tier can be done, and classes
that take hours are looked at every few minutes. The longest loop is DeepColdArchive at its
Standard tier: 48 hours in steps of 15 minutes, 192 rounds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from thaw.run_input import RunInput
from thaw.storage_classes import ARCHIVE, COLD_ARCHIVE, DEEP_COLD_ARCHIVE, DEFAULT_TIER

# Seconds between looks, at the least.
_POLL_SECONDS: Final = {ARCHIVE: 1, COLD_ARCHIVE: 300, DEEP_COLD_ARCHIVE: 900}

# Seconds in which no object of that class and tier is readable (docs 52930 gives "2 to 5 hours" and
# "5 to 12 hours" for these two, and only an upper end for the others).
_EARLIEST_SECONDS: Final = {
    (COLD_ARCHIVE, "Standard"): 2 * 3600,
    (COLD_ARCHIVE, "Bulk"): 5 * 3600,
}


def next_wait(classes: Iterable[str], run: RunInput) -> int:
    """Seconds until the next look at objects of these classes, all of them thawing."""
    return max([run.poll_interval, *(_POLL_SECONDS[name] for name in classes)])


def first_wait(requested: Iterable[str], thawing: Iterable[str], run: RunInput) -> int:
    """Seconds until the first look at a page.

    Args:
        requested: classes of the objects a request is being sent for.
        thawing: classes of those that somebody asked for before, nobody knows when.
        run: its tier and poll interval.
    """
    requested = set(requested)
    tier = run.tier or DEFAULT_TIER
    earliest = (_EARLIEST_SECONDS.get((name, tier), 0) for name in requested)
    return max([next_wait(requested.union(thawing), run), *earliest])
