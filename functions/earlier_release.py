"""Support runs that were started by the flows of releases before 0.2.

Those flows carry keys where later ones carry page numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from functions.looks import poll_response
from thaw.classification import State, is_thawable, state_of
from thaw.errors import InvalidInput
from thaw.json_reader import Reader
from thaw.poll_intervals import next_wait
from thaw.run_input import Run
from thaw.scope import Scope
from thaw.store import Store

SUMMARY_FIELDS: Final[Mapping[str, object]] = {"failedRanges": 0}
PAGE_FIELDS: Final[Mapping[str, object]] = {"after": "", "listedAt": 0}
_START_AGAIN: Final = (
    "was passed on by another release of the flow: start the run again; no object will be requested"
    " twice"
)


def refuse_group(files: Reader) -> None:
    """Refuse a group that carries keys.

    Raises:
        InvalidInput: the group carries keys.
    """
    if not files.has("length"):
        raise InvalidInput(f"this group {_START_AGAIN}")


def range_status(store: Store, run: Run, *, after: str, until: str) -> dict[str, object]:
    """Look at the objects with keys in (after, until], up to the first that is thawing.

    Raises:
        InvalidInput: the run's objects are not ordered by their keys.
        RunError: as :func:`thaw.oss_errors.call`.
    """
    if run.manifest is not None or run.versions == "all":
        raise InvalidInput(f"this wait {_START_AGAIN}")
    scope, cursor, last = Scope(run), after, until or run.until
    for listing in store.listings(run.prefix, after):
        for listed in listing.objects:
            if last and listed.key > last:
                return poll_response(cursor)
            thawing = state_of(listed, listing.now) is State.THAWING
            if thawing and listed in scope and is_thawable(listed):
                return poll_response(cursor, next_wait(listed.storage_class, run))
            cursor = listed.key
    return poll_response(cursor)
