"""The objects in a run's scope, as an operator's machine lists them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from oss_restore.runs.scope_listing import listings_of
from thaw.classification import State, is_thawable, state_of
from thaw.run_input import RunInput
from thaw.scope import Scope
from thaw.store import ListedObject, Store


@dataclass(frozen=True)
class Sighted:
    """An archived object that has data, and its restore state."""

    listed: ListedObject
    state: State


def objects_in(store: Store, run: RunInput) -> Iterator[Sighted]:
    """Yield the objects in a run's scope by listing, a page at a time.

    Args:
        store: the run's bucket.
        run: prefixes, marker, until, versions and filters; of a manifest nothing is read.

    Raises:
        RunError: as the store's calls.
    """
    scope = Scope(run)
    for listing in listings_of(store, run):
        for listed in listing.objects:
            if listed in scope and is_thawable(listed):
                yield Sighted(listed, state_of(listed, listing.now))
