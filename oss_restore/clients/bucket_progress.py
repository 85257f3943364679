"""The restore state of a bucket in a local cloud."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class ClassState:
    """The restore state of the objects of one storage class."""

    storage_class: str
    objects: int
    thawing: int
    readable: int

    @property
    def requested(self) -> int:
        """Objects that are thawing or thawed."""
        return self.thawing + self.readable


@dataclass(frozen=True)
class BucketProgress:
    """The restore state of a bucket, and the cloud time in seconds since the watch began."""

    classes: Sequence[ClassState]
    seconds: float


WatchBucket: TypeAlias = Callable[[], BucketProgress]
