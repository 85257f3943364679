"""Removes the archived versions of what was promoted in a bucket that keeps versions.

Only after the new version was compared, and only the very version that the run has listed: it lies
under the one that it was promoted to. A call that is made again finds it gone.
"""

from __future__ import annotations

from collections.abc import Sequence

from functions.copy_turn import CopyTurn
from thaw.copy_slices import CopyObject
from thaw.lookup import KeyVersions, versions_of
from thaw.outcomes import NOT_REMOVED, Outcome

_NONE = KeyVersions({}, is_deleted=False)
_GONE = "earlier"


def remove_archived(turn: CopyTurn, promoted: Sequence[CopyObject]) -> None:
    """Removes the archived versions of objects, and records that these are promoted.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    if not promoted:
        return
    source, promoted_to = turn.copier.source, turn.copier.after.storage_class
    found = versions_of(source, turn.prefix, [one.key for one in promoted])

    def remove(one: CopyObject) -> None:
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


def _archived_version(one: CopyObject, found: KeyVersions, promoted_to: str) -> str:
    """Id of the version that an object was before it was promoted; empty if it is not there."""
    is_promoted = False
    for version_id, seen in found.versions.items():
        listed = seen.listed
        if is_promoted and not one.has_changed(listed) and listed.etag == one.etag:
            return version_id
        is_promoted = is_promoted or (listed.storage_class, listed.size) == (promoted_to, one.size)
    return ""
