"""Tells how far the objects in a range of keys are, by listing: 1,000 objects a call."""

from __future__ import annotations

from dataclasses import dataclass

from functions.classify import State, is_thawable, state_of
from functions.contract import Run
from functions.filters import Scope
from functions.store import Store
from functions.waits import next_wait


@dataclass
class RangeStatus:
    """Archived objects of the run in a range of keys, by the state of their readable copies.

    Attributes:
        absent: neither thawing nor readable: never asked for, refused, or expired again. Nothing
            will become of them by waiting, so they are reported and not waited for.
        wait_seconds: until the next look is worth it.
    """

    readable: int = 0
    thawing: int = 0
    absent: int = 0
    wait_seconds: int = 0

    def to_json(self) -> dict[str, object]:
        """What the flow goes on with."""
        return {
            "status": "running" if self.thawing else "success",
            "waitSeconds": self.wait_seconds,
            "readable": self.readable,
            "thawing": self.thawing,
            "absent": self.absent,
        }


def range_status(store: Store, run: Run, *, after: str, until: str) -> RangeStatus:
    """How far the archived objects with keys in (after, until] are, by listing.

    Args:
        store: the run's bucket.
        run: whose objects; its filters apply.
        after: the key behind which the range starts.
        until: its last key; empty for the end of the run's prefix.

    Raises:
        RunError: as :func:`functions.calls.call`.
    """
    last = until or run.until
    scope = Scope(run)
    status = RangeStatus()
    thawing_classes: set[str] = set()
    for listing in store.listings(run.prefix, after):
        for listed in listing.objects:
            if last and listed.key > last:
                break
            if listed not in scope or not is_thawable(listed):
                continue
            state = state_of(listed, listing.now)
            if state is State.THAWING:
                status.thawing += 1
                thawing_classes.add(listed.storage_class)
            elif state is State.READABLE:
                status.readable += 1
            else:
                status.absent += 1
        if listing.objects and last and listing.objects[-1].key >= last:
            break
    status.wait_seconds = next_wait(thawing_classes, run)
    return status
