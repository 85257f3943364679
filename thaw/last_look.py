"""Looks at a run's objects once more, page by page, and tells where each of them stands.

What was asked for says little of what is readable: a copy expires while slower objects are still
thawing, others thaw, delete and overwrite. So each object that a page has listed is compared with
what a listing shows of it now: a thousand of them in a request. The ledger is asked only for the
reasons why objects are frozen.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, islice
from typing import Final

from thaw.classification import State, expiry_of, state_of
from thaw.ledger import Ledger, PageContent
from thaw.lookup import FoundObject, ObjectName, find
from thaw.outcomes import Outcome, OutcomeRecord
from thaw.page_chunks import PageObject
from thaw.run_input import Run
from thaw.shards import possible_shards
from thaw.standings import Standing, Standings
from thaw.storage_classes import UNKNOWN_CLASS
from thaw.store import Store

LOOK_SECONDS: Final = 120.0  # checking very many pages continues in the next call
_PAGES_AT_ONCE: Final = 4  # of up to 20,000 objects, about 40 MB each

_NEVER_THAWED: Final = frozenset({Outcome.FOLDER_MARKER, Outcome.SYMLINK})
_OF_STATE: Final = {State.READABLE: Standing.READABLE, State.THAWING: Standing.THAWING}
_OF_FROZEN: Final = {
    None: Standing.NOT_REQUESTED,
    Outcome.DENIED: Standing.REFUSED,
    Outcome.REJECTED: Standing.REFUSED,
    Outcome.FAILED: Standing.FAILED,
    Outcome.NOT_ARCHIVED: Standing.CLASS_CHANGED,
}


@dataclass(frozen=True)
class LookProgress:
    """How far a last look got.

    Attributes:
        standings: of every object up to there.
        page: the next page.
        more: whether there is one.
    """

    standings: Standings
    page: int
    more: bool


def look_at_pages(
    store: Store,
    run: Run,
    ledger: Ledger,
    *,
    first: int,
    standings: Standings,
    monotonic: Callable[[], float] = time.monotonic,
    seconds: float = LOOK_SECONDS,
) -> LookProgress:
    """Looks at the pages of one lister, from a page to its last one, or until the time is up.

    Args:
        store: the run's bucket.
        run: whose pages.
        ledger: of the run.
        first: the page to begin with.
        standings: of the pages before it.
        monotonic: seconds, for the time budget.
        seconds: the budget; at least a few pages are looked at.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    deadline = monotonic() + seconds
    found = Standings.from_json(standings.to_json())
    pages = count(first)
    with ThreadPoolExecutor(max_workers=_PAGES_AT_ONCE) as pool:
        while True:
            numbers = list(islice(pages, _PAGES_AT_ONCE))
            looks = pool.map(lambda page: look_at_page(store, run, ledger, page), numbers)
            for page, look in zip(numbers, looks, strict=True):
                if look is None:
                    return LookProgress(found, page, more=False)
                found.add(look.standings)
                if not look.more:
                    return LookProgress(found, look.page, more=False)
            if monotonic() >= deadline:
                return LookProgress(found, numbers[-1] + 1, more=True)


def look_at_run(store: Store, run: Run, ledger: Ledger) -> Standings:
    """Looks at every page of a run that its listers have got to.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    standings = Standings()
    for shard in possible_shards(run):
        first = shard.first_page
        standings = look_at_pages(
            store, shard.of(run), ledger, first=first, standings=standings, seconds=math.inf
        ).standings
    return standings


def look_at_page(store: Store, run: Run, ledger: Ledger, page: int) -> LookProgress | None:
    """Where the objects of one page stand; None if there is no such page.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    content = ledger.content(page)
    if content is None:
        return None
    look = _PageLook(store, run, ledger, content)
    standings = look.standings()
    return LookProgress(standings, page + 1, more=not content.index.end)


@dataclass(frozen=True)
class _Expected:
    """An object as the run's listing showed it; ``outcome`` of those that were sorted out then."""

    name: ObjectName
    storage_class: str
    size: int | None
    modified: int | None
    outcome: Outcome | None = None

    @classmethod
    def to_send(cls, one: PageObject) -> _Expected:
        return cls((one.key, one.version_id), one.storage_class, one.size, one.modified)

    @classmethod
    def sorted_out(cls, one: OutcomeRecord) -> _Expected:
        name = (one.key, one.version_id)
        return cls(name, one.storage_class, one.size, one.modified, one.outcome)

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
        sorted_out = [_Expected.sorted_out(record) for record in content.sorted_out]
        to_send = [_Expected.to_send(one) for one in content.objects]
        names = [one.name for one in (*to_send, *sorted_out) if one.needs_look]
        seen = find(self.store, self.run.prefix, names) if names else {}
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
                outcomes = {(r.key, r.version_id): r.outcome for r in records}
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
    if found is None:
        return Standing.DELETED if one.needs_look else Standing.FAILED
    change = _change(one, found)
    if change is not None or one.outcome is Outcome.NOT_ARCHIVED:
        return change or Standing.NOTHING_TO_THAW
    state = state_of(found.listed, found.now)
    return _OF_STATE.get(state) or _OF_FROZEN.get(outcome, Standing.FROZEN_AGAIN)


def _is_frozen(one: _Expected, found: FoundObject) -> bool:
    return _change(one, found) is None and state_of(found.listed, found.now) is State.FROZEN


def _change(one: _Expected, found: FoundObject) -> Standing | None:
    """How an object is another one than was listed. A lifecycle rule changes only its class."""
    listed = found.listed
    if one.modified not in (None, listed.last_modified) or one.size not in (None, listed.size):
        return Standing.OVERWRITTEN
    return Standing.CLASS_CHANGED if listed.storage_class != one.storage_class else None
