"""The archive classes, their restore tiers and their limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ARCHIVE: Final = "Archive"
COLD_ARCHIVE: Final = "ColdArchive"
DEEP_COLD_ARCHIVE: Final = "DeepColdArchive"
ARCHIVE_CLASSES: Final = (ARCHIVE, COLD_ARCHIVE, DEEP_COLD_ARCHIVE)
UNKNOWN_CLASS: Final = "Unknown"  # the class of objects that a manifest names and do not exist

# Maximum days for which an object may stay readable (RestoreObject, EC 0016-00000704 and -708).
MAX_DAYS: Final[Mapping[str, int]] = {ARCHIVE: 7, COLD_ARCHIVE: 365, DEEP_COLD_ARCHIVE: 365}

# Minimum days for which an object is billed (docs: storage fees): since its last modification, in
# the cold classes since it entered the class.
MINIMUM_DAYS: Final[Mapping[str, int]] = {ARCHIVE: 60, COLD_ARCHIVE: 180, DEEP_COLD_ARCHIVE: 180}

# Tiers of each class, fastest first. Archive has none, and refuses any.
TIERS: Final[Mapping[str, tuple[str, ...]]] = {
    ARCHIVE: (),
    COLD_ARCHIVE: ("Expedited", "Standard", "Bulk"),
    DEEP_COLD_ARCHIVE: ("Expedited", "Standard"),
}
DEFAULT_TIER: Final = "Standard"

DAY_SECONDS: Final = 86_400

# Seconds within which objects of a class and tier are readable (docs 52930, the maximum).
THAW_SECONDS: Final[Mapping[tuple[str, str], int]] = {
    (ARCHIVE, ""): 60,
    (COLD_ARCHIVE, "Expedited"): 3_600,
    (COLD_ARCHIVE, "Standard"): 5 * 3_600,
    (COLD_ARCHIVE, "Bulk"): 12 * 3_600,
    (DEEP_COLD_ARCHIVE, "Expedited"): 12 * 3_600,
    (DEEP_COLD_ARCHIVE, "Standard"): 48 * 3_600,
}

SMALLEST_BILLED_BYTES: Final = 64 * 1024  # of one archived object (OSS billing documents)


def has_slower_tier(storage_class: str, tier: str) -> bool:
    """Return whether a class has a tier that is slower than this one."""
    return tier in TIERS[storage_class][:-1]


def minimum_days_left(storage_class: str, age_seconds: float) -> float:
    """Return the days for which an object of an age would be billed after its deletion."""
    return max(0.0, MINIMUM_DAYS.get(storage_class, 0) - age_seconds / DAY_SECONDS)
