"""Copies what of one slice of a page is readable and not copied yet, and records it.

The slice's objects are listed, and for copies to another bucket the keys there: a thousand of them
in a request. What was copied is listed again, and only what is the same counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

from oss2.exceptions import NoSuchBucket, OssError

from functions.copy_store import ObjectFacts
from functions.object_copies import MISMATCH, CopyFailedError, NotReadableError, ObjectCopier
from functions.rate_limit import Pacer
from thaw.after_thaw import CopyTo, fits
from thaw.classification import State, expiry_of, state_of
from thaw.copy_slices import CopyObject, CopySlice
from thaw.days import days_of
from thaw.errors import AccessDenied, RunError, StorageUnavailable
from thaw.ledger import Ledger, Part
from thaw.lookup import FoundObject, find
from thaw.oss_errors import describe, run_error
from thaw.outcomes import FAILURES, Outcome, OutcomeRecord
from thaw.retry import CALL_ERRORS
from thaw.run_input import Run
from thaw.storage_classes import ARCHIVE

_TRIES: Final = 3  # of a copy that turns out to differ
_SAMPLE: Final = 100  # of so many objects that are copied whole, one is compared by HEAD, too
_SAFE_SECONDS: Final = 6 * 3600  # what is readable for less, and not copied yet, is extended
_SPARE_SECONDS: Final = 60  # of a call, for what follows its last copy


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
        copier: copies single objects.
        pacer: when to.
        prefix: of the keys, in the run's bucket.
    """

    run: Run
    ledger: Ledger
    copier: ObjectCopier
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
        done = {record.key for record in part.records}
        wanted = [o for o in copies.objects(self.ledger, storage_class) if o.key not in done]
        if not wanted:
            return SliceProgress()
        turn = _Turn(self, copies, wanted)
        turn.take()
        if turn.records:
            copies.record(self.ledger, storage_class, Part([*part.records, *turn.records]))
        left = len(wanted) - len(turn.records)
        return SliceProgress(left, min(left, len(turn.ready)), len(turn.records))

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
        done = {record.key for record in part.records}
        left = [o for o in copies.objects(self.ledger, storage_class) if o.key not in done]
        records = [failed_copy(one, error, cause) for one in left]
        copies.record(self.ledger, storage_class, Part([*part.records, *records]))


