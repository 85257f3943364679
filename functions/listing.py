"""List one page of a run: objects, all their versions, or the rows of a manifest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from functions.page_builder import PageBuilder
from thaw.entries import Batch, Entry
from thaw.lookup import FoundObject
from thaw.page_chunks import Chunk
from thaw.run_input import Run
from thaw.store import Store

if TYPE_CHECKING:  # only runs with a manifest import it
    from thaw.manifest.reading import Manifest

PAGE_SECONDS: Final = 60.0  # a page ends after this time if there are few archived objects


def list_page(
    store: Store,
    run: Run,
    *,
    page: int,
    after: str,
    foreach_limit: int,
    manifest: Manifest | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Chunk:
    """List the next objects to be requested, and those that need no request.

    Continues until the page is full, the listing has ended, or ``PAGE_SECONDS`` have passed. A page
    of a manifest has as many rows as a page may have objects.

    Args:
        store: the run's bucket.
        run: the run.
        page: number of the page.
        after: the key or cursor after which the page starts.
        foreach_limit: groups that the flow runs in parallel.
        manifest: the run's manifest, if it has one.
        monotonic: a clock in seconds, for the time budget.

    Raises:
        InvalidInput: see :meth:`thaw.manifest.reading.Manifest.look_up`.
        RunError: as :func:`thaw.oss_errors.call`.
    """
    deadline = monotonic() + PAGE_SECONDS
    builder = PageBuilder(run, page=page, after=after, foreach_limit=foreach_limit)
    for batch in _batches(store, run, after, manifest):
        for entry in batch.entries:
            if run.until and entry.position > run.until:
                builder.end = True
                return builder.chunk()
            if builder.full:
                return builder.chunk()
            builder.add(entry)
        builder.end = batch.last
        if builder.full or monotonic() >= deadline:
            break
    return builder.chunk()


def _batches(store: Store, run: Run, after: str, manifest: Manifest | None) -> Iterator[Batch]:
    if manifest is not None:
        return iter([manifest.look_up(after, rows=run.max_keys)])
    if run.versions == "all":
        return _versions(store, run, after)
    return _objects(store, run, after)


def _objects(store: Store, run: Run, after: str) -> Iterator[Batch]:
    for listing in store.listings(run.prefix, after):
        entries = [
            Entry(listed.key, (FoundObject(listed, listing.now),)) for listed in listing.objects
        ]
        yield Batch(entries, last=not listing.truncated)


def _versions(store: Store, run: Run, after: str) -> Iterator[Batch]:
    """List versions; those of a listing's last key wait for the next one, to be on one page."""
    key, versions = "", list[FoundObject]()
    for listing in store.version_listings(run.prefix, after):
        entries = []
        for listed in listing.objects:
            if versions and listed.key != key:
                entries.append(Entry(key, versions))
                versions = []
            key = listed.key
            versions.append(FoundObject(listed, listing.now))
        if versions and not listing.truncated:
            entries.append(Entry(key, versions))
        yield Batch(entries, last=not listing.truncated)
