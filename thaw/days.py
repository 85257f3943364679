"""For how many days an object is asked to stay readable."""

from __future__ import annotations

import math
from typing import Final

from thaw.run_input import RunInput
from thaw.storage_classes import ARCHIVE, COLD_ARCHIVE, DEEP_COLD_ARCHIVE, DEFAULT_TIER, MAX_DAYS

# Hours after which every object of that class and tier is readable (docs 52930). Archive, which
# has no tiers, takes about a minute.
_LONGEST_HOURS: Final = {
    (COLD_ARCHIVE, "Expedited"): 1,
    (COLD_ARCHIVE, "Standard"): 5,
    (COLD_ARCHIVE, "Bulk"): 12,
    (DEEP_COLD_ARCHIVE, "Expedited"): 12,
    (DEEP_COLD_ARCHIVE, "Standard"): 48,
}


def _longest_hours(storage_class: str, tier: str) -> int:
    return 0 if storage_class == ARCHIVE else _LONGEST_HOURS[storage_class, tier]


def days_of(run: RunInput, storage_class: str) -> int:
    """Days for which objects of a class are asked to stay readable.

    What the run says, or else one whole day together: a class that is thawed sooner than the run's
    slowest one stays for as much longer, so that at the end of the run everything is readable.
    Archive objects that are copied then stay for as long as they can, since that costs nothing
    (docs: temporary storage fees), and their turn may come late.

    Args:
        run: its days, tier and classes.
        storage_class: one of the run's classes.
    """
    if run.days is not None:
        return run.days
    if run.then is not None and storage_class == ARCHIVE:
        return MAX_DAYS[ARCHIVE]
    tier = run.tier or DEFAULT_TIER
    slowest = max(_longest_hours(name, tier) for name in run.storage_classes)
    head_start = slowest - _longest_hours(storage_class, tier)
    return min(MAX_DAYS[storage_class], 1 + math.ceil(head_start / 24))
