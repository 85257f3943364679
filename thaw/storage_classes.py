"""The archive classes, their restore tiers and their limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ARCHIVE: Final = "Archive"
COLD_ARCHIVE: Final = "ColdArchive"
DEEP_COLD_ARCHIVE: Final = "DeepColdArchive"
ARCHIVE_CLASSES: Final = (ARCHIVE, COLD_ARCHIVE, DEEP_COLD_ARCHIVE)
UNKNOWN_CLASS: Final = "Unknown"  # of an object that a manifest names and that is not there

# Days an object may stay readable, by class (OSS RestoreObject, EC 0016-00000704 and -708).
MAX_DAYS: Final[Mapping[str, int]] = {ARCHIVE: 7, COLD_ARCHIVE: 365, DEEP_COLD_ARCHIVE: 365}

# Days for which an object is billed at least (docs: storage fees): from its last modification, in
# the cold classes from the moment at which it came to them.
MINIMUM_DAYS: Final[Mapping[str, int]] = {ARCHIVE: 60, COLD_ARCHIVE: 180, DEEP_COLD_ARCHIVE: 180}

# Tiers a class takes, fastest first; "Standard" is the default. Archive has none, and refuses any.
TIERS: Final[Mapping[str, tuple[str, ...]]] = {
    ARCHIVE: (),
    COLD_ARCHIVE: ("Expedited", "Standard", "Bulk"),
    DEEP_COLD_ARCHIVE: ("Expedited", "Standard"),
}
DEFAULT_TIER: Final = "Standard"

# Seconds within which objects of a class and tier are readable (docs 52930, the slow end).
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
    """Whether objects of a class may be thawing at a slower tier than this one."""
    return tier in TIERS[storage_class][:-1]
