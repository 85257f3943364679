"""How the objects of a bucket in a local cloud stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class ClassState:
    """How the objects of one storage class stand."""

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
    """How a bucket stands, and how many seconds of cloud time the run has taken until then."""

    classes: Sequence[ClassState]
    seconds: float


WatchBucket: TypeAlias = Callable[[], BucketProgress]
