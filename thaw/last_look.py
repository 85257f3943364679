"""Looks at a run's objects page by page: whether they are through, and where each of them stands.

What was asked for says little of what is readable: a copy expires while slower objects are still
thawing, others thaw, delete and overwrite. So each object that a page has listed is compared with
what a listing shows of it now: a thousand of them in a request. The ledger is asked only for the
reasons why objects are frozen.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final, TypeVar

from thaw.after_thaw import READABLE_CLASSES
from thaw.classification import State, expiry_of, state_of
from thaw.copy_slices import copies_of_page
from thaw.ledger import Ledger, PageContent
from thaw.ledger_reading import page_numbers
from thaw.lookup import FoundObject, ObjectName, find
from thaw.outcomes import MISMATCH, Outcome, OutcomeRecord
from thaw.page_chunks import PageObject
from thaw.page_ranges import PAGES_AT_ONCE, PageRange
from thaw.poll_intervals import next_wait
from thaw.run_input import Run
from thaw.shards import prefix_of_page
from thaw.standings import Standing, Standings
from thaw.storage_classes import UNKNOWN_CLASS
from thaw.store import LIST_KEYS, Store

T = TypeVar("T")

LOOK_SECONDS: Final = 120.0  # a look at very many pages goes on in the next call
_AT_ONCE: Final = 1  # seconds: what was not looked at yet need not be waited for

_AWAITED: Final = frozenset({Outcome.ALREADY_THAWING})
_NEVER_THAWED: Final = frozenset({Outcome.FOLDER_MARKER, Outcome.SYMLINK})
_OF_STATE: Final = {State.READABLE: Standing.READABLE, State.THAWING: Standing.THAWING}
_OF_COPY: Final[Mapping[Outcome | None, Standing]] = {
    Outcome.COPIED: Standing.COPIED,
    Outcome.PROMOTED: Standing.PROMOTED,
    Outcome.PRESENT: Standing.PRESENT,
}
_OWN_CHANGES: Final = frozenset({MISMATCH})  # of copies that may have taken their source's place
_OF_FROZEN: Final = {
    None: Standing.NOT_REQUESTED,
    Outcome.DENIED: Standing.REFUSED,
    Outcome.REJECTED: Standing.REFUSED,
    Outcome.FAILED: Standing.FAILED,
    Outcome.NOT_ARCHIVED: Standing.CLASS_CHANGED,
}


@dataclass(frozen=True)
class PagesLeft:
    """What a look has left to the next one.

    Attributes:
        pages: from the first one that is not through; None where all are.
        wait_seconds: until the next look.
        readable: objects on the pages that are through.
    """

    pages: PageRange | None = None
    wait_seconds: int = 0
    readable: int = 0


def look_for_thawing(
    store: Store,
    run: Run,
    ledger: Ledger,
    pages: PageRange,
    *,
    monotonic: Callable[[], float] = time.monotonic,
) -> PagesLeft:
    """Looks at pages until one of them has an object that is thawing, or the time is up.

    Args:
        store: the run's bucket.
        run: whose pages.
        ledger: of the run.
        pages: to look at.
        monotonic: seconds, for the time budget.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    look = partial(_progress_of, store, run, ledger)
    page, readable = pages.first, 0
    # Most looks end at the first page: only behind it several are worth a request at once.
    for page, found in _side_by_side(pages, look, monotonic, first=1):
        if found.wait_seconds:
            return PagesLeft(pages.starting_at(page), found.wait_seconds, readable)
        readable += found.readable
    return PagesLeft(pages.starting_at(page + 1), _AT_ONCE, readable)


def look_at_pages(
    store: Store,
    run: Run,
    ledger: Ledger,
    pages: PageRange,
    *,
    monotonic: Callable[[], float] = time.monotonic,
) -> tuple[Standings, PagesLeft]:
    """Where the objects of pages stand, as far as there is time to look at them.

    Args:
        store: the run's bucket.
        run: whose pages.
        ledger: of the run.
        pages: to look at.
        monotonic: seconds, for the time budget.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    found, left = Standings(), PagesLeft()
    look = partial(look_at_page, store, run, ledger)
    for page, standings in _side_by_side(pages, look, monotonic):
        found.add(standings)
        left = PagesLeft(pages.starting_at(page + 1), _AT_ONCE)
    return found, left


def look_at_run(store: Store, run: Run, ledger: Ledger) -> Standings:
    """Where the objects of every page stand that the ledger has.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    found = Standings()
    look = partial(look_at_page, store, run, ledger)
    for _, standings in _side_by_side(page_numbers(ledger), look, lambda: 0.0):
        found.add(standings)
    return found


