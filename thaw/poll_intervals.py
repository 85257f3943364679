"""The waits between looks at objects that are thawing.

Two rules keep a poll loop short: no look before the earliest time at which the tier can be done,
and only one every few minutes for classes that take hours. The longest loop is DeepColdArchive at
its Standard tier: 48 hours in steps of 30 minutes, 96 rounds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from thaw.run_input import RunInput
from thaw.storage_classes import ARCHIVE, COLD_ARCHIVE, DEEP_COLD_ARCHIVE, DEFAULT_TIER

# Minimum seconds between looks.
_POLL_SECONDS: Final = {ARCHIVE: 1, COLD_ARCHIVE: 300, DEEP_COLD_ARCHIVE: 1800}

# Seconds between looks at objects to be copied: each of these looks lists all thawing objects,
# while others end at the first one.
_COPY_SECONDS: Final = {ARCHIVE: 1, COLD_ARCHIVE: 600, DEEP_COLD_ARCHIVE: 3600}

# Seconds before which no object of that class and tier is readable (docs 52930 gives "2 to 5 hours"
# and "5 to 12 hours" for these two, and only a maximum for the others).
_EARLIEST_SECONDS: Final = {
    (COLD_ARCHIVE, "Standard"): 2 * 3600,
    (COLD_ARCHIVE, "Bulk"): 5 * 3600,
}


def next_wait(storage_class: str, run: RunInput, *, requested_ago: float | None = None) -> int:
    """Return the seconds until the next look at thawing objects of a class.

    Args:
        storage_class: the class of the objects.
        run: the run, with its tier and poll interval.
        requested_ago: the most seconds that can have passed since the request; None if unknown.
    """
    wait = max(run.poll_interval, _POLL_SECONDS[storage_class])
    if requested_ago is None:
        return wait
    return max(wait, math.ceil(_earliest(storage_class, run) - requested_ago))


def first_wait(requested: Iterable[str], thawing: Iterable[str], run: RunInput) -> int:
    """Return the seconds until the first look at a page.

    Args:
        requested: classes of the objects that are being requested.
        thawing: classes of objects that were requested before, at an unknown time.
        run: the run, with its tier and poll interval.
    """
    waits = [next_wait(name, run, requested_ago=0) for name in requested]
    return max([run.poll_interval, *waits, *(next_wait(name, run) for name in thawing)])


def _earliest(storage_class: str, run: RunInput) -> int:
    return _EARLIEST_SECONDS.get((storage_class, run.tier or DEFAULT_TIER), 0)


def copy_wait(storage_class: str, run: RunInput) -> int:
    """Return the seconds until the next look at objects of a class that are to be copied."""
    return max(run.poll_interval, _COPY_SECONDS[storage_class])
