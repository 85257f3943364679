"""Copy the objects of one slice of a page that are readable and not copied yet.

The slice's objects are listed, and for copies to another bucket the keys there, a thousand per
request. Each copy is compared with its source, and only identical copies count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from thaw.copy_slices import CopySlice
from thaw.ledger import Ledger, Part
from thaw.lookup import FoundObject, ObjectName, find
from thaw.oss_errors import run_error
from thaw.outcomes import FAILURES, Outcome, OutcomeRecord
from thaw.page_chunks import PageObject
from thaw.retry import CALL_ERRORS
from thaw.run_input import Run


@dataclass(frozen=True)
class SliceProgress:
    """How far a slice has been copied.

    Attributes:
        left: objects without a recorded outcome.
        ready: how many of them were readable, but there was no time left to copy them.
        recorded: objects for which this call recorded an outcome.
    """

    left: int = 0
    ready: int = 0
    recorded: int = 0


@dataclass(frozen=True)
class CopyTask:
    """Copies the objects of slices.

    Attributes:
        run: the run; its ``then`` says where to copy.
        ledger: the run's ledger.
        copier: copies single objects with one request.
        parts: copies single objects in parts.
        pacer: limits the rate of copies.
        prefix: prefix of the keys in the run's bucket.
    """

    run: Run
    ledger: Ledger
    copier: ObjectCopier
    parts: PartCopier
    pacer: Pacer
    prefix: str

    def do(self, copies: CopySlice, storage_class: str) -> SliceProgress:
        """Copy as many of a slice's objects of one class as time and their state allow.

        Raises:
            AccessDenied: every copy was refused.
            StorageUnavailable: every copy kept failing.
            RunError: as :func:`thaw.oss_errors.call`.
        """
        state = self._state(copies, storage_class)
        if not state.unrecorded:
            return SliceProgress()
        turn = CopyTurn(self.run, self.copier, self.pacer, self.prefix)
        if self.copier.keeps_versions:
            thaws = copies.thaws(self.ledger)  # before a listing that is compared with them
            VersionCopies(turn, self.parts, state.recorded, thaws).copy(state.objects)
        else:
            _SliceTurn(self, copies, turn).copy(state.unrecorded)
        turn.extend(list(turn.ready.values()))
        if turn.records:
            self._record(copies, storage_class, state, turn.records)
        left = len(state.unrecorded) - len(turn.records)
        return SliceProgress(left, min(left, len(turn.ready)), len(turn.records))

    def keep(self, copies: CopySlice, storage_class: str) -> int:
        """Keep the objects of a slice readable that are not copied yet.

        Returns:
            How many had to be extended.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
        """
        objects = self._state(copies, storage_class).unrecorded
        turn = CopyTurn(self.run, self.copier, self.pacer, self.prefix)
        found = find(self.copier.source, self.prefix, [obj.name for obj in objects])
        return turn.extend(list(found.values()))

    def give_up(self, copies: CopySlice, storage_class: str, *, error: str, cause: str) -> None:
        """Record the rest of a slice as not copied.

        Args:
            copies: the slice.
            storage_class: class of the objects.
            error: name of the error that the flow caught.
            cause: message of that error.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
        """
        state = self._state(copies, storage_class)
        records = [failed_copy(obj, error, cause) for obj in state.unrecorded]
        self._record(copies, storage_class, state, records)

    def _state(self, copies: CopySlice, storage_class: str) -> _SliceState:
        records = copies.part(self.ledger, storage_class).records
        objects = copies.objects(self.ledger, storage_class)
        return _SliceState(objects, {record.name: record for record in records})

    def _record(
        self,
        copies: CopySlice,
        storage_class: str,
        state: _SliceState,
        records: Sequence[OutcomeRecord],
    ) -> None:
        part = Part([*state.recorded.values(), *records])
        copies.record(self.ledger, storage_class, part)


@dataclass(frozen=True)
class _SliceState:
    """A slice's objects of one class, and the outcomes that are recorded for them."""

    objects: Sequence[PageObject]
    recorded: Mapping[ObjectName, OutcomeRecord]

    @property
    def unrecorded(self) -> list[PageObject]:
        """Objects without a recorded outcome."""
        return [obj for obj in self.objects if obj.name not in self.recorded]