@dataclass
class _Turn:
    """What one call does for a slice."""

    task: CopyTask
    copies: CopySlice
    wanted: Sequence[CopyObject]
    records: list[OutcomeRecord] = field(default_factory=list)
    ready: dict[str, tuple[CopyObject, FoundObject]] = field(default_factory=dict)
    _errors: list[Exception] = field(default_factory=list)

    def take(self) -> None:
        self._look(self.wanted)
        self._look_there()
        whole = [one for one, seen in self.ready.values() if not self._copier.is_large(seen.listed)]
        large = [one for one, seen in self.ready.values() if self._copier.is_large(seen.listed)]
        tried = len(self.ready)
        self._copy_whole(whole)
        for one in large:
            self._copy_large(one)
        self._extend()
        if tried and len(self._errors) == tried:
            raise self._fault_of_all(self._errors[0])

    @property
    def _copier(self) -> ObjectCopier:
        return self.task.copier

    @property
    def _done(self) -> Outcome:
        copies = isinstance(self._copier.after, CopyTo)
        return Outcome.COPIED if copies else Outcome.PROMOTED

    @property
    def _in_time(self) -> bool:
        retry = self._copier.target.retry
        return retry.monotonic() < retry.deadline - _SPARE_SECONDS

    def _look(self, objects: Sequence[CopyObject], *, again: bool = False) -> None:
        """Sorts objects by what a listing shows of them now."""
        task = self.task
        seen = find(self._copier.source, task.prefix, [(one.key, "") for one in objects])
        frozen: list[CopyObject] = []
        for one in objects:
            sighting = seen.get((one.key, ""))
            if sighting is None:
                self._fail(one, "NoSuchKey", "the object was deleted before its copy", 404)
            elif self._is_promoted(one, sighting):
                self._record(one, Outcome.PROMOTED)
            elif _has_changed(one, sighting):
                self._fail(one, "SourceChanged", "the object was overwritten before its copy")
            else:
                state = state_of(sighting.listed, sighting.now)
                if state is State.READABLE and not fits(self._copier.after.key_of(one.key)):
                    self._fail(one, "KeyTooLong", "the key of the copy would be too long")
                elif state is State.READABLE:
                    self.ready[one.key] = (one, sighting)
                elif state is State.FROZEN:
                    frozen.append(one)
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
            record = thaws.get(one.key)
            if record is not None and record.outcome in FAILURES:
                message = f"the object could not be thawed: {record.message}"
                self._fail(one, record.error_code, message, record.http_status)
            else:
                self._fail(one, "FrozenAgain", "the object was frozen again before its copy")

    def _look_there(self) -> None:
        """Sorts out what has a copy already, this run's or an earlier one's."""
        after = self._copier.after
        if not isinstance(after, CopyTo) or not self.ready:
            return
        for key, there in self._copies([one for one, _ in self.ready.values()]).items():
            one, seen = self.ready[key]
            if not self._is_same(seen, there):
                where = f"oss://{after.bucket_name}/{after.key_of(key)}"
                self._fail(one, "DestinationExists", f"another object is there: {where}")
            elif there.listed.last_modified > one.listed_at:
                self._record(one, Outcome.COPIED)
            else:
                self._record(one, Outcome.PRESENT)

    def _copies(self, objects: Sequence[CopyObject]) -> Mapping[str, FoundObject]:
        """What is where the copies go, by the keys of the objects."""
        after = self._copier.after
        keys = {after.key_of(one.key): one.key for one in objects}
        prefix = after.key_of(self.task.prefix)
        found = find(self._copier.target, prefix, [(key, "") for key in sorted(keys)])
        return {keys[key]: sighting for (key, _), sighting in found.items()}

    def _copy_whole(self, objects: Sequence[CopyObject]) -> None:
        """Copies objects with a request each, and those again that turn out to differ."""
        left = list(objects)
        for tried in range(_TRIES):
            done = self._side_by_side(left, again=tried > 0)
            left = self._that_differ(done)
            if not left:
                return
        for one in left:
            self._fail(one, MISMATCH, f"the copy was not the same, {_TRIES} times in a row")

    def _side_by_side(self, objects: Sequence[CopyObject], *, again: bool) -> list[CopyObject]:
        """Copies objects; those that were."""

        def copy(one: CopyObject) -> bool:
            if not self._in_time:
                return False
            self.task.pacer.wait()
            seen = self.ready[one.key][1]
            return self._try(one, lambda: self._copier.copy_whole(seen.listed, again=again))

        if not objects:
            return []
        with ThreadPoolExecutor(max_workers=min(self.task.run.workers, len(objects))) as pool:
            done = list(pool.map(copy, objects))
        return [one for one, is_done in zip(objects, done, strict=True) if is_done]

    def _try(self, one: CopyObject, work: Callable[[], object]) -> bool:
        """Does it; False where that failed, which is recorded, or noted if it may pass."""
        try:
            work()
        except CopyFailedError as error:
            if error.code == "AccessDenied":
                self._errors.append(error)
            self._fail(one, error.code, str(error), error.status)
        except NotReadableError:
            self.ready.pop(one.key, None)  # the next look tells why
        except NoSuchBucket as error:
            raise run_error(
                error, action="oss:PutObject", resource=self._copier.target.arn
            ) from error
        except CALL_ERRORS as error:
            self._errors.append(error)
            code = getattr(error, "code", "") or type(error).__name__
            self._fail(one, code, describe(error), max(0, getattr(error, "status", 0)))
        else:
            return True
        return False

    def _that_differ(self, done: Sequence[CopyObject]) -> list[CopyObject]:
        """Looks at what was copied, and records what is right."""
        if not done:
            return []
        there, wrong = self._copies(done), list[CopyObject]()
        for one in done:
            found, seen = there.get(one.key), self.ready[one.key][1]
            if found is None or not self._is_right(one, seen, found):
                wrong.append(one)
            else:
                self._record(one, self._done)
        return wrong

    def _is_right(self, one: CopyObject, seen: FoundObject, found: FoundObject) -> bool:
        after = self._copier.after
        if found.listed.storage_class != after.storage_class or not self._is_same(seen, found):
            return False
        if isinstance(after, CopyTo) and crc32(one.key.encode()) % _SAMPLE == 0:
            source, copy = self._facts(one.key)
            return not source.differs_from(copy)
        return True

    def _is_same(self, seen: FoundObject, there: FoundObject) -> bool:
        """Whether two objects have the same data: by ETag, or where these differ by CRC64."""
        if seen.listed.size != there.listed.size:
            return False
        if seen.listed.etag == there.listed.etag:
            return True
        source, copy = self._facts(seen.listed.key)
        return not source.data_differs_from(copy)

    def _facts(self, key: str) -> tuple[ObjectFacts, ObjectFacts]:
        """What an object and its copy are like."""
        copier = self._copier
        try:
            return copier.source.head(key), copier.target.head(copier.after.key_of(key))
        except CALL_ERRORS as error:
            raise run_error(error, action="oss:GetObject", resource=copier.target.arn) from error

    def _copy_large(self, one: CopyObject) -> None:
        """Copies an object in parts, as far as time allows."""
        if not self._in_time:
            return
        seen = self.ready[one.key][1]
        self._extend_if_due(seen)
        retry = self._copier.target.retry
        finished: list[bool] = []

        def work() -> None:
            until = retry.deadline - _SPARE_SECONDS
            finished.append(self._copier.copy_parts(seen.listed, now=seen.now, until=until))

        if not self._try(one, work):
            self._give_up(one)
        elif finished[0]:
            self._record(one, self._done)

    def _give_up(self, one: CopyObject) -> None:
        try:
            self._copier.give_up(one.key)
        except CALL_ERRORS as error:
            action, resource = "oss:AbortMultipartUpload", self._copier.target.arn
            raise run_error(error, action=action, resource=resource) from error

    def _extend(self) -> None:
        """Keeps readable what is left for later."""
        for _, seen in self.ready.values():
            self._extend_if_due(seen)

    def _extend_if_due(self, seen: FoundObject) -> None:
        listed = seen.listed
        if expiry_of(listed) - seen.now >= _SAFE_SECONDS:
            return
        run = self.task.run
        tier = None if listed.storage_class == ARCHIVE else run.tier
        days = days_of(run, listed.storage_class)
        with suppress(OssError):  # what comes of it, the next look tells
            self._copier.source.restore(listed.key, days, tier)

    def _is_promoted(self, one: CopyObject, seen: FoundObject) -> bool:
        """Whether an earlier try has promoted an object."""
        after, listed = self._copier.after, seen.listed
        if isinstance(after, CopyTo) or listed.storage_class != after.storage_class:
            return False
        return listed.size == one.size and listed.etag == one.etag

    def _fault_of_all(self, error: Exception) -> RunError:
        """The fault of the run that has failed every copy."""
        source, target = self._copier.source.arn, self._copier.target.arn
        where = f"from {source} to {target}"
        if isinstance(error, CopyFailedError):
            return AccessDenied(
                f"OSS refused to copy {where}: {error}. The functions' role needs oss:GetObject and"
                " oss:GetObjectTagging on the one, oss:PutObject and oss:PutObjectTagging on the"
                " other, and no bucket policy may deny them."
            )
        return StorageUnavailable(f"copying {where} kept failing: {describe(error)}")

    def _record(self, one: CopyObject, outcome: Outcome) -> None:
        self.ready.pop(one.key, None)
        self.records.append(OutcomeRecord(one.key, outcome, one.storage_class, one.size))

    def _fail(self, one: CopyObject, code: str, message: str, status: int = 0) -> None:
        self.ready.pop(one.key, None)
        self.records.append(failed_copy(one, code, message, status))


def failed_copy(one: CopyObject, code: str, message: str, status: int = 0) -> OutcomeRecord:
    """The ledger's line for an object that was not copied."""
    return OutcomeRecord(
        one.key,
        Outcome.COPY_FAILED,
        one.storage_class,
        one.size,
        http_status=status,
        error_code=code,
        message=message[:1000],
    )


def _has_changed(one: CopyObject, seen: FoundObject) -> bool:
    """Whether an object is another one than was listed."""
    was = (one.size, one.modified, one.storage_class)
    listed = seen.listed
    return was != (listed.size, listed.last_modified, listed.storage_class)
