"""The objects of a bucket that a run is about, as an operator's machine lists them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from functions.classify import State, is_thawable, state_of
from functions.contract import RunInput
from functions.filters import Scope
from functions.store import ListedObject, Store


@dataclass(frozen=True)
class Sighted:
    """An archived object with data of its own, and how it stands."""

    listed: ListedObject
    state: State


def objects_in(store: Store, run: RunInput) -> Iterator[Sighted]:
    """The objects in a run's scope, by listing; one page of it in memory.

    Args:
        store: the run's bucket.
        run: prefixes, marker, until, versions and filters; of a manifest nothing is read.

    Raises:
        RunError: as the store's calls.
    """
    scope = Scope(run)
    list_all = store.version_listings if run.versions == "all" else store.listings
    for prefix in run.prefixes or (run.prefix,):
        for listing in list_all(prefix, run.marker):
            for listed in listing.objects:
                if listed in scope and is_thawable(listed):
                    if run.until and listed.key > run.until:
                        break
                    yield Sighted(listed, state_of(listed, listing.now))
            if run.until and listing.objects and listing.objects[-1].key > run.until:
                break
