"""The standing of an object that a page listed, according to a later listing.

A request does not prove that an object is readable: its copy may expire while slower objects are
still thawing, and others may delete or overwrite it. The ledger only says why an object is frozen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from thaw.after_thaw import READABLE_CLASSES
from thaw.classification import State, state_of_any
from thaw.copy_parts import is_copied_in_parts, part_requests
from thaw.lookup import FoundObject
from thaw.outcomes import MISMATCH, NOT_REMOVED, Outcome, OutcomeRecord
from thaw.page_chunks import PageObject
from thaw.standings import CopyTally, Standing
from thaw.storage_classes import SMALLEST_BILLED_BYTES, UNKNOWN_CLASS, minimum_days_left

ListedOnPage = PageObject | OutcomeRecord  # to be requested, or without need of a request

_NEVER_THAWED: Final = frozenset({Outcome.FOLDER_MARKER, Outcome.SYMLINK})
_STANDINGS_BY_STATE: Final = {State.READABLE: Standing.READABLE, State.THAWING: Standing.THAWING}
_STANDINGS_BY_COPY: Final[Mapping[Outcome | None, Standing]] = {
    Outcome.COPIED: Standing.COPIED,
    Outcome.PROMOTED: Standing.PROMOTED,
    Outcome.PRESENT: Standing.PRESENT,
}
# Error codes of copies that may have replaced their source.
_OWN_CHANGES: Final = frozenset({MISMATCH, NOT_REMOVED})
_FROZEN_STANDINGS: Final = {
    None: Standing.NOT_REQUESTED,
    Outcome.DENIED: Standing.REFUSED,
    Outcome.REJECTED: Standing.REFUSED,
    Outcome.FAILED: Standing.FAILED,
    Outcome.NOT_ARCHIVED: Standing.CLASS_CHANGED,
}


COPIED_BY_RUN: Final = frozenset({Standing.COPIED, Standing.PROMOTED})


def copy_tally(listed: ListedOnPage, ended: FoundObject | None) -> CopyTally:
    """Count a copy for the run's bill.

    Args:
        listed: the object, as its page listed it.
        ended: the promoted object if the archived one no longer exists; otherwise None.
    """
    size = listed.size or 0
    promotes = ended is not None
    in_parts = is_copied_in_parts(size, kind="", etag=listed.etag, promotes=promotes)
    requests = part_requests(size) if in_parts else 1
    if ended is None or not listed.modified:
        return CopyTally(1, requests)
    age = ended.listed.last_modified - listed.modified
    left = minimum_days_left(listed.storage_class, age)
    return CopyTally(1, requests, round(left * max(size, SMALLEST_BILLED_BYTES)))


def can_be_found(listed: ListedOnPage) -> bool:
    """Return whether a listing can show an object; a manifest may name one that does not exist."""
    return _settled(listed) not in _NEVER_THAWED and listed.storage_class != UNKNOWN_CLASS


def is_frozen(listed: ListedOnPage, found: FoundObject | None) -> bool:
    """Return whether the object is unchanged since it was listed, and frozen."""
    return (
        found is not None
        and _change(listed, found) is None
        and state_of_any(found.listed, found.now) is State.FROZEN
    )


def standing_of(
    listed: ListedOnPage,
    found: FoundObject | None,
    outcome: Outcome | None,
    copy: OutcomeRecord | None = None,
) -> Standing:
    """Decide the standing of an object.

    Args:
        listed: the object, as its page listed it.
        found: the object as it is now; None if it no longer exists.
        outcome: the outcome of its request, which matters if it is frozen; None if there is no
            record.
        copy: the outcome of its copy or promotion, if there was one.
    """
    settled = _settled(listed)
    if settled in _NEVER_THAWED:
        return Standing.NOTHING_TO_THAW
    if standing := _standing_of_copy(copy, found):
        return standing
    if found is None:
        return Standing.DELETED if can_be_found(listed) else Standing.FAILED
    change = _change(listed, found)
    if change is not None or settled is Outcome.NOT_ARCHIVED:
        return change or Standing.NOTHING_TO_THAW
    state = state_of_any(found.listed, found.now)
    if state is State.READABLE and copy and copy.outcome is Outcome.COPY_FAILED:
        return Standing.COPY_FAILED
    return _STANDINGS_BY_STATE.get(state) or _FROZEN_STANDINGS.get(outcome, Standing.FROZEN_AGAIN)


def _standing_of_copy(copy: OutcomeRecord | None, found: FoundObject | None) -> Standing | None:
    """Return the standing that follows from a copy; None if the copy does not decide it."""
    if copy is None:
        return None
    if copy.outcome in _STANDINGS_BY_COPY and not _is_lost(found, copy.outcome):
        return _STANDINGS_BY_COPY[copy.outcome]
    return Standing.COPY_FAILED if found and copy.error_code in _OWN_CHANGES else None


def _settled(listed: ListedOnPage) -> Outcome | None:
    """Return the outcome of an object that needed no request; None if it was to be requested."""
    return listed.outcome if isinstance(listed, OutcomeRecord) else None


def _is_lost(found: FoundObject | None, copied: Outcome) -> bool:
    """Return whether a promoted object no longer exists; copies do not depend on their sources."""
    if copied is not Outcome.PROMOTED:
        return False
    return found is None or found.listed.storage_class not in READABLE_CLASSES


def _change(listed: ListedOnPage, found: FoundObject) -> Standing | None:
    """Return how an object differs from the listed one; a lifecycle rule changes only its class."""
    now = found.listed
    if listed.modified not in (None, now.last_modified) or listed.size not in (None, now.size):
        return Standing.OVERWRITTEN
    return Standing.CLASS_CHANGED if now.storage_class != listed.storage_class else None
