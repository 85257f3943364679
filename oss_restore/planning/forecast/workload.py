"""The objects and quotas on which a forecast is based."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Final

from thaw.copy_load import CopyLoad
from thaw.storage_classes import COLD_ARCHIVE, DAY_SECONDS, DEEP_COLD_ARCHIVE, SMALLEST_BILLED_BYTES

_OF_EACH: Final = frozenset({"foreach", "events", "executions"})  # quotas that each lister has


@dataclass(frozen=True)
class Workload:
    """The objects to thaw. The classes are assumed to be spread evenly over the keys.

    Attributes:
        objects: number of frozen objects in scope, by storage class; at least one of each.
        object_bytes: average size of an object, for classes without ``billed_bytes``.
        others: listed objects that the run leaves alone.
        billed_bytes: billed size of all objects of a class, by class, where it is known.
        readable: number of these objects that are already readable, by class; they are extended.
        readable_bytes: billed size of the readable objects, by class.
        copies: objects to copy after the thaw, by class; None for all objects to thaw, of any age.
        keeps_versions: whether promoted objects stay as archived versions.
    """

    objects: Mapping[str, int]
    object_bytes: float = 2**20
    others: int = 0
    billed_bytes: Mapping[str, float] = field(default_factory=dict)
    readable: Mapping[str, int] = field(default_factory=dict)
    readable_bytes: Mapping[str, float] = field(default_factory=dict)
    copies: Mapping[str, CopyLoad] | None = None
    keeps_versions: bool = False

    @property
    def copied(self) -> Mapping[str, CopyLoad]:
        """The objects that are copied if the run copies after the thaw, by class."""
        if self.copies is not None:
            return self.copies
        return {
            name: CopyLoad.of_any_age(count, self.object_bytes)
            for name, count in self.objects.items()
        }

    @property
    def total(self) -> int:
        """The number of objects to thaw."""
        return sum(self.objects.values())

    def bytes_of(self, storage_class: str) -> float:
        """Return the billed bytes of a retrieval of all objects of a class."""
        smallest = max(self.object_bytes, SMALLEST_BILLED_BYTES)
        return self.billed_bytes.get(storage_class, self.objects[storage_class] * smallest)

    def share(self, listers: int) -> Workload:
        """Return the share of one of several listers."""
        return replace(
            self,
            objects={name: math.ceil(count / listers) for name, count in self.objects.items()},
            others=math.ceil(self.others / listers),
            billed_bytes={name: size / listers for name, size in self.billed_bytes.items()},
            copies={name: load.share(listers) for name, load in self.copied.items()},
        )


@dataclass(frozen=True)
class Quotas:
    """Limits that determine the duration of a run, by default those documented for new accounts.

    Attributes:
        steps_per_second: step entries of Serverless Workflow, per account (docs 122093).
        cold_per_second, deep_cold_per_second: objects per second whose thaws begin, per account
            (docs 52930).
        cold_bytes_per_day, deep_cold_bytes_per_day: thawed bytes per day, per account (docs 52930,
            the low end).
        foreach: parallel iterations of a foreach step (docs 122093).
        instances: instances of Function Compute; some accounts have 300 (docs 357640).
        executions: running executions per account (docs 122093).
        copied_bytes_per_second: bytes per second that OSS copies, per account: assumed to be the
            10 Gbit/s for uploads (docs: limits), since nothing is published for copies.
    """

    steps_per_second: float = 100
    cold_per_second: float = 500
    deep_cold_per_second: float = 100
    cold_bytes_per_day: float = 100e12
    deep_cold_bytes_per_day: float = 10e12
    foreach: int = 100
    instances: float = 100
    executions: int = 10_000
    copied_bytes_per_second: float = 1.25e9

    def thawing_seconds(self, storage_class: str, objects: float, size: float) -> float:
        """Return the seconds until the thaw of the last object can begin; 0 without a known quota.

        Args:
            storage_class: class of the objects.
            objects: number of objects.
            size: their total size in bytes.
        """
        if storage_class == COLD_ARCHIVE:
            a_second, a_day = self.cold_per_second, self.cold_bytes_per_day
        elif storage_class == DEEP_COLD_ARCHIVE:
            a_second, a_day = self.deep_cold_per_second, self.deep_cold_bytes_per_day
        else:
            return 0.0
        return max(objects / a_second, size / a_day * DAY_SECONDS)

    def share(self, listers: int) -> Quotas:
        """Return one lister's share of the quotas, which are for all listers together."""
        shared = (field.name for field in fields(self) if field.name not in _OF_EACH)
        return replace(self, **{name: getattr(self, name) / listers for name in shared})
