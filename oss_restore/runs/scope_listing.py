"""The objects in a run's scope, listed from an operator's machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from thaw.classification import State, is_thawable, state_of
from thaw.run_input import RunInput
from thaw.scope import Scope
from thaw.store import ListedObject, Listing, Store


def listings_of(store: Store, run: RunInput) -> Iterator[Listing]:
    """Yield the listing of a run's key range, a page at a time.

    Args:
        store: the run's bucket.
        run: the run's input, whose filters are not applied.

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


def objects_in(store: Store, run: RunInput, state: State) -> Iterator[ListedObject]:
    """Yield the archived objects in a run's scope that have data and are in a certain state.

    Args:
        store: the run's bucket.
        run: the run's input, whose manifest is ignored.
        state: the state.

    Raises:
        RunError: as the store's calls.
    """
    scope = Scope(run)
    for listing in listings_of(store, run):
        for listed in listing.objects:
            if listed in scope and is_thawable(listed) and state_of(listed, listing.now) is state:
                yield listed
