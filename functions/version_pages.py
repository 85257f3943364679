"""Pages of a run over all versions of a bucket.

A page and its ranges end between two keys, never between two versions of one: so places are keys,
as where objects are listed, and a key with more versions than a page holds makes a longer page.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import chain, groupby

from functions.groups import RANGE_KEYS, RangeGroup, separator
from functions.listing import PAGE_SECONDS
from functions.pages import answer_bytes, fits
from functions.range_pages import RangePage
from thaw.classification import classify
from thaw.limits import MAX_FOREACH, json_bytes
from thaw.run_input import Run
from thaw.scope import Scope
from thaw.store import ListedObject, Listing, Store

_Seen = tuple[ListedObject, float]


def list_versions(
    store: Store,
    run: Run,
    *,
    marker: str,
    page: int,
    foreach_limit: int,
    carried: int = 0,
    monotonic: Callable[[], float] = time.monotonic,
) -> RangePage:
    """The next versions to send for, in ranges of keys.

    Args:
        store: the run's bucket.
        run: whose page.
        marker: the key behind which the page starts.
        page: its number.
        foreach_limit: groups that the flow runs at once.
        carried: bytes that the step that lists holds beside the run, the marker and the answer.
        monotonic: seconds, for the time budget.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    found = RangePage(run, page, after=marker, until=marker)
    ranges = _Ranges(found, min(foreach_limit, MAX_FOREACH), carried)
    scope = Scope(run)
    deadline = monotonic() + PAGE_SECONDS
    found.end = True
    for key, versions in _by_key(store.version_listings(run.prefix, marker)):
        if run.until and key > run.until:
            break
        in_scope = [(listed, now) for listed, now in versions if listed in scope]
        to_send = sum(classify(listed, now, run) is None for listed, now in in_scope)
        if found.scanned and (monotonic() >= deadline or not ranges.have_room(key, to_send)):
            found.end = False
            break
        if run.dry_run:
            for listed, now in in_scope:
                found.sort(listed, now)
        else:
            ranges.add(key, len(versions), len(in_scope), to_send)
        found.scanned += len(versions)
        found.until = key
    ranges.close(found.until)
    return found


def _by_key(listings: Iterator[Listing]) -> Iterator[tuple[str, list[_Seen]]]:
    seen = chain.from_iterable(
        ((listed, listing.now) for listed in listing.objects) for listing in listings
    )
    for key, versions in groupby(seen, key=lambda entry: entry[0].key):
        yield key, list(versions)


class _Ranges:
    """The ranges of a page while they grow."""

    def __init__(self, page: RangePage, limit: int, carried: int) -> None:
        self._page = page
        self._limit = limit
        self._room = answer_bytes(page.run, marker=page.after, carried=carried)
        self._after = self._last = page.after
        self._bytes = json_bytes([])
        self._sent = 0
        self._versions = self._in_scope = self._objects = 0

    def have_room(self, key: str, to_send: int) -> bool:
        """Whether a key with so many versions to send for still belongs to the page."""
        run = self._page.run
        if run.dry_run:
            return True
        if to_send and self._sent + to_send > run.max_keys:
            return False
        more = [RangeGroup(self._after, key, run.max_keys)]
        if self._is_full(to_send):
            more.insert(0, RangeGroup(self._after, self._last, run.max_keys))
        if len(self._page.groups) + len(more) > self._limit:
            return False
        grouped = self._bytes + sum(map(_range_bytes, more))
        return fits(grouped, after=self._page.after, until=key, room=self._room)

    def add(self, key: str, versions: int, in_scope: int, to_send: int) -> None:
        """Takes a key in."""
        if self._is_full(to_send):
            self.close(separator(self._last, key))
        self._versions += versions
        self._in_scope += in_scope
        self._objects += to_send
        self._sent += to_send
        self._last = key

    def close(self, until: str) -> None:
        """Ends a range. One without anything that the run is about needs no task."""
        if self._in_scope:
            group = RangeGroup(self._after, until, self._objects)
            self._page.groups.append(group)
            self._page.in_scope += self._in_scope
            self._bytes += _range_bytes(group)
        self._after = until
        self._versions = self._in_scope = self._objects = 0

    def _is_full(self, to_send: int) -> bool:
        """Whether a range has to end before a key with so many versions to send for."""
        if not self._versions:
            return False
        too_many = to_send and self._objects + to_send > self._page.run.group_size
        return bool(too_many) or self._versions >= RANGE_KEYS


def _range_bytes(group: RangeGroup) -> int:
    return json_bytes([group.to_json()])
