"""The duration of thaws, and the days for which objects then stay readable."""

from __future__ import annotations

import math
from typing import Final

from thaw.run_input import RunInput
from thaw.storage_classes import ARCHIVE, DAY_SECONDS, MAX_DAYS, THAW_SECONDS

SAFE_SECONDS: Final = 6 * 3600  # objects that wait for their copies and expire sooner are extended


def thaw_seconds(run: RunInput, storage_class: str) -> int:
    """Return the seconds within which every thaw of a class is complete."""
    return THAW_SECONDS[storage_class, run.tier_of(storage_class)]


def days_of(run: RunInput, storage_class: str) -> int:
    """Return the days for which objects of a class are requested to stay readable.

    By default, all objects of the run are readable together for one whole day: a class that thaws
    sooner than the run's slowest one stays readable for longer. Archive objects that are to be
    copied stay readable for as long as possible: that costs nothing (docs: temporary storage fees),
    and they may be copied late.

    Args:
        run: the run, with its days, tier and classes.
        storage_class: one of the run's classes.
    """
    if run.days is not None:
        return run.days
    if run.then is not None and storage_class == ARCHIVE:
        return MAX_DAYS[ARCHIVE]
    slowest = max(thaw_seconds(run, name) for name in run.storage_classes)
    head_start = slowest - thaw_seconds(run, storage_class)
    return min(MAX_DAYS[storage_class], 1 + math.ceil(head_start / DAY_SECONDS))


def extension_days(run: RunInput, storage_class: str) -> int:
    """Return the days by which an object that waits for its copy is extended."""
    return MAX_DAYS[ARCHIVE] if storage_class == ARCHIVE else days_of(run, storage_class)
