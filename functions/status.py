"""Tells how far the objects in a range of keys are, by listing: 1,000 objects a call.

A look ends at the first object that is still thawing: that one decides. The next look starts there,
since everything before it is known to be done; so a run is listed about once, however often one
looks, and however many objects it has.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from thaw.classification import State, is_thawable, state_of
from thaw.poll_intervals import next_wait
from thaw.run_input import Run
from thaw.scope import Scope
from thaw.store import ListedObject, Listing, Store

LOOK_SECONDS = 120.0  # checking a very large range continues in the next call


@dataclass
class RangeStatus:
    """How far a look came.

    Attributes:
        cursor: the key up to which every object is done; the next check starts after it.
        running: whether it is worth looking again.
        wait_seconds: until the next look.
        readable: objects passed that are readable.
        absent: objects passed that are neither thawing nor readable: never asked for, refused, or
            expired again. Nothing will become of them by waiting, so they are not waited for.
    """

    cursor: str
    running: bool = False
    wait_seconds: int = 0
    readable: int = 0
    absent: int = 0

    def to_json(self) -> dict[str, object]:
        """What the flow continues with."""
        return {
            "status": "running" if self.running else "success",
            "cursor": self.cursor,
            "waitSeconds": self.wait_seconds,
            "readable": self.readable,
            "absent": self.absent,
        }


def range_status(
    store: Store,
    run: Run,
    *,
    after: str,
    until: str,
    monotonic: Callable[[], float] = time.monotonic,
) -> RangeStatus:
    """How far the archived objects with keys in (after, until] are.

    Args:
        store: the run's bucket.
        run: whose objects; its filters apply.
        after: the key behind which the range starts.
        until: its last key; empty for the end of the run's prefix.
        monotonic: seconds, for the time budget.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    look = StatusCheck(run, last=until or run.until, status=RangeStatus(cursor=after))
    deadline = monotonic() + LOOK_SECONDS
    list_all = store.version_listings if run.versions == "all" else store.listings
    for listing in list_all(run.prefix, after):
        if not look.pass_listing(listing):
            break
        if listing.truncated and monotonic() >= deadline:
            look.pause()
            break
    return look.status


@dataclass
class StatusCheck:
    """A status check in progress.

    Attributes:
        last: the last key to check; empty for no limit.
        status: how far it got.
    """

    run: Run
    last: str
    status: RangeStatus
    _scope: Scope = field(init=False)
    _versions: bool = field(init=False)
    _key: str = ""
    _passed: str = ""

    def __post_init__(self) -> None:
        self._scope = Scope(self.run)
        self._versions = self.run.versions == "all"

    def pass_listing(self, listing: Listing) -> bool:
        """Pass the objects of a listing; False once the check is over."""
        for listed in listing.objects:
            if self.last and listed.key > self.last:
                return False
            # More versions of this key may follow, so the cursor stays before it.
            place = self._place_before(listed.key) if self._versions else listed.key
            if not self.pass_object(place, listed, listing.now):
                return False
        return True

    def _place_before(self, key: str) -> str:
        """The last key before this one that was passed."""
        if key != self._key:
            self._passed, self._key = self._key, key
        return self._passed or self.status.cursor

    def pass_object(self, place: str, listed: ListedObject, now: float) -> bool:
        """Pass one object; False if it is still thawing, which ends the check.

        Args:
            place: the cursor once the object is passed.
            listed: the object.
            now: by OSS's clock, seconds since 1970.
        """
        if listed in self._scope and is_thawable(listed):
            state = state_of(listed, now)
            if state is State.THAWING:
                self.status.running = True
                self.status.wait_seconds = next_wait([listed.storage_class], self.run)
                return False
            self.status.readable += state is State.READABLE
            self.status.absent += state is State.FROZEN
        self.status.cursor = place
        return True

    def pause(self) -> None:
        """Stop before the end because the time is up; the next call continues from here."""
        self.status.running, self.status.wait_seconds = True, 1
