"""Copy the versions of each key one after the other, oldest first.

So the destination ends with the same sequence and the same current version. Each version is
compared before the next one is copied. If a version cannot be copied, no newer one is: it would
take its place in the sequence. Versions that were copied before are found by their position in the
sequence. A key that a delete marker hides in the source gets a delete marker in the destination.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from functions.copy_store import ObjectVersion
from functions.copy_turn import CopyTurn
from functions.object_copies import TRIES, CopyFailedError, is_md5
from functions.part_copies import PartCopier
from thaw.after_thaw import fits
from thaw.classification import State, state_of_any
from thaw.lookup import FoundObject, KeyVersions, ObjectName, versions_of
from thaw.oss_errors import run_error
from thaw.outcomes import FAILURES, MISMATCH, Outcome, OutcomeRecord
from thaw.page_chunks import PageObject
from thaw.retry import CALL_ERRORS
from thaw.store import NULL_VERSION, ListedObject

_NONE: Final = KeyVersions({}, is_deleted=False)


@dataclass(frozen=True)
class VersionCopies:
    """Copies versions.

    Attributes:
        turn: the call's work, which collects the outcomes.
        parts: copies large versions.
        recorded: outcomes that earlier calls have recorded.
        thaws: outcomes of the restore requests; None while some are still to be sent.
    """

    turn: CopyTurn
    parts: PartCopier
    recorded: Mapping[ObjectName, OutcomeRecord]
    thaws: Mapping[ObjectName, OutcomeRecord] | None

    def copy(self, objects: Sequence[PageObject]) -> None:
        """Copy as many versions as time and their state allow.

        Args:
            objects: for each of some keys, all versions that the run is to copy.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
        """
        copier, turn = self.turn.copier, self.turn
        keys = defaultdict[str, list[PageObject]](list)
        for version in objects:
            keys[version.key].append(version)
        unfinished = [
            key
            for key, versions in keys.items()
            if any(version.name not in self.recorded for version in versions)
        ]
        sources = versions_of(copier.source, turn.prefix, unfinished)
        copy_keys = [copier.after.key_of(key) for key in unfinished]
        copies = versions_of(copier.target, copier.after.key_of(turn.prefix), copy_keys)

        def copy(key: str) -> None:
            source = sources.get(key, _NONE)
            existing = copies.get(copier.after.key_of(key), _NONE)
            try:
                _KeyCopies(self, source, existing, keys[key]).copy()
            except CALL_ERRORS as error:
                target = copier.target.arn
                raise run_error(error, action="oss:GetObjectVersion", resource=target) from error

        turn.in_parallel(unfinished, copy)


@dataclass(frozen=True)
class _KeyCopies:
    """Copies the versions of one key.

    Attributes:
        copies: the copies of all keys.
        source: the key's versions in the source.
        existing: the versions that the destination had before this call.
        objects: the versions that the run is to copy.
    """

    copies: VersionCopies
    source: KeyVersions
    existing: KeyVersions
    objects: Sequence[PageObject]

    def copy(self) -> None:
        turn, order = self.copies.turn, list(self.source.versions)
        deleted = [version for version in self.objects if _id(version) not in self.source.versions]
        for version in self._unrecorded(deleted):
            turn.fail(version, "NoSuchVersion", "the version was deleted before its copy", 404)
        wanted = [version for version in self.objects if _id(version) in self.source.versions]
        wanted.sort(key=lambda version: order.index(_id(version)), reverse=True)
        copied = self._aligned(wanted)
        if problem := self._problem(wanted, copied):
            for version in self._unrecorded(wanted):
                if self._is_ready(version, self.source.versions[_id(version)]):
                    turn.fail(version, "DestinationExists", problem)
            return
        for version, copy in zip(wanted, copied, strict=False):
            if self._unrecorded([version]):
                is_new = copy.listed.last_modified > version.listed_at
                outcome = Outcome.COPIED if is_new else Outcome.PRESENT
                self._finish(version, outcome, is_last=version is wanted[-1])
        self._copy(wanted[len(copied) :])

    def _unrecorded(self, objects: Sequence[PageObject]) -> list[PageObject]:
        """Return the objects without a recorded outcome."""
        return [version for version in objects if version.name not in self.copies.recorded]

    def _aligned(self, wanted: Sequence[PageObject]) -> list[FoundObject]:
        """Return the versions in the destination that are copies of the oldest wanted ones."""
        copied: list[FoundObject] = []
        for existing in reversed([*self.existing.versions.values()]):
            if len(copied) < len(wanted) and self._is_same(wanted[len(copied)], existing.listed):
                copied.append(existing)
        return copied

    def _problem(self, wanted: Sequence[PageObject], copied: Sequence[FoundObject]) -> str:
        """Say why no version can follow those in the destination; empty if one can."""
        newest = next(iter(self.existing.versions.values()), None)
        if newest is not None and newest not in copied:
            return "a version there is not a copy, and no copy can follow it in order"
        if self.existing.is_deleted and not self.source.is_deleted and len(copied) == len(wanted):
            return "the copy was deleted there"
        return ""

    def _is_same(self, version: PageObject, listed: ListedObject) -> bool:
        if version.size != listed.size:
            return False
        if is_md5(version.etag):
            return version.etag == listed.etag
        copier = self.copies.turn.copier
        copy = copier.target.head(listed.key, listed.version_id)
        return not copier.source.head(version.key, version.version_id).data_differs_from(copy)

    def _copy(self, wanted: Sequence[PageObject]) -> None:
        """Copy versions until one is not readable yet or there is no time left."""
        turn, is_blocked, may_continue = self.copies.turn, False, True
        for version in wanted:
            found = self.source.versions[_id(version)]
            if is_blocked:
                if self._unrecorded([version]):
                    text = "an older version, which has to be copied first, was not copied"
                    turn.fail(version, "OlderVersionFailed", text)
            elif not may_continue:
                turn.extend([found])
            elif self._unrecorded([version]) and self._is_ready(version, found):
                may_continue = self._copy_version(version, found.listed)
                if may_continue:
                    self._finish(version, Outcome.COPIED, is_last=version is wanted[-1])
            else:
                may_continue = False
            is_blocked = (
                is_blocked or version.name in turn.failed or version.name in self.copies.recorded
            )

    def _is_ready(self, version: PageObject, found: FoundObject) -> bool:
        """Whether a version can be copied now; record it as failed if it never can."""
        turn, state = self.copies.turn, state_of_any(found.listed, found.now)
        if version.has_changed(found.listed):
            turn.fail(version, "SourceChanged", "the version was changed before its copy")
        elif state is State.READABLE and not fits(turn.copier.after.key_of(version.key)):
            turn.fail(version, "KeyTooLong", "the key of the copy would be too long")
        elif state is State.FROZEN and self.copies.thaws is not None:
            record = self.copies.thaws.get(version.name)
            if record is not None and record.outcome in FAILURES:
                message = f"the version could not be thawed: {record.message}"
                turn.fail(version, record.error_code, message, record.http_status)
            else:
                turn.fail(version, "FrozenAgain", "the version was frozen again before its copy")
        elif state is State.READABLE:
            turn.ready[version] = found
            return turn.in_time
        return False

    def _copy_version(self, version: PageObject, listed: ListedObject) -> bool:
        """Copy a version, and return whether the whole of it is copied."""
        turn = self.copies.turn
        if turn.copier.in_parts(listed):
            return turn.copy_in_parts(version, self.copies.parts)
        turn.pacer.wait()
        return turn.attempt(version, lambda: self._copy_whole(version, listed))

    def _copy_whole(self, version: PageObject, listed: ListedObject) -> None:
        """Copy a version with one request, and again if the copy differs.

        A copy that differs stays as an older version.

        Raises:
            CopyFailedError: every copy differs.
        """
        copier, difference = self.copies.turn.copier, ""
        copier.check_size(listed)
        source = copier.source.head(listed.key, listed.version_id)
        key = copier.after.key_of(listed.key)
        for _ in range(TRIES):
            version_id = self._copy_once(version, listed)
            difference = source.differs_from(copier.target.head(key, version_id))
            if not difference:
                return
        raise CopyFailedError(MISMATCH, f"the copy is not the same: {difference}")

    def _copy_once(self, version: PageObject, listed: ListedObject) -> str:
        """Copy a version exactly once, with retries, and return the version id of the copy."""
        copier = self.copies.turn.copier
        key, newest_before = copier.after.key_of(listed.key), list[str]()
        source = ObjectVersion(copier.source.name, listed.key, listed.version_id)
        headers = copier.written(source)

        def work() -> str:
            existing = versions_of(copier.target, key, [key]).get(key, _NONE)
            newest, found = next(iter(existing.versions.items()), ("", None))
            if not newest_before:
                newest_before.append(newest)
            elif (
                found is not None
                and newest != newest_before[0]
                and self._is_same(version, found.listed)
            ):
                return found.listed.version_id
            return copier.target.copy_once(source, key, headers).version_id

        return copier.attempt(lambda: copier.target.retry.call(work)) or ""

    def _finish(self, version: PageObject, outcome: Outcome, *, is_last: bool) -> None:
        """Record a copy; before the last one, add the delete marker that the source has."""
        turn = self.copies.turn
        hides = is_last and self.source.is_deleted
        if hides and not (self.existing.is_deleted and outcome is Outcome.PRESENT):
            key = turn.copier.after.key_of(version.key)
            if not turn.attempt(version, lambda: turn.copier.target.hide(key)):
                return
        turn.record(version, outcome)


def _id(version: PageObject) -> str:
    return version.version_id or NULL_VERSION
