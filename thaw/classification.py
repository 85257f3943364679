"""Decide whether a listed object needs a request, or only a record of why it needs none.

A listing does not show at which tier an object is thawing. So thawing objects are never requested,
unless the run upgrades tiers: OSS then refuses the requests for objects that are thawing at that
tier or a faster one.
"""

from __future__ import annotations

import re
from datetime import timezone
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import TYPE_CHECKING

from thaw.after_thaw import READABLE_CLASSES
from thaw.days import SAFE_SECONDS
from thaw.outcomes import Outcome, OutcomeRecord
from thaw.run_input import RunInput
from thaw.storage_classes import has_slower_tier

if TYPE_CHECKING:  # the command line counts without oss2
    from thaw.store import ListedObject

_EXPIRY = re.compile(r'expiry-date="([^"]*)"')


class State(Enum):
    """The state of an archived object."""

    FROZEN = "frozen"
    THAWING = "thawing"
    READABLE = "readable"


def state_of(listed: ListedObject, now: float) -> State:
    """Return an object's state according to RestoreInfo; it is frozen if its copy has expired.

    Args:
        listed: the object.
        now: OSS's clock, in seconds since 1970.
    """
    if 'ongoing-request="true"' in listed.restore_info:
        return State.THAWING
    return State.READABLE if expiry_of(listed) > now else State.FROZEN


def state_of_any(listed: ListedObject, now: float) -> State:
    """Return the state of an object of any class; it is readable if it is not archived."""
    return State.READABLE if listed.storage_class in READABLE_CLASSES else state_of(listed, now)


def expiry_of(listed: ListedObject) -> float:
    """Return the expiry of an object's readable copy, in seconds since 1970; 0 if it has none."""
    expiry = _EXPIRY.search(listed.restore_info)
    if expiry is None:
        return 0
    try:
        moment = parsedate_to_datetime(expiry[1])
    except (ValueError, TypeError):  # TypeError before Python 3.11
        return 0
    return moment.replace(tzinfo=timezone.utc).timestamp()


def is_thawable(listed: ListedObject) -> bool:
    """Return whether an object has data to thaw: folder markers and symlinks have none."""
    return listed.kind != "Symlink" and not _is_folder_marker(listed)


def _is_folder_marker(listed: ListedObject) -> bool:
    return listed.size == 0 and listed.key.endswith("/")


def record_of(listed: ListedObject, outcome: Outcome) -> OutcomeRecord:
    """Return the ledger's record of an object that needs no request."""
    return OutcomeRecord(
        listed.key,
        outcome,
        listed.storage_class,
        listed.size,
        version_id=listed.version_id,
        modified=listed.last_modified,
    )


def classify(listed: ListedObject, now: float, run: RunInput) -> Outcome | None:
    """Return the outcome of an object that needs no request; None if it has to be requested.

    Args:
        listed: an object in the run's scope.
        now: OSS's clock, in seconds since 1970.
        run: the run. ``extendReadable`` also requests readable objects, ``upgradeTier`` also
            thawing ones, and ``then`` also those that may expire before they are copied.
    """
    if listed.kind == "Symlink":
        return Outcome.SYMLINK
    if _is_folder_marker(listed):
        return Outcome.FOLDER_MARKER
    state = state_of(listed, now)
    if state is State.THAWING:
        return None if _may_be_upgraded(listed, run) else Outcome.ALREADY_THAWING
    if state is State.READABLE and not (run.extend_readable or _expires_soon(listed, now, run)):
        return Outcome.ALREADY_READABLE
    return None


def _expires_soon(listed: ListedObject, now: float, run: RunInput) -> bool:
    return run.then is not None and expiry_of(listed) - now < SAFE_SECONDS


def _may_be_upgraded(listed: ListedObject, run: RunInput) -> bool:
    if not run.upgrade_tier or run.tier is None:
        return False
    return has_slower_tier(listed.storage_class, run.tier)