def look_at_page(store: Store, run: Run, ledger: Ledger, page: int) -> Standings:
    """Where the objects of one page stand.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    return _PageLook(store, run, ledger, ledger.content(page)).standings()


def _side_by_side(
    pages: Iterable[int],
    look: Callable[[int], T],
    monotonic: Callable[[], float],
    *,
    first: int = PAGES_AT_ONCE,
) -> Iterator[tuple[int, T]]:
    """Looks at pages in order, a few at a time, until the time is up; at so many at first."""
    deadline = monotonic() + LOOK_SECONDS
    left = iter(pages)
    numbers = list(islice(left, first))
    with ThreadPoolExecutor(max_workers=PAGES_AT_ONCE) as pool:
        while numbers:
            yield from zip(numbers, pool.map(look, numbers), strict=True)
            if monotonic() >= deadline:
                return
            numbers = list(islice(left, PAGES_AT_ONCE))


@dataclass(frozen=True)
class _PageProgress:
    """How far a page is.

    Attributes:
        wait_seconds: until the next look at it; 0 where nothing on it is thawing.
        readable: objects that are.
    """

    wait_seconds: int = 0
    readable: int = 0


def _progress_of(store: Store, run: Run, ledger: Ledger, page: int) -> _PageProgress:
    awaited = _awaited(ledger.content(page))
    readable = 0
    while some := dict(islice(awaited, LIST_KEYS)):
        for name, found in find(store, prefix_of_page(run, page), [*some]).items():
            state = state_of(found.listed, found.now)
            readable += state is State.READABLE
            if state is State.THAWING:
                asked_at = some[name]
                since = None if asked_at is None else found.now - asked_at
                return _PageProgress(next_wait(found.listed.storage_class, run, asked_for=since))
    return _PageProgress(readable=readable)


def _awaited(content: PageContent) -> Iterator[tuple[ObjectName, int | None]]:
    """What to wait for on a page, and since when it is asked for, where the run did it."""
    for one in content.objects:
        yield one.name, one.listed_at if one.state is State.FROZEN else None
    for record in content.sorted_out:
        if record.outcome in _AWAITED:
            yield record.name, None


_Copies = Mapping[ObjectName, OutcomeRecord]


@dataclass(frozen=True)
class _Expected:
    """An object as the run's listing showed it.

    Attributes:
        outcome: of those that were sorted out then.
        copy: what became of its copy, if anything did.
    """

    name: ObjectName
    storage_class: str
    size: int | None
    modified: int | None
    outcome: Outcome | None = None
    copy: OutcomeRecord | None = None

    @classmethod
    def to_send(cls, one: PageObject, copies: _Copies) -> _Expected:
        copy = copies.get(one.name)
        return cls(one.name, one.storage_class, one.size, one.modified, None, copy)

    @classmethod
    def sorted_out(
        cls, one: OutcomeRecord, copies: Mapping[ObjectName, OutcomeRecord]
    ) -> _Expected:
        copy = copies.get(one.name)
        return cls(one.name, one.storage_class, one.size, one.modified, one.outcome, copy)

    @property
    def needs_look(self) -> bool:
        """Whether a listing may show it; a row of a manifest may name what was not there."""
        return self.outcome not in _NEVER_THAWED and self.storage_class != UNKNOWN_CLASS


@dataclass(frozen=True)
class _PageLook:
    store: Store
    run: Run
    ledger: Ledger
    content: PageContent

    def standings(self) -> Standings:
        standings, content = Standings(), self.content
        copies: dict[ObjectName, OutcomeRecord] = {}
        if self.run.then is not None:
            found = copies_of_page(self.ledger, content.index.page)
            copies = {record.name: record for record in found}
        sorted_out = [_Expected.sorted_out(record, copies) for record in content.sorted_out]
        to_send = [_Expected.to_send(one, copies) for one in content.objects]
        names = [one.name for one in (*to_send, *sorted_out) if one.needs_look]
        prefix = prefix_of_page(self.run, content.index.page)
        seen = find(self.store, prefix, names) if names else {}
        standings.looked(max((found.now for found in seen.values()), default=0))
        for one in sorted_out:
            _count(standings, one, seen.get(one.name), one.outcome)
        for group, objects in enumerate(self._groups(to_send)):
            self._count_group(standings, group, objects, seen)
        if self.run.dry_run:  # what would be asked for is counted, and not written down
            for storage_class, tally in content.index.to_send.items():
                standings.count(storage_class, Standing.NOT_REQUESTED, tally.objects)
        return standings

    def _groups(self, objects: Iterable[_Expected]) -> Iterator[list[_Expected]]:
        left = iter(objects)
        for part in self.content.index.slices:
            yield list(islice(left, part.objects))

    def _count_group(
        self,
        standings: Standings,
        group: int,
        objects: Sequence[_Expected],
        seen: dict[ObjectName, FoundObject],
    ) -> None:
        outcomes: dict[ObjectName, Outcome] | None = None
        for one in objects:
            found = seen.get(one.name)
            if found is None or not _is_frozen(one, found):
                _count(standings, one, found, None)
                continue
            if outcomes is None:
                part = self.ledger.group(self.content.index.page, group)
                records = [] if part is None else part.records
                outcomes = {record.name: record.outcome for record in records}
            _count(standings, one, found, outcomes.get(one.name))


def _count(
    standings: Standings, one: _Expected, found: FoundObject | None, outcome: Outcome | None
) -> None:
    expiry = 0
    standing = _standing(one, found, outcome)
    if standing is Standing.READABLE and found is not None:
        expiry = int(expiry_of(found.listed))
    standings.count(one.storage_class, standing, expiry=expiry)


def _standing(one: _Expected, found: FoundObject | None, outcome: Outcome | None) -> Standing:
    if one.outcome in _NEVER_THAWED:
        return Standing.NOTHING_TO_THAW
    if copied := _standing_of_copy(one, found):
        return copied
    if found is None:
        return Standing.DELETED if one.needs_look else Standing.FAILED
    change = _change(one, found)
    if change is not None or one.outcome is Outcome.NOT_ARCHIVED:
        return change or Standing.NOTHING_TO_THAW
    state = state_of(found.listed, found.now)
    if state is State.READABLE and one.copy and one.copy.outcome is Outcome.COPY_FAILED:
        return Standing.COPY_FAILED
    return _OF_STATE.get(state) or _OF_FROZEN.get(outcome, Standing.FROZEN_AGAIN)


def _standing_of_copy(one: _Expected, found: FoundObject | None) -> Standing | None:
    """Where an object stands by what became of its copy; None where the object itself tells."""
    if one.copy is None:
        return None
    if one.copy.outcome in _OF_COPY and not _is_lost(one, found):
        return _OF_COPY[one.copy.outcome]
    return Standing.COPY_FAILED if found and one.copy.error_code in _OWN_CHANGES else None


def _is_lost(one: _Expected, found: FoundObject | None) -> bool:
    """Whether an object that was promoted is not there any more; a copy is what it was."""
    if one.copy is None or one.copy.outcome is not Outcome.PROMOTED:
        return False
    return found is None or found.listed.storage_class not in READABLE_CLASSES


def _is_frozen(one: _Expected, found: FoundObject) -> bool:
    return _change(one, found) is None and state_of(found.listed, found.now) is State.FROZEN


def _change(one: _Expected, found: FoundObject) -> Standing | None:
    """How an object is another one than was listed. A lifecycle rule changes only its class."""
    listed = found.listed
    if one.modified not in (None, listed.last_modified) or one.size not in (None, listed.size):
        return Standing.OVERWRITTEN
    return Standing.CLASS_CHANGED if listed.storage_class != one.storage_class else None
