"""Read the records of a whole run, a few files at a time, in the order of its pages.

The outcomes of a page's objects are in two places: those of objects that needed no request are in
the page's chunk, the others in the parts that its restore tasks have written.
"""

from __future__ import annotations

import heapq
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

from thaw.copy_slices import FOLDER
from thaw.ledger import Ledger, Part
from thaw.ledger_layout import MANIFEST_FILES
from thaw.outcomes import FAILURES
from thaw.page_chunks import PageIndex, records_of
from thaw.totals import GroupCounts, Totals

T = TypeVar("T")
Result = TypeVar("Result")

READERS: Final = 16


def walk(ledger: Ledger, *, copies: bool = False) -> Iterator[Part]:
    """Read every outcome, page by page: first those of requested objects, then the others.

    Args:
        ledger: the run's ledger.
        copies: whether the outcomes of copies follow, at the end of each page.
    """

    def numbered(kind: int, names: Iterator[str]) -> Iterator[tuple[int, int, str]]:
        return ((_page_of(name), kind, name) for name in names)

    def read(part: tuple[int, int, str]) -> Part:
        page, kind, name = part
        return ledger.skipped(ledger.known_page(page)) if kind == 1 else _part(ledger, name)

    outcomes, pages = _names(ledger, "outcomes/"), _page_names(ledger)
    copied = _names(ledger, FOLDER) if copies else iter(())
    parts = heapq.merge(numbered(0, outcomes), numbered(1, pages), numbered(2, copied))
    yield from _read_ahead(parts, read)


def page_numbers(ledger: Ledger) -> Iterator[int]:
    """List the numbers of all pages, in order."""
    return map(_page_of, _page_names(ledger))


def pages(ledger: Ledger) -> Iterator[PageIndex]:
    """Read the indexes of all pages, in order."""
    yield from _read_ahead(page_numbers(ledger), ledger.known_page)


def failures(ledger: Ledger) -> Iterator[Part]:
    """Read the failures, part by part; rows of a manifest whose objects do not exist come last."""
    yield from _read_ahead(_names(ledger, "failures/"), lambda name: _part(ledger, name))
    if ledger.read(MANIFEST_FILES) is None:
        return
    for page in pages(ledger):
        if any(not FAILURES.isdisjoint(outcomes) for outcomes in page.skipped.values()):
            yield ledger.skipped(page).failures()


def totals_of(ledger: Ledger) -> Totals:
    """Add up the totals of a run from its records."""
    totals = Totals()
    for page in pages(ledger):
        totals.add_page(page)
    for part in _read_ahead(_names(ledger, "outcomes/"), lambda name: _part(ledger, name)):
        totals.add_group(GroupCounts.of(part))
    return totals


def legs(ledger: Ledger) -> Iterator[object]:
    """Read the totals of each lister, in order."""
    return _documents(ledger, "legs/")


def standings(ledger: Ledger) -> Iterator[object]:
    """Read the state of objects at the end; each page is in exactly one of the files."""
    return _documents(ledger, "standings/")


def _documents(ledger: Ledger, folder: str) -> Iterator[object]:
    for body in _read_ahead(_names(ledger, folder), ledger.read):
        yield json.loads(body or b"{}")


def _page_names(ledger: Ledger) -> Iterator[str]:
    # Earlier releases also wrote other files there.
    return (name for name in _names(ledger, "pages/") if name.endswith(".jsonl"))


def _names(ledger: Ledger, folder: str) -> Iterator[str]:
    for listing in ledger.store.listings(ledger.root + folder, ""):
        for listed in listing.objects:
            yield listed.key.removeprefix(ledger.root)


def _page_of(name: str) -> int:
    return int(name.partition("/")[2].partition(".")[0].partition("-")[0])


def _part(ledger: Ledger, name: str) -> Part:
    return Part(list(records_of(ledger.read(name) or b"")))


def _read_ahead(names: Iterable[T], read: Callable[[T], Result]) -> Iterator[Result]:
    """Read in parallel, and yield in order."""
    with ThreadPoolExecutor(max_workers=READERS) as pool:
        running: deque[Future[Result]] = deque()
        for name in names:
            running.append(pool.submit(read, name))
            if len(running) >= READERS:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
