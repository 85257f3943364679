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
_REMOVED_EARLIER = "earlier"


def remove_archived(turn: CopyTurn, promoted: Sequence[PageObject]) -> None:
    """Remove the archived versions of objects, and record the objects as promoted.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    if not promoted:
        return
    source, promoted_to = turn.copier.source, turn.copier.after.storage_class
    versions = versions_of(source, turn.prefix, [obj.key for obj in promoted])

    def remove(obj: PageObject) -> None:
        version_id = _archived_version(obj, versions.get(obj.key, _NONE), promoted_to)
        if not version_id:
            turn.record(
                obj, Outcome.PROMOTED, "the archived version is removed", removed=_REMOVED_EARLIER
            )
        elif turn.attempt(
            obj,
            lambda: turn.copier.attempt(lambda: source.delete_version(obj.key, version_id)),
            failing=(NOT_REMOVED, f"it is promoted, but its version {version_id} is not removed"),
        ):
            message = f"the archived version {version_id} is removed"
            turn.record(obj, Outcome.PROMOTED, message, removed=version_id)

    turn.in_parallel(promoted, remove)


def _archived_version(obj: PageObject, versions: KeyVersions, promoted_to: str) -> str:
    """Return the id of the version that was promoted; empty if it does not exist any more."""
    is_promoted = False
    for version_id, found in versions.versions.items():
        listed = found.listed
        if is_promoted and not obj.has_changed(listed) and listed.etag == obj.etag:
            return version_id
        is_promoted = is_promoted or (listed.storage_class, listed.size) == (promoted_to, obj.size)
    return ""
