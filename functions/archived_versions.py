"""Remove the archived versions of promoted objects in a bucket that keeps versions.

Only the version that the run has listed is removed, which is older than the promoted one, and only
after the promoted one was compared with it. A repeated call finds it removed.
"""

from __future__ import annotations

from collections.abc import Sequence

from functions.copy_turn import CopyTurn
from thaw.lookup import KeyVersions, versions_of
from thaw.outcomes import NOT_REMOVED, Outcome
from thaw.page_chunks import PageObject

_NONE = KeyVersions({}, is_deleted=False)
_GONE = "earlier"


def remove_archived(turn: CopyTurn, promoted: Sequence[PageObject]) -> None:
    """Remove the archived versions of objects, and record the objects as promoted.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    if not promoted:
        return
    source, promoted_to = turn.copier.source, turn.copier.after.storage_class
    found = versions_of(source, turn.prefix, [one.key for one in promoted])

    def remove(one: PageObject) -> None:
        version_id = _archived_version(one, found.get(one.key, _NONE), promoted_to)
        if not version_id:
            turn.record(one, Outcome.PROMOTED, "the archived version is removed", removed=_GONE)
        elif turn.attempt(
            one,
            lambda: turn.copier.attempt(lambda: source.delete_version(one.key, version_id)),
            failing=(NOT_REMOVED, f"it is promoted, but its version {version_id} is not removed"),
        ):
            message = f"the archived version {version_id} is removed"
            turn.record(one, Outcome.PROMOTED, message, removed=version_id)

    turn.side_by_side(promoted, remove)


def _archived_version(one: PageObject, found: KeyVersions, promoted_to: str) -> str:
    """Return the id of the version that was promoted; empty if it does not exist any more."""
    is_promoted = False
    for version_id, seen in found.versions.items():
        listed = seen.listed
        if is_promoted and not one.has_changed(listed) and listed.etag == one.etag:
            return version_id
        is_promoted = is_promoted or (listed.storage_class, listed.size) == (promoted_to, one.size)
    return ""
