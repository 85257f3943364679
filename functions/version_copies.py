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

    def take(self, objects: Sequence[PageObject]) -> None:
        """Copy as many versions as time and their state allow.

        Args:
            objects: for each of some keys, all versions that the run is to copy.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
        """
        copier, turn = self.turn.copier, self.turn
        keys = defaultdict[str, list[PageObject]](list)
        for one in objects:
            keys[one.key].append(one)
        left = [k for k, found in keys.items() if any(o.name not in self.recorded for o in found)]
        here = versions_of(copier.source, turn.prefix, left)
        places = [copier.after.key_of(key) for key in left]
        there = versions_of(copier.target, copier.after.key_of(turn.prefix), places)

        def copy(key: str) -> None:
            place = copier.after.key_of(key)
            try:
                _KeyCopies(self, here.get(key, _NONE), there.get(place, _NONE), keys[key]).take()
            except CALL_ERRORS as error:
                target = copier.target.arn
                raise run_error(error, action="oss:GetObjectVersion", resource=target) from error

        turn.side_by_side(left, copy)


@dataclass(frozen=True)
class _KeyCopies:
    """Copies the versions of one key.

    Attributes:
        of: the copies of all keys.
        here: the key's versions in the source.
        there: the versions that the destination had before this call.
        objects: the versions that the run is to copy.
    """

    of: VersionCopies
    here: KeyVersions
    there: KeyVersions
    objects: Sequence[PageObject]

    def take(self) -> None:
        turn, order = self.of.turn, list(self.here.versions)
        gone = [one for one in self.objects if _id(one) not in self.here.versions]
        for one in self._left(gone):
            turn.fail(one, "NoSuchVersion", "the version was deleted before its copy", 404)
        wanted = [one for one in self.objects if _id(one) in self.here.versions]
        wanted.sort(key=lambda one: order.index(_id(one)), reverse=True)
        copied = self._aligned(wanted)
        if problem := self._problem(wanted, copied):
            for one in self._left(wanted):
                if self._is_ready(one, self.here.versions[_id(one)]):
                    turn.fail(one, "DestinationExists", problem)
            return
        for one, seen in zip(wanted, copied, strict=False):
            if self._left([one]):
                is_new = seen.listed.last_modified > one.listed_at
                outcome = Outcome.COPIED if is_new else Outcome.PRESENT
                self._finish(one, outcome, is_last=one is wanted[-1])
        self._copy(wanted[len(copied) :])

    def _left(self, objects: Sequence[PageObject]) -> list[PageObject]:
        """Return the objects without a recorded outcome."""
        return [one for one in objects if one.name not in self.of.recorded]

    def _aligned(self, wanted: Sequence[PageObject]) -> list[FoundObject]:
        """Return the versions in the destination that are copies of the oldest wanted ones."""
        copied: list[FoundObject] = []
        for seen in reversed([*self.there.versions.values()]):
            if len(copied) < len(wanted) and self._is_same(wanted[len(copied)], seen.listed):
                copied.append(seen)
        return copied

    def _problem(self, wanted: Sequence[PageObject], copied: Sequence[FoundObject]) -> str:
        """Say why no version can follow those in the destination; empty if one can."""
        newest = next(iter(self.there.versions.values()), None)
        if newest is not None and newest not in copied:
            return "a version there is not a copy, and no copy can follow it in order"
        if self.there.is_deleted and not self.here.is_deleted and len(copied) == len(wanted):
            return "the copy was deleted there"
        return ""

    def _is_same(self, one: PageObject, there: ListedObject) -> bool:
        if one.size != there.size:
            return False
        if is_md5(one.etag):
            return one.etag == there.etag
        copier = self.of.turn.copier
        copy = copier.target.head(there.key, there.version_id)
        return not copier.source.head(one.key, one.version_id).data_differs_from(copy)

    def _copy(self, wanted: Sequence[PageObject]) -> None:
        """Copy versions until one is not readable yet or there is no time left."""
        turn, is_blocked, goes_on = self.of.turn, False, True
        for one in wanted:
            seen = self.here.versions[_id(one)]
            if is_blocked:
                for left in self._left([one]):
                    text = "an older version, which it has to follow, was not copied"
                    turn.fail(left, "OlderVersionFailed", text)
            elif not goes_on:
                turn.extend([seen])
            elif self._left([one]) and self._is_ready(one, seen):
                goes_on = self._copy_one(one, seen.listed)
                if goes_on:
                    self._finish(one, Outcome.COPIED, is_last=one is wanted[-1])
            else:
                goes_on = False
            is_blocked = is_blocked or one.name in turn.failed or one.name in self.of.recorded

    def _is_ready(self, one: PageObject, seen: FoundObject) -> bool:
        """Whether a version can be copied now; record it as failed if it never can."""
        turn, state = self.of.turn, state_of_any(seen.listed, seen.now)
        if one.has_changed(seen.listed):
            turn.fail(one, "SourceChanged", "the version was changed before its copy")
        elif state is State.READABLE and not fits(turn.copier.after.key_of(one.key)):
            turn.fail(one, "KeyTooLong", "the key of the copy would be too long")
        elif state is State.FROZEN and self.of.thaws is not None:
            record = self.of.thaws.get(one.name)
            if record is not None and record.outcome in FAILURES:
                message = f"the version could not be thawed: {record.message}"
                turn.fail(one, record.error_code, message, record.http_status)
            else:
                turn.fail(one, "FrozenAgain", "the version was frozen again before its copy")
        elif state is State.READABLE:
            turn.ready[one] = seen
            return turn.in_time
        return False

    def _copy_one(self, one: PageObject, listed: ListedObject) -> bool:
        """Copy a version, and return whether the whole of it is copied."""
        turn = self.of.turn
        if turn.copier.in_parts(listed):
            return turn.copy_in_parts(one, self.of.parts)
        turn.pacer.wait()
        return turn.attempt(one, lambda: self._copy_whole(one, listed))

    def _copy_whole(self, one: PageObject, listed: ListedObject) -> None:
        """Copy a version with one request, and again if the copy differs.

        A copy that differs stays as an older version.

        Raises:
            CopyFailedError: every copy differs.
        """
        copier, difference = self.of.turn.copier, ""
        copier.check_size(listed)
        source = copier.source.head(listed.key, listed.version_id)
        place = copier.after.key_of(listed.key)
        for _ in range(TRIES):
            version_id = self._copied(one, listed)
            difference = source.differs_from(copier.target.head(place, version_id))
            if not difference:
                return
        raise CopyFailedError(MISMATCH, f"the copy is not the same: {difference}")

    def _copied(self, one: PageObject, listed: ListedObject) -> str:
        """Copy a version exactly once, with retries, and return the version id of the copy."""
        copier = self.of.turn.copier
        place, behind = copier.after.key_of(listed.key), list[str]()
        source = ObjectVersion(copier.source.name, listed.key, listed.version_id)
        headers = copier.written(source)

        def work() -> str:
            found = versions_of(copier.target, place, [place]).get(place, _NONE)
            newest, seen = next(iter(found.versions.items()), ("", None))
            if not behind:
                behind.append(newest)
            elif seen is not None and newest != behind[0] and self._is_same(one, seen.listed):
                return seen.listed.version_id
            return copier.target.copy_once(source, place, headers).version_id

        return copier.attempt(lambda: copier.target.retry.call(work)) or ""

    def _finish(self, one: PageObject, outcome: Outcome, *, is_last: bool) -> None:
        """Record a copy; before the last one, add the delete marker that the source has."""
        turn = self.of.turn
        hides = is_last and self.here.is_deleted
        if hides and not (self.there.is_deleted and outcome is Outcome.PRESENT):
            place = turn.copier.after.key_of(one.key)
            if not turn.attempt(one, lambda: turn.copier.target.hide(place)):
                return
        turn.record(one, outcome)


def _id(one: PageObject) -> str:
    return one.version_id or NULL_VERSION
