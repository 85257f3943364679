"""The listing of a run's scope, on an operator's machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from thaw.run_input import RunInput
from thaw.store import Listing, Store


def listings_of(store: Store, run: RunInput) -> Iterator[Listing]:
    """Yield the listing of a run's key range, a page at a time.

    Args:
        store: the run's bucket.
        run: prefixes, marker, until and versions; its filters are left to the caller.

    Raises:
        RunError: as the store's calls.
    """
    list_all = store.version_listings if run.versions == "all" else store.listings
    for prefix in run.prefixes or (run.prefix,):
        for listing in list_all(prefix, run.marker):
            inside = tuple(o for o in listing.objects if not run.until or o.key <= run.until)
            yield replace(listing, objects=inside)
            if len(inside) < len(listing.objects):
                break
