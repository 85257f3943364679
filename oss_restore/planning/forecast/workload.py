"""What a forecast starts from: the objects, the cloud's quotas, and how fast its calls are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Final

from thaw.copy_load import CopyLoad
from thaw.storage_classes import COLD_ARCHIVE, DEEP_COLD_ARCHIVE, SMALLEST_BILLED_BYTES

DAY_SECONDS: Final = 86_400
_OF_EACH: Final = frozenset({"foreach", "events", "executions"})  # quotas that each lister has


@dataclass(frozen=True)
class Workload:
    """The objects to thaw. The classes are taken to be spread evenly over the keys.

    Attributes:
        objects: frozen objects in scope, by storage class; one or more of each class named.
        object_bytes: size of one, on average, where ``billed_bytes`` does not tell.
        others: objects that the listing passes and the run leaves alone.
        billed_bytes: that all objects of a class are billed for, by class, where that is known.
        readable: of the objects those that are readable already, and are for longer.
        readable_bytes: that these are billed for.
        copies: what follows the thaw, by class; None for the objects to thaw, of any age.
        keeps_versions: whether what is promoted stays, as an archived version.
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
        """What is copied by a run that goes on after the thaw."""
        if self.copies is not None:
            return self.copies
        return {
            name: CopyLoad.of_any_age(count, self.object_bytes)
            for name, count in self.objects.items()
        }

    @property
    def total(self) -> int:
        """Objects to thaw."""
        return sum(self.objects.values())

    def bytes_of(self, storage_class: str) -> float:
        """Bytes that a retrieval of all objects of a class is billed for."""
        smallest = max(self.object_bytes, SMALLEST_BILLED_BYTES)
        return self.billed_bytes.get(storage_class, self.objects[storage_class] * smallest)

    def share(self, listers: int) -> Workload:
        """What each of so many listers has."""
        return replace(
            self,
            objects={name: math.ceil(count / listers) for name, count in self.objects.items()},
            others=math.ceil(self.others / listers),
            billed_bytes={name: size / listers for name, size in self.billed_bytes.items()},
            copies={name: load.share(listers) for name, load in self.copied.items()},
        )


@dataclass(frozen=True)
class Quotas:
    """Limits that decide how long a run takes. Documented values of a fresh account.

    Attributes:
        steps_per_second: step entries of Serverless Workflow, per account (docs 122093).
        cold_per_second, deep_cold_per_second: objects whose thaw begins, per account (docs 52930).
        cold_bytes_per_day, deep_cold_bytes_per_day: that are thawed, per account (docs 52930, the
            low end).
        foreach: iterations at a time (docs 122093).
        instances: of Function Compute; some accounts have 300 (docs 357640).
        events: of one execution (docs 122093).
        executions: running ones, per account (docs 122093).
        copied_bytes_per_second: that OSS copies, per account: assumed to be the 10 Gbit/s that it
            takes of uploads (docs: limits), since nothing is published for copies.
    """

    steps_per_second: float = 100
    cold_per_second: float = 500
    deep_cold_per_second: float = 100
    cold_bytes_per_day: float = 100e12
    deep_cold_bytes_per_day: float = 10e12
    foreach: int = 100
    instances: float = 100
    events: int = 5_000
    executions: int = 10_000
    copied_bytes_per_second: float = 1.25e9

    def thawing_seconds(self, storage_class: str, objects: float, size: float) -> float:
        """Seconds until the thaw of the last of so many objects can begin.

        Args:
            storage_class: of the objects; 0 seconds where no quota is published for it.
            objects: how many.
            size: bytes that they have together.
        """
        if storage_class == COLD_ARCHIVE:
            a_second, a_day = self.cold_per_second, self.cold_bytes_per_day
        elif storage_class == DEEP_COLD_ARCHIVE:
            a_second, a_day = self.deep_cold_per_second, self.deep_cold_bytes_per_day
        else:
            return 0.0
        return max(objects / a_second, size / a_day * DAY_SECONDS)

    def share(self, listers: int) -> Quotas:
        """What each of so many listers gets of the quotas that count all of them together."""
        counted = (one.name for one in fields(self) if one.name not in _OF_EACH)
        return replace(self, **{name: getattr(self, name) / listers for name in counted})
