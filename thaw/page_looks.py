"""Look at a run's objects page by page: whether they are readable yet, and where each stands.

Each object that a page has listed is compared with a new listing, a thousand per request. See
:mod:`thaw.object_standing`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar

from thaw.classification import State, expiry_of, state_of
from thaw.copy_slices import copies_of_page
from thaw.ledger import Ledger, PageContent
from thaw.ledger_reading import page_numbers
from thaw.limits import LIST_KEYS
from thaw.lookup import FoundObject, ObjectName, find
from thaw.object_standing import (
    COPIED_BY_RUN,
    ListedOnPage,
    can_be_found,
    copy_tally,
    is_frozen,
    standing_of,
)
from thaw.outcomes import Outcome, OutcomeRecord
from thaw.page_ranges import LOOK_SECONDS, PAGES_AT_ONCE, PageRange
from thaw.poll_intervals import next_wait
from thaw.run_input import Run
from thaw.shards import prefix_of_page
from thaw.standings import Standing, Standings
from thaw.store import Store

T = TypeVar("T")

_SOON: Final = 1  # seconds until the next look at pages for which there was no time


@dataclass(frozen=True)
class PagesLeft:
    """The pages that a look leaves to the next one.

    Attributes:
        pages: the pages from the first one that needs another look; None if none does.
        wait_seconds: seconds until the next look.
        readable: the number of readable objects on the pages before.
    """

    pages: PageRange | None = None
    wait_seconds: int = 0
    readable: int = 0


@dataclass(frozen=True)
class PageLooks:
    """Looks at the pages of a run. All methods raise RunError as :func:`thaw.oss_errors.call`.

    Attributes:
        store: the run's bucket.
        ledger: the run's ledger.
        monotonic: a clock in seconds, for the time budget.
    """

    store: Store
    run: Run
    ledger: Ledger
    monotonic: Callable[[], float] = time.monotonic

    def until_thawing(self, pages: PageRange) -> PagesLeft:
        """Look at pages until one of them has a thawing object, or time is up."""
        page, readable = pages.first, 0
        # Most looks end at the first page, so only further pages are looked at in parallel.
        for page, progress in self._in_parallel(pages, self._progress, first=1):
            wait_seconds, readable_of_page = progress
            if wait_seconds:
                return PagesLeft(pages.starting_at(page), wait_seconds, readable)
            readable += readable_of_page
        return PagesLeft(pages.starting_at(page + 1), _SOON, readable)

    def standings(self, pages: PageRange) -> tuple[Standings, PagesLeft]:
        """Count the standings on as many of the pages as there is time for."""
        total, left = Standings(), PagesLeft()
        for page, standings in self._in_parallel(pages, self._standings):
            total.add(standings)
            left = PagesLeft(pages.starting_at(page + 1), _SOON)
        return total, left

    def all_standings(self) -> Standings:
        """Count the standings on every page in the ledger, however long it takes."""
        total = Standings()
        pages = page_numbers(self.ledger)
        for _, standings in self._in_parallel(pages, self._standings, seconds=math.inf):
            total.add(standings)
        return total

    def _in_parallel(
        self,
        pages: Iterable[int],
        look: Callable[[int], T],
        *,
        first: int = PAGES_AT_ONCE,
        seconds: float = LOOK_SECONDS,
    ) -> Iterator[tuple[int, T]]:
        """Look at pages in order, at first ``first`` and then a few at a time, until time is up."""
        deadline = self.monotonic() + seconds
        remaining = iter(pages)
        numbers = list(islice(remaining, first))
        with ThreadPoolExecutor(max_workers=PAGES_AT_ONCE) as pool:
            while numbers:
                yield from zip(numbers, pool.map(look, numbers), strict=True)
                if self.monotonic() >= deadline:
                    return
                numbers = list(islice(remaining, PAGES_AT_ONCE))

    def _progress(self, page: int) -> tuple[int, int]:
        """Return the seconds until the next look at a page, or 0 and its readable objects."""
        awaited = _awaited(self.ledger.content(page))
        readable = 0
        while batch := dict(islice(awaited, LIST_KEYS)):
            for name, found in self._find(page, [*batch]).items():
                state = state_of(found.listed, found.now)
                readable += state is State.READABLE
                if state is State.THAWING:
                    requested = batch[name]
                    since = None if requested is None else found.now - requested
                    wait = next_wait(found.listed.storage_class, self.run, requested_ago=since)
                    return wait, 0
        return 0, readable

    def _standings(self, page: int) -> Standings:
        standings, content = Standings(), self.ledger.content(page)
        copies: dict[ObjectName, OutcomeRecord] = {}
        if self.run.then is not None:
            copies = {record.name: record for record in copies_of_page(self.ledger, page)}
            standings.removed = sum(bool(record.removed_version) for record in copies.values())
        versioned = any(record.source_stays for record in copies.values())
        objects, skipped = list(content.objects), list(content.skipped)
        on_page: list[ListedOnPage] = [*objects, *skipped]
        names = [listed.name for listed in on_page if can_be_found(listed)]
        found_objects = self._find(page, names) if names else {}
        standings.record_look(max((found.now for found in found_objects.values()), default=0))

        def count(listed: ListedOnPage, outcome: Outcome | None) -> None:
            found = found_objects.get(listed.name)
            standing = standing_of(listed, found, outcome, copies.get(listed.name))
            expiry = expiry_of(found.listed) if found and standing is Standing.READABLE else 0
            standings.count(listed.storage_class, standing, expiry=int(expiry))
            if standing in COPIED_BY_RUN:
                ends = not versioned or copies[listed.name].removed_version
                ended = found if standing is Standing.PROMOTED and ends else None
                standings.count_copy(listed.storage_class, copy_tally(listed, ended))

        for record in skipped:
            count(record, record.outcome)
        remaining = iter(objects)
        for group, part in enumerate(content.index.slices):
            of_group = list(islice(remaining, part.objects))
            frozen = any(is_frozen(listed, found_objects.get(listed.name)) for listed in of_group)
            recorded = self.ledger.group(page, group) if frozen else None
            outcomes = _outcomes(recorded.records if recorded else ())
            for listed in of_group:
                count(listed, outcomes.get(listed.name))
        if self.run.dry_run:  # objects to be requested are only counted, without lines
            for storage_class, tally in content.index.to_send.items():
                standings.count(storage_class, Standing.NOT_REQUESTED, tally.objects)
        return standings

    def _find(self, page: int, names: list[ObjectName]) -> dict[ObjectName, FoundObject]:
        return find(self.store, prefix_of_page(self.run, page), names)


def _awaited(content: PageContent) -> Iterator[tuple[ObjectName, int | None]]:
    """Yield the objects to wait for, and when the run requested each, if it did."""
    for obj in content.objects:
        yield obj.name, obj.listed_at if obj.state is State.FROZEN else None
    for record in content.skipped:
        if record.outcome is Outcome.ALREADY_THAWING:
            yield record.name, None


def _outcomes(records: Iterable[OutcomeRecord]) -> dict[ObjectName, Outcome]:
    return {record.name: record.outcome for record in records}