@dataclass
class _SliceTurn:
    """Copies the objects of one slice in one call."""

    task: CopyTask
    copies: CopySlice
    turn: CopyTurn

    def copy(self, objects: Sequence[PageObject]) -> None:
        turn, copier = self.turn, self.turn.copier
        self._check_source(objects)
        self._check_destination()
        tried = list(turn.ready)
        in_parts = [obj for obj, found in turn.ready.items() if copier.in_parts(found.listed)]
        copy_whole(turn, [obj for obj in tried if obj not in in_parts])
        for obj in in_parts:
            if turn.in_time and turn.copy_in_parts(obj, self.task.parts):
                turn.finish(obj)
        remove_archived(turn, turn.promoted)
        if tried and len(turn.errors) == len(tried):
            raise turn.fault_of_all()

    def _check_source(self, objects: Sequence[PageObject], *, again: bool = False) -> None:
        """Sort objects by their current state in a listing."""
        turn = self.turn
        current = find(turn.copier.source, turn.prefix, [obj.name for obj in objects])
        frozen: list[PageObject] = []
        for obj in objects:
            found = current.get(obj.name)
            if found is None:
                turn.fail(obj, "NoSuchKey", "the object was deleted before its copy", 404)
            elif self._is_promoted(obj, found):
                turn.finish(obj)
            elif obj.has_changed(found.listed):
                turn.fail(obj, "SourceChanged", "the object was overwritten before its copy")
            elif (state := state_of(found.listed, found.now)) is State.FROZEN:
                frozen.append(obj)
            elif state is State.READABLE and not fits(turn.copier.after.key_of(obj.key)):
                turn.fail(obj, "KeyTooLong", "the key of the copy would be too long")
            elif state is State.READABLE:
                turn.ready[obj] = found
        if frozen:
            self._sort_frozen(frozen, again=again)

    def _sort_frozen(self, frozen: Sequence[PageObject], *, again: bool) -> None:
        """Fail the frozen objects that no restore request is thawing any more."""
        thaws = self.copies.thaws(self.task.ledger)
        if thaws is None:  # their requests are still being sent
            return
        if not again:  # the last requests may have been sent after the listing
            self._check_source(frozen, again=True)
            return
        for obj in frozen:
            record = thaws.get(obj.name)
            if record is not None and record.outcome in FAILURES:
                message = f"the object could not be thawed: {record.message}"
                self.turn.fail(obj, record.error_code, message, record.http_status)
            else:
                self.turn.fail(obj, "FrozenAgain", "the object was frozen again before its copy")

    def _check_destination(self) -> None:
        """Sort out objects that already have a copy, made by this run or an earlier one."""
        turn, after = self.turn, self.turn.copier.after
        if not isinstance(after, CopyTo) or not turn.ready:
            return
        for obj, copy in turn.copies(list(turn.ready)).items():
            if not self._is_same(obj, copy):
                where = f"oss://{after.bucket_name}/{after.key_of(obj.key)}"
                turn.fail(obj, "DestinationExists", f"another object is there: {where}")
            elif copy.listed.last_modified > obj.listed_at:
                turn.record(obj, Outcome.COPIED)
            else:
                turn.record(obj, Outcome.PRESENT)

    def _is_same(self, obj: PageObject, copy: FoundObject) -> bool:
        """Whether a copy has the same data, by ETag if that is an MD5, else by CRC64."""
        if obj.size != copy.listed.size:
            return False
        if is_md5(obj.etag) and obj.etag == copy.listed.etag:
            return True
        source_facts, copy_facts = self._facts(obj.key)
        return not source_facts.data_differs_from(copy_facts)

    def _facts(self, key: str) -> tuple[ObjectFacts, ObjectFacts]:
        """Return what HeadObject says about an object and about its copy."""
        copier = self.turn.copier
        try:
            return copier.source.head(key), copier.target.head(copier.after.key_of(key))
        except CALL_ERRORS as error:
            raise run_error(error, action="oss:GetObject", resource=copier.target.arn) from error

    def _is_promoted(self, obj: PageObject, found: FoundObject) -> bool:
        """Whether an earlier attempt has promoted an object."""
        listed, copier = found.listed, self.turn.copier
        if not copier.promotes or listed.storage_class != copier.after.storage_class:
            return False
        if listed.size != obj.size:
            return False
        if listed.etag == obj.etag:
            return True
        return self.task.parts.was_promoted(obj.key, obj.etag)
