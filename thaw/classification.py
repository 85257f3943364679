"""What a listed object needs: a request, or only a line in the ledger that says why not.

A listing does not say at which tier an object is thawing. So an object that is thawing is left
alone whatever tier is asked for, unless the run says that it is to be asked for again: OSS then
refuses what is thawing at that tier or a faster one.
"""

from __future__ import annotations

import re
from datetime import timezone
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import TYPE_CHECKING

from thaw.outcomes import Outcome, OutcomeRecord
from thaw.run_input import RunInput
from thaw.storage_classes import has_slower_tier

if TYPE_CHECKING:  # the command line counts without oss2
    from thaw.store import ListedObject

_EXPIRY = re.compile(r'expiry-date="([^"]*)"')


class State(Enum):
    """Of an archived object's readable copy."""

    FROZEN = "frozen"
    THAWING = "thawing"
    READABLE = "readable"


def state_of(listed: ListedObject, now: float) -> State:
    """What its RestoreInfo says. A copy that has expired is frozen again, whatever is left of it.

    Args:
        listed: the object.
        now: by OSS's clock, seconds since 1970.
    """
    if 'ongoing-request="true"' in listed.restore_info:
        return State.THAWING
    return State.READABLE if expiry_of(listed) > now else State.FROZEN


def expiry_of(listed: ListedObject) -> float:
    """When its readable copy expires or has expired, in seconds since 1970; 0 if there is none."""
    expiry = _EXPIRY.search(listed.restore_info)
    if expiry is None:
        return 0
    try:
        moment = parsedate_to_datetime(expiry[1])
    except (ValueError, TypeError):  # TypeError before Python 3.11
        return 0
    return moment.replace(tzinfo=timezone.utc).timestamp()


def is_thawable(listed: ListedObject) -> bool:
    """Whether thawing it gives anything: folder markers hold nothing, symlinks point elsewhere."""
    return listed.kind != "Symlink" and not _is_folder_marker(listed)


def _is_folder_marker(listed: ListedObject) -> bool:
    return listed.size == 0 and listed.key.endswith("/")


def record_of(listed: ListedObject, outcome: Outcome) -> OutcomeRecord:
    """The ledger's line for an object that was sorted out by its listing."""
    return OutcomeRecord(
        listed.key,
        outcome,
        listed.storage_class,
        listed.size,
        version_id=listed.version_id,
        modified=listed.last_modified,
    )


def classify(listed: ListedObject, now: float, run: RunInput) -> Outcome | None:
    """The outcome of an object that needs no request; None if one has to be sent.

    Args:
        listed: an object in the run's scope.
        now: by OSS's clock, seconds since 1970.
        run: ``extendReadable`` asks for readable objects too, ``upgradeTier`` for thawing ones.
    """
    if listed.kind == "Symlink":
        return Outcome.SYMLINK
    if _is_folder_marker(listed):
        return Outcome.FOLDER_MARKER
    state = state_of(listed, now)
    if state is State.THAWING:
        return None if _may_be_upgraded(listed, run) else Outcome.ALREADY_THAWING
    if state is State.READABLE and not run.extend_readable:
        return Outcome.ALREADY_READABLE
    return None


def _may_be_upgraded(listed: ListedObject, run: RunInput) -> bool:
    if not run.upgrade_tier or run.tier is None:
        return False
    return has_slower_tier(listed.storage_class, run.tier)
