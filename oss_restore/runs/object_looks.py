"""Looks at the objects of a run while it goes on, from an operator's machine.

With the code of the last look that the run takes itself. A page is looked at again only when
something on it may have changed, so that watching costs a few requests for each thousand objects.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import Final

from oss_restore.clients.storage import open_store
from oss_restore.clients.target import Target
from thaw.ledger import Ledger
from thaw.ledger_reading import page_numbers
from thaw.page_looks import PageLooks
from thaw.page_ranges import PageRange
from thaw.poll_intervals import copy_wait, next_wait
from thaw.run_input import Run
from thaw.standings import ClassStandings, Standing, Standings
from thaw.storage_classes import ARCHIVE_CLASSES
from thaw.store import Store

MOST_OBJECTS: Final = 200_000  # of a run; looking at them all takes about half a minute
_SECONDS: Final = 2.0  # of one turn
_POLL_SECONDS: Final = 10  # between looks at a page, at the least, however seldom the run looks


@dataclass(frozen=True)
class _PageSeen:
    """A page as it was last looked at.

    Attributes:
        due: when something on it may have changed, seconds since 1970.
    """

    standings: Standings
    due: float

    @property
    def objects(self) -> int:
        return sum(sum(found.counts.values()) for found in self.standings.by_class.values())


def looks_at_objects(target: Target, ledger: Ledger) -> Callable[[Run, datetime], Standings]:
    """Return what looks at the objects of the ledger's run whenever it is called."""
    looks: ObjectLooks | None = None

    def look(run: Run, now: datetime) -> Standings:
        nonlocal looks
        if looks is None:
            looks = ObjectLooks(open_store(target, run.bucket_name), ledger, run)
        return looks.standings(now.timestamp())

    return look


class ObjectLooks:
    """Looks at a run's objects, a few pages in each turn.

    Args:
        store: the run's bucket.
        ledger: the run's.
        run: the run.
        most: objects that are looked at; of more, the first ones.
        monotonic: seconds, for the time budget.
    """

    def __init__(
        self,
        store: Store,
        ledger: Ledger,
        run: Run,
        *,
        most: int = MOST_OBJECTS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._looks = PageLooks(store, run, ledger)
        self._ledger = ledger
        self._run = replace(run, poll_interval=_POLL_SECONDS)
        self._most = most
        self._monotonic = monotonic
        self._seen: dict[int, _PageSeen] = {}

    def standings(self, now: float) -> Standings:
        """Look for as long as a turn takes, and return where the objects stand that were seen.

        Args:
            now: by the cloud's clock, seconds since 1970.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
        """
        deadline = self._monotonic() + _SECONDS
        for page in self._pages(now):
            found, _left = self._looks.standings(PageRange(page, page))
            due = min((now + wait for wait in self._waits(found, now)), default=math.inf)
            self._seen[page] = _PageSeen(found, due)
            if self._monotonic() >= deadline:
                break
        together = Standings()
        for seen in self._seen.values():
            together.add(seen.standings)
        return together

    def _pages(self, now: float) -> Iterator[int]:
        """Those to look at: first the new ones, then those that may have changed."""
        due = sorted((seen.due, page) for page, seen in self._seen.items() if seen.due <= now)
        if not self._has_enough:
            new = (page for page in page_numbers(self._ledger) if page not in self._seen)
            yield from takewhile(lambda _: not self._has_enough, new)
        yield from (page for _, page in due)

    @property
    def _has_enough(self) -> bool:
        return sum(seen.objects for seen in self._seen.values()) >= self._most

    def _waits(self, found: Standings, now: float) -> Iterator[float]:
        """Seconds until something on a page may have changed, one by one."""
        run = self._run
        for storage_class in ARCHIVE_CLASSES:
            standings = found.by_class.get(storage_class, ClassStandings())
            if standings.counts[Standing.NOT_REQUESTED] and not run.dry_run:
                yield 0
            if standings.counts[Standing.THAWING]:
                yield next_wait(storage_class, run)
            if standings.counts[Standing.READABLE]:
                yield max(0, standings.earliest - now)
                if run.then is not None:
                    yield copy_wait(storage_class, run)
