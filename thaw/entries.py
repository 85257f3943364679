"""The entries of a run's listing: of keys, of versions, or of the rows of a manifest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from thaw.lookup import FoundObject
from thaw.outcomes import OutcomeRecord


@dataclass(frozen=True)
class Entry:
    """An entry of a listing. Pages end between entries.

    Attributes:
        position: a key, or a cursor in the run's manifest.
        objects: the object of a key or row, or all versions of a key.
        outcomes: the outcome of a row that names no archived object.
    """

    position: str
    objects: Sequence[FoundObject] = ()
    outcomes: Sequence[OutcomeRecord] = ()


@dataclass(frozen=True)
class Batch:
    """Entries from one request, or from a few parallel ones.

    Attributes:
        last: whether no entries follow.
    """

    entries: Sequence[Entry]
    last: bool
