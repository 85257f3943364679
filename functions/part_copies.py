"""Copies one large object in parts, over as many calls, and runs, as it takes.

OSS keeps a CRC64 of each part. That of all of them is compared with the object's before they become
an object: what takes the place of its own source, as a promotion does, is known to be right before.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from oss2.exceptions import NoSuchUpload, NotFound

from functions.copy_store import ObjectFacts, ObjectVersion, UploadedPart
from functions.object_copies import (
    FORBID_OVERWRITE,
    IF_MATCH,
    THERE_ALREADY,
    TRIES,
    CopyFailedError,
    ObjectCopier,
)
from functions.part_checksums import crc64_of
from functions.unfinished_uploads import UnfinishedUpload, UnfinishedUploads
from thaw.copy_parts import PartRange, parts_of
from thaw.errors import RunStopped
from thaw.outcomes import MISMATCH
from thaw.store import ListedObject

# For as long an upload that is announced may be on its way to being begun.
_LOOKS: Final = 10
_LOOK_SECONDS: Final = 1.0


@dataclass(frozen=True)
class PartCopier:
    """Copies objects of a run in parts.

    Attributes:
        copier: of the run.
        uploads: those that are under way.
        workers: threads that copy the parts of one object.
    """

    copier: ObjectCopier
    uploads: UnfinishedUploads
    workers: int

    def copy(self, listed: ListedObject, *, now: float, until: float) -> bool:
        """Copies an object, or some of its parts; the next call goes on.

        Args:
            listed: the object, as it was seen a moment ago.
            now: by OSS's clock, seconds since 1970.
            until: moment of the retry's clock after which no part is begun.

        Returns:
            whether all is done.

        Raises:
            CopyFailedError: it cannot be copied; nothing of it is left that would cost money.
            RunStopped: the run was stopped, and nothing new is begun.
            NotReadableError, OssError, OSError, BrokenAnswer: as
                :meth:`functions.object_copies.ObjectCopier.copy_whole`.
        """
        while True:
            upload = self._upload(listed, now)
            try:
                if not self._copy_missing(listed, upload, until):
                    self._yield_to_other_run(upload)
                    return False
                self._complete(listed, upload)
            except NoSuchUpload:  # an earlier try has completed it, or somebody has given it up
                if difference := self._difference(listed, upload):
                    self._try_again(upload, difference)
                    continue
            except _DiffersError as error:
                self._try_again(upload, str(error), replaces=error.is_written)
                continue
            except CopyFailedError:
                self._abort(upload)
                self.uploads.forget(upload.key)
                raise
            self.uploads.forget(upload.key)
            return True

    def was_promoted(self, key: str, etag: str) -> bool:
        """Whether an earlier try has promoted an object of that ETag and did not live to say so."""
        known = self.uploads.known(key)
        if known is None or known.etag != etag or not known.crc64:
            return False
        return self.copier.target.head(key).crc64 == known.crc64

    def give_up(self, key: str) -> None:
        """Leaves nothing of an unfinished upload of an object behind that would cost money."""
        self._give_up(self.copier.after.key_of(key))

    def give_up_all(self) -> int:
        """Gives up all that the run has begun and not finished; how many these are.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
            OssError, OSError, BrokenAnswer: an upload cannot be given up.
        """
        return sum(self._give_up(key) for key in self.uploads.of_run())

    def _give_up(self, key: str) -> bool:
        known = self.uploads.known(key)
        if known is None:
            return False
        self._abort(known)
        self.uploads.forget(key)
        return True

    def _upload(self, listed: ListedObject, now: float) -> UnfinishedUpload:
        """The upload of an object: the one that is under way, or a new one."""
        copier, source = self.copier, self._source(listed)
        key, storage_class = copier.after.key_of(listed.key), copier.after.storage_class
        wanted = UnfinishedUpload(key, listed.etag, storage_class, int(now))
        known = self._known(wanted)
        if known is not None:
            goes_on = known.goes_on_with(wanted)
            if goes_on and known.upload_id and self._is_there(known):
                return known
            self._abort(known)
            if goes_on:
                wanted = replace(wanted, tries=known.tries, replaces=known.replaces)
        self.uploads.announce(wanted)
        facts = self._facts(listed)
        headers = {**facts.metadata, **copier.written(source)}
        if facts.tags:
            headers["x-oss-tagging"] = copier.source.tagging(source.key, source.version_id)
        upload_id = copier.target.begin_upload(key, headers)
        begun = replace(wanted, upload_id=upload_id, crc64=facts.crc64)
        try:
            self.uploads.announce(begun)
        except RunStopped:  # while it was begun, so that nobody else knows of it
            self._abort(begun)
            raise
        return begun

    def _known(self, wanted: UnfinishedUpload) -> UnfinishedUpload | None:
        """The upload under way; where another run is just beginning it, once that has its id."""
        for _ in range(_LOOKS):
            known = self.uploads.known(wanted.key)
            if known is None or known.upload_id or known.tries or not known.goes_on_with(wanted):
                return known
            if wanted.started - known.started > _LOOKS * _LOOK_SECONDS:
                break
            self.copier.target.retry.sleep(_LOOK_SECONDS)
        return known  # whoever was about to begin it has died

    def _yield_to_other_run(self, upload: UnfinishedUpload) -> None:
        """Gives up an upload if another run's is on record: that one is gone on with."""
        known = self.uploads.known(upload.key)
        if known is not None and known.upload_id not in {"", upload.upload_id}:
            self._abort(upload)

    def _source(self, listed: ListedObject) -> ObjectVersion:
        return ObjectVersion(self.copier.source.name, listed.key, listed.version_id)

    def _facts(self, listed: ListedObject) -> ObjectFacts:
        """What the object is like, which must be what was listed."""
        facts = self.copier.source.head(listed.key, listed.version_id)
        if facts.etag != listed.etag:
            raise CopyFailedError("SourceChanged", "the object was overwritten meanwhile")
        return facts

    def _is_there(self, known: UnfinishedUpload) -> bool:
        return self.copier.target.parts(known.key, known.upload_id) is not None

    def _abort(self, known: UnfinishedUpload) -> None:
        """Gives an upload up, or what was begun of it and not recorded."""
        target = self.copier.target
        ids = [known.upload_id] if known.upload_id else None
        for upload_id in ids or target.uploads(known.key, since=known.started):
            target.abort(known.key, upload_id)

    def _try_again(
        self, upload: UnfinishedUpload, difference: str, *, replaces: bool = False
    ) -> None:
        """Gives up an upload that came out wrong, so that another is begun.

        Raises:
            CopyFailedError: it was tried often enough, or has replaced its own source.
        """
        self._abort(upload)
        tries = upload.tries + 1
        if tries == TRIES or (replaces and self.copier.promotes):
            self.uploads.forget(upload.key)
            raise CopyFailedError(MISMATCH, f"the copy is not the same: {difference}")
        replaces = replaces or upload.replaces
        self.uploads.keep(replace(upload, upload_id="", tries=tries, replaces=replaces))

    def _copy_missing(self, listed: ListedObject, upload: UnfinishedUpload, until: float) -> bool:
        """Copies the parts that are not there yet, side by side; whether all are there now."""
        copier, source = self.copier, self._source(listed)
        there = {part.number for part in self._parts(upload)}
        clock, guard = copier.target.retry.monotonic, {IF_MATCH: f'"{listed.etag}"'}

        def copy(part: PartRange) -> bool:
            if clock() >= until:
                return False
            to = (upload.key, upload.upload_id)
            copier.attempt(
                lambda: copier.target.copy_part(source, to, part.number, part.within, guard)
            )
            return True

        missing = [part for part in parts_of(listed.size) if part.number not in there]
        with ThreadPoolExecutor(max_workers=self.workers) as pool:
            return all(list(pool.map(copy, missing)))

    def _parts(self, upload: UnfinishedUpload) -> list[UploadedPart]:
        parts = self.copier.target.parts(upload.key, upload.upload_id)
        return parts or []

    def _complete(self, listed: ListedObject, upload: UnfinishedUpload) -> None:
        """Makes the object of its parts, if these are right.

        Raises:
            _DiffersError: they are not, or it is not what its source is.
        """
        copier, facts, parts = self.copier, self._facts(listed), self._parts(upload)
        size, crc64 = sum(part.size for part in parts), crc64_of(parts)
        if size != facts.size:
            raise _DiffersError(f"its parts have {size} bytes and not {facts.size}")
        if crc64 and facts.crc64 and crc64 != facts.crc64:
            raise _DiffersError(f"the CRC64 of its parts is {crc64} and not {facts.crc64}")
        overwrites = copier.promotes or copier.keeps_versions or upload.replaces
        guard = {} if overwrites else {FORBID_OVERWRITE: "true"}

        def complete() -> bool:
            copier.target.complete(upload.key, upload.upload_id, parts, guard)
            return True

        is_written = copier.attempt(complete, done_before=THERE_ALREADY)
        if not is_written:  # another run has copied the object meanwhile
            self._abort(upload)
        if difference := facts.differs_from(copier.target.head(upload.key)):
            if not is_written:
                raise CopyFailedError("DestinationExists", "another object is there now")
            raise _DiffersError(difference, is_written=True)

    def _difference(self, listed: ListedObject, upload: UnfinishedUpload) -> str:
        """In what the object that is where a copy goes differs from what is copied."""
        copier = self.copier
        try:
            there = copier.target.head(upload.key)
        except NotFound:
            return "it is not there"
        if there.storage_class != upload.storage_class:
            return f"its storage class is {there.storage_class}"
        if copier.promotes:  # the source is not there any more
            return "" if there.crc64 == upload.crc64 else f"its CRC64 is {there.crc64}"
        return self._facts(listed).differs_from(there)


class _DiffersError(Exception):
    """A copy has come out wrong.

    Attributes:
        is_written: whether it has become an object.
    """

    def __init__(self, difference: str, *, is_written: bool = False) -> None:
        super().__init__(difference)
        self.is_written = is_written
