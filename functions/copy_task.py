"""Copies what of one slice of a page is readable and not copied yet, and records it.

The slice's objects are listed, and for copies to another bucket the keys there: a thousand of them
in a request. What was copied is compared, and only what is the same counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from functions.archived_versions import remove_archived
from functions.copy_store import ObjectFacts
from functions.copy_turn import CopyTurn, failed_copy
from functions.object_copies import ObjectCopier, is_md5
from functions.part_copies import PartCopier
from functions.rate_limit import Pacer
from functions.version_copies import VersionCopies
from functions.whole_copies import copy_whole
from thaw.after_thaw import CopyTo, fits
from thaw.classification import State, state_of
from thaw.copy_slices import CopyObject, CopySlice
from thaw.ledger import Ledger, Part
from thaw.lookup import FoundObject, find
from thaw.oss_errors import run_error
from thaw.outcomes import FAILURES, Outcome
from thaw.retry import CALL_ERRORS
from thaw.run_input import Run


@dataclass(frozen=True)
class SliceProgress:
    """How far a slice is.

    Attributes:
        left: objects of which nothing is recorded yet.
        ready: those among them that could be copied at once, had there been time.
        recorded: objects of which something was recorded in this call.
    """

    left: int = 0
    ready: int = 0
    recorded: int = 0


@dataclass(frozen=True)
class CopyTask:
    """Copies for one slice.

    Attributes:
        run: whose; ``then`` says what to do.
        ledger: of the run.
        copier: copies single objects whole.
        parts: copies single objects in parts.
        pacer: when to.
        prefix: of the keys, in the run's bucket.
    """

    run: Run
    ledger: Ledger
    copier: ObjectCopier
    parts: PartCopier
    pacer: Pacer
    prefix: str

    def do(self, copies: CopySlice, storage_class: str) -> SliceProgress:
        """Copies what it can of a slice's objects of one class.

        Raises:
            AccessDenied: every copy was refused.
            StorageUnavailable: every copy kept failing.
            RunError: as :func:`thaw.oss_errors.call`.
        """
        part = copies.part(self.ledger, storage_class)
        done = {record.name: record for record in part.records}
        objects = copies.objects(self.ledger, storage_class)
        wanted = [one for one in objects if one.name not in done]
        if not wanted:
            return SliceProgress()
        turn = CopyTurn(self.run, self.copier, self.pacer, self.prefix)
        if self.copier.keeps_versions:
            thaws = copies.thaws(self.ledger)  # before a listing that is compared with them
            VersionCopies(turn, self.parts, done, thaws).take(objects)
        else:
            _SliceTurn(self, copies, turn).take(wanted)
        turn.extend(list(turn.ready.values()))
        if turn.records:
            copies.record(self.ledger, storage_class, Part([*part.records, *turn.records]))
        left = len(wanted) - len(turn.records)
        return SliceProgress(left, min(left, len(turn.ready)), len(turn.records))

    def keep(self, copies: CopySlice, storage_class: str) -> int:
        """Keeps readable what of a slice is not copied yet, and returns of how many objects.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
        """
        part = copies.part(self.ledger, storage_class)
        done = {record.name for record in part.records}
        wanted = [o for o in copies.objects(self.ledger, storage_class) if o.name not in done]
        turn = CopyTurn(self.run, self.copier, self.pacer, self.prefix)
        seen = find(self.copier.source, self.prefix, [one.name for one in wanted])
        return turn.extend(list(seen.values()))

    def give_up(self, copies: CopySlice, storage_class: str, *, error: str, cause: str) -> None:
        """Records that nothing more of a slice could be copied.

        Args:
            copies: the slice.
            storage_class: of the objects.
            error: name of the error that the flow caught.
            cause: what it said.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
        """
        part = copies.part(self.ledger, storage_class)
        done = {record.name for record in part.records}
        left = [o for o in copies.objects(self.ledger, storage_class) if o.name not in done]
        records = [failed_copy(one, error, cause) for one in left]
        copies.record(self.ledger, storage_class, Part([*part.records, *records]))


@dataclass
class _SliceTurn:
    """Looks at a slice's objects, and copies what it can."""

    task: CopyTask
    copies: CopySlice
    turn: CopyTurn

    def take(self, wanted: Sequence[CopyObject]) -> None:
        turn, copier = self.turn, self.turn.copier
        self._look(wanted)
        self._look_there()
        tried = list(turn.ready)
        in_parts = [one for one, seen in turn.ready.items() if copier.in_parts(seen.listed)]
        copy_whole(turn, [one for one in tried if one not in in_parts])
        for one in in_parts:
            if turn.in_time and turn.copy_in_parts(one, self.task.parts):
                turn.finish(one)
        remove_archived(turn, turn.promoted)
        if tried and len(turn.errors) == len(tried):
            raise turn.fault_of_all()

    def _look(self, objects: Sequence[CopyObject], *, again: bool = False) -> None:
        """Sorts objects by what a listing shows of them now."""
        turn = self.turn
        seen = find(turn.copier.source, turn.prefix, [one.name for one in objects])
        frozen: list[CopyObject] = []
        for one in objects:
            sighting = seen.get(one.name)
            if sighting is None:
                turn.fail(one, "NoSuchKey", "the object was deleted before its copy", 404)
            elif self._is_promoted(one, sighting):
                turn.finish(one)
            elif one.has_changed(sighting.listed):
                turn.fail(one, "SourceChanged", "the object was overwritten before its copy")
            elif (state := state_of(sighting.listed, sighting.now)) is State.FROZEN:
                frozen.append(one)
            elif state is State.READABLE and not fits(turn.copier.after.key_of(one.key)):
                turn.fail(one, "KeyTooLong", "the key of the copy would be too long")
            elif state is State.READABLE:
                turn.ready[one] = sighting
        if frozen:
            self._sort_frozen(frozen, again=again)

    def _sort_frozen(self, frozen: Sequence[CopyObject], *, again: bool) -> None:
        """Tells what is still to be thawed from what will not be readable by waiting."""
        thaws = self.copies.thaws(self.task.ledger)
        if thaws is None:  # the requests are being sent
            return
        if not again:  # and may have been between the listing and now
            self._look(frozen, again=True)
            return
        for one in frozen:
            record = thaws.get(one.name)
            if record is not None and record.outcome in FAILURES:
                message = f"the object could not be thawed: {record.message}"
                self.turn.fail(one, record.error_code, message, record.http_status)
            else:
                self.turn.fail(one, "FrozenAgain", "the object was frozen again before its copy")

    def _look_there(self) -> None:
        """Sorts out what has a copy already, this run's or an earlier one's."""
        turn, after = self.turn, self.turn.copier.after
        if not isinstance(after, CopyTo) or not turn.ready:
            return
        for one, there in turn.copies(list(turn.ready)).items():
            if not self._is_same(one, there):
                where = f"oss://{after.bucket_name}/{after.key_of(one.key)}"
                turn.fail(one, "DestinationExists", f"another object is there: {where}")
            elif there.listed.last_modified > one.listed_at:
                turn.record(one, Outcome.COPIED)
            else:
                turn.record(one, Outcome.PRESENT)

    def _is_same(self, one: CopyObject, there: FoundObject) -> bool:
        """Whether a copy has the same data: by ETag, or where that does not tell by CRC64."""
        if one.size != there.listed.size:
            return False
        if is_md5(one.etag) and one.etag == there.listed.etag:
            return True
        source, copy = self._facts(one.key)
        return not source.data_differs_from(copy)

    def _facts(self, key: str) -> tuple[ObjectFacts, ObjectFacts]:
        """What an object and its copy are like."""
        copier = self.turn.copier
        try:
            return copier.source.head(key), copier.target.head(copier.after.key_of(key))
        except CALL_ERRORS as error:
            raise run_error(error, action="oss:GetObject", resource=copier.target.arn) from error

    def _is_promoted(self, one: CopyObject, seen: FoundObject) -> bool:
        """Whether an earlier try has promoted an object."""
        listed, copier = seen.listed, self.turn.copier
        if not copier.promotes or listed.storage_class != copier.after.storage_class:
            return False
        if listed.size != one.size:
            return False
        if listed.etag == one.etag:
            return True
        return self.task.parts.was_promoted(one.key, one.etag)
