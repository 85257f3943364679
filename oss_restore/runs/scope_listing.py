"""The objects of a run, listed or read from its ledger, from an operator's machine."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from thaw.classification import State, is_thawable, state_of
from thaw.ledger import Ledger
from thaw.ledger_reading import walk
from thaw.lookup import ObjectName
from thaw.outcomes import Outcome
from thaw.run_input import RunInput
from thaw.scope import Scope
from thaw.store import Listing, Store


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


def objects_in(store: Store, run: RunInput, state: State) -> Iterator[ObjectName]:
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
                yield listed.key, listed.version_id


def recorded_objects(
    ledger: Ledger, outcomes: Collection[Outcome], classes: Collection[str] | None = None
) -> Iterator[ObjectName]:
    """Yield the objects of a run with certain outcomes, of certain classes or of all.

    Raises:
        RunError: as the ledger's calls.
    """
    for part in walk(ledger):
        for record in part.records:
            if record.outcome in outcomes and (classes is None or record.storage_class in classes):
                yield record.name
