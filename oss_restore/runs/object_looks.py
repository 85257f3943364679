"""Looks at the objects of a run in progress from an operator's machine.

The code is the same as for the run's own last look. A page is only looked at again when an object
on it may have changed, so that watching costs a few requests per thousand objects.
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

MOST_OBJECTS: Final = 200_000  # per run; looking at all of them takes about half a minute
_SECONDS: Final = 2.0  # time limit of one call
_POLL_SECONDS: Final = 10  # poll interval of pages, in place of the run's own


@dataclass(frozen=True)
class _PageState:
    """The result of the last look at a page.

    Attributes:
        standings: the standings of its objects.
        due: when one of them may have changed, in seconds since 1970.
    """

    standings: Standings
    due: float

    @property
    def objects(self) -> int:
        return sum(standings.counts.total() for standings in self.standings.by_class.values())


def looks_at_objects(target: Target, ledger: Ledger) -> Callable[[Run, datetime], Standings]:
    """Return a function that looks at the objects of the ledger's run."""
    looks: ObjectLooks | None = None

    def look(run: Run, now: datetime) -> Standings:
        nonlocal looks
        if looks is None:
            looks = ObjectLooks(open_store(target, run.bucket_name), ledger, run)
        return looks.standings(now.timestamp())

    return look


class ObjectLooks:
    """Looks at a run's objects, a few pages in each call.

    Args:
        store: the run's bucket.
        ledger: the run's ledger.
        run: the run's input.
        most: approximate maximum of objects to look at; the rest is ignored.
        monotonic: clock for the time limit, in seconds.
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
        self._states: dict[int, _PageState] = {}

    def standings(self, now: float) -> Standings:
        """Look at pages for up to two seconds, and return the standings of all objects seen so far.

        Args:
            now: the cloud's clock, in seconds since 1970.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
        """
        deadline = self._monotonic() + _SECONDS
        for page in self._pages(now):
            standings, _ = self._looks.standings(PageRange(page, page))
            due = min((now + wait for wait in self._waits(standings, now)), default=math.inf)
            self._states[page] = _PageState(standings, due)
            if self._monotonic() >= deadline:
                break
        total = Standings()
        for state in self._states.values():
            total.add(state.standings)
        return total

    def _pages(self, now: float) -> Iterator[int]:
        """Yield the pages to look at: first new ones, then those that may have changed."""
        changed = sorted(
            (state.due, page) for page, state in self._states.items() if state.due <= now
        )
        if not self._has_enough:
            new = (page for page in page_numbers(self._ledger) if page not in self._states)
            yield from takewhile(lambda _: not self._has_enough, new)
        yield from (page for _, page in changed)

    @property
    def _has_enough(self) -> bool:
        return sum(state.objects for state in self._states.values()) >= self._most

    def _waits(self, page: Standings, now: float) -> Iterator[float]:
        """Yield the seconds until objects of a page may have changed, by class and standing."""
        run = self._run
        for storage_class in ARCHIVE_CLASSES:
            standings = page.by_class.get(storage_class, ClassStandings())
            if standings.counts[Standing.NOT_REQUESTED] and not run.dry_run:
                yield 0
            if standings.counts[Standing.THAWING]:
                yield next_wait(storage_class, run)
            if standings.counts[Standing.READABLE]:
                yield max(0, standings.earliest - now)
                if run.then is not None:
                    yield copy_wait(storage_class, run)
