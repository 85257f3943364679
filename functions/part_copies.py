"""Copy one large object in parts, over as many calls and runs as it takes.

OSS keeps a CRC64 of each part. The CRC64 of all parts is compared with the source's before the
upload is completed, because a promotion replaces its own source.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from oss2.exceptions import NoSuchUpload, NotFound

from functions.copy_store import ObjectFacts, ObjectVersion, UploadedPart
from functions.object_copies import (
    ALREADY_EXISTS,
    FORBID_OVERWRITE,
    IF_MATCH,
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

# How long to wait for another run that has announced an upload and not recorded its id yet.
_CHECKS: Final = 10
_CHECK_SECONDS: Final = 1.0


@dataclass(frozen=True)
class PartCopier:
    """Copies objects of a run in parts.

    Attributes:
        copier: the run's copier of single objects.
        uploads: records of the unfinished uploads.
        workers: threads that copy the parts of one object.
    """

    copier: ObjectCopier
    uploads: UnfinishedUploads
    workers: int

    def copy(self, listed: ListedObject, *, now: float, until: float) -> bool:
        """Copy an object, or some of its parts; the next call copies the rest.

        Args:
            listed: the object as it was last listed.
            now: OSS's clock, in seconds since 1970.
            until: when to stop starting parts, by the retry policy's clock.

        Returns:
            Whether the whole object is copied.

        Raises:
            CopyFailedError: the object cannot be copied; its upload is aborted.
            RunStopped: the run was stopped; no new upload is started.
            NotReadableError, OssError, OSError, BrokenResponse: as
                :meth:`functions.object_copies.ObjectCopier.copy_whole`.
        """
        while True:
            upload = self._upload(listed, now)
            try:
                if not self._copy_missing(listed, upload, until):
                    self._yield_to_other_run(upload)
                    return False
                self._complete(listed, upload)
            except NoSuchUpload:  # completed by an earlier attempt, or aborted by somebody
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
        """Whether an earlier attempt has promoted the object of this ETag without recording it."""
        upload = self.uploads.find(key)
        if upload is None or upload.etag != etag or not upload.crc64:
            return False
        return self.copier.target.head(key).crc64 == upload.crc64

    def give_up(self, key: str) -> None:
        """Abort the unfinished upload of an object, if there is one."""
        self._give_up(self.copier.after.key_of(key))

    def give_up_all(self) -> int:
        """Abort every unfinished upload of the run, and return how many there were.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
            OssError, OSError, BrokenResponse: an upload cannot be aborted.
        """
        return sum(self._give_up(key) for key in self.uploads.of_run())

    def _give_up(self, key: str) -> bool:
        upload = self.uploads.find(key)
        if upload is None:
            return False
        self._abort(upload)
        self.uploads.forget(key)
        return True

    def _upload(self, listed: ListedObject, now: float) -> UnfinishedUpload:
        """Return the upload of an object: the unfinished one, or a new one."""
        copier, source = self.copier, self._source(listed)
        key, storage_class = copier.after.key_of(listed.key), copier.after.storage_class
        new = UnfinishedUpload(key, listed.etag, storage_class, int(now))
        existing = self._existing(new)
        if existing is not None:
            is_same_copy = existing.is_same_copy(new)
            if is_same_copy and existing.upload_id and self._exists(existing):
                return existing
            self._abort(existing)
            if is_same_copy:
                new = replace(new, tries=existing.tries, replaces=existing.replaces)
        self.uploads.announce(new)
        facts = self._facts(listed)
        headers = {**facts.metadata, **copier.written(source)}
        if facts.tags:
            headers["x-oss-tagging"] = copier.source.tagging(source.key, source.version_id)
        upload_id = copier.target.begin_upload(key, headers)
        new = replace(new, upload_id=upload_id, crc64=facts.crc64)
        try:
            self.uploads.announce(new)
        except RunStopped:  # meanwhile, so that no record of the upload is left
            self._abort(new)
            raise
        return new

    def _existing(self, new: UnfinishedUpload) -> UnfinishedUpload | None:
        """Return the unfinished upload, once another run that is starting it has its id."""
        for _ in range(_CHECKS):
            existing = self.uploads.find(new.key)
            if (
                existing is None
                or existing.upload_id
                or existing.tries
                or not existing.is_same_copy(new)
            ):
                return existing
            if new.started - existing.started > _CHECKS * _CHECK_SECONDS:
                break
            self.copier.target.retry.sleep(_CHECK_SECONDS)
        return existing  # the call that was starting it has died

    def _yield_to_other_run(self, upload: UnfinishedUpload) -> None:
        """Abort this upload if another run has recorded its own, which continues instead."""
        recorded = self.uploads.find(upload.key)
        if recorded is not None and recorded.upload_id not in {"", upload.upload_id}:
            self._abort(upload)

    def _source(self, listed: ListedObject) -> ObjectVersion:
        return ObjectVersion(self.copier.source.name, listed.key, listed.version_id)

    def _facts(self, listed: ListedObject) -> ObjectFacts:
        """Return what HeadObject says about the object, which must be the listed one."""
        facts = self.copier.source.head(listed.key, listed.version_id)
        if facts.etag != listed.etag:
            raise CopyFailedError("SourceChanged", "the object was overwritten meanwhile")
        return facts

    def _exists(self, upload: UnfinishedUpload) -> bool:
        return self.copier.target.parts(upload.key, upload.upload_id) is not None

    def _abort(self, upload: UnfinishedUpload) -> None:
        """Abort an upload, or every one that was started and not recorded."""
        target = self.copier.target
        ids = [upload.upload_id] if upload.upload_id else None
        for upload_id in ids or target.uploads(upload.key, since=upload.started):
            target.abort(upload.key, upload_id)

    def _try_again(
        self, upload: UnfinishedUpload, difference: str, *, replaces: bool = False
    ) -> None:
        """Abort an upload whose result differs, so that the next call starts another.

        Raises:
            CopyFailedError: this was the last attempt, or the source has been replaced.
        """
        self._abort(upload)
        tries = upload.tries + 1
        if tries == TRIES or (replaces and self.copier.promotes):
            self.uploads.forget(upload.key)
            raise CopyFailedError(MISMATCH, f"the copy is not the same: {difference}")
        replaces = replaces or upload.replaces
        self.uploads.keep(replace(upload, upload_id="", tries=tries, replaces=replaces))

    def _copy_missing(self, listed: ListedObject, upload: UnfinishedUpload, until: float) -> bool:
        """Copy the missing parts in parallel, and return whether all parts exist now."""
        copier, source = self.copier, self._source(listed)
        existing = {part.number for part in self._parts(upload)}
        clock, guard = copier.target.retry.monotonic, {IF_MATCH: f'"{listed.etag}"'}

        def copy(part: PartRange) -> bool:
            if clock() >= until:
                return False
            to = (upload.key, upload.upload_id)
            copier.attempt(
                lambda: copier.target.copy_part(source, to, part.number, part.within, guard)
            )
            return True

        missing = [part for part in parts_of(listed.size) if part.number not in existing]
        with ThreadPoolExecutor(max_workers=self.workers) as pool:
            return all(list(pool.map(copy, missing)))

    def _parts(self, upload: UnfinishedUpload) -> list[UploadedPart]:
        parts = self.copier.target.parts(upload.key, upload.upload_id)
        return parts or []

    def _complete(self, listed: ListedObject, upload: UnfinishedUpload) -> None:
        """Complete the upload if its parts are identical to the source.

        Raises:
            _DiffersError: the parts or the completed object differ from the source.
        """
        copier, facts, parts = self.copier, self._facts(listed), self._parts(upload)
        size, crc64 = sum(part.size for part in parts), crc64_of(parts)
        if size != facts.size:
            raise _DiffersError(f"its parts have {size} bytes, not {facts.size}")
        if crc64 and facts.crc64 and crc64 != facts.crc64:
            raise _DiffersError(f"the CRC64 of its parts is {crc64}, not {facts.crc64}")
        overwrites = copier.promotes or copier.keeps_versions or upload.replaces
        guard = {} if overwrites else {FORBID_OVERWRITE: "true"}

        def complete() -> bool:
            copier.target.complete(upload.key, upload.upload_id, parts, guard)
            return True

        is_written = copier.attempt(complete, done_before=ALREADY_EXISTS)
        if not is_written:  # another run was faster
            self._abort(upload)
        if difference := facts.differs_from(copier.target.head(upload.key)):
            if not is_written:
                raise CopyFailedError("DestinationExists", "another object is there now")
            raise _DiffersError(difference, is_written=True)

    def _difference(self, listed: ListedObject, upload: UnfinishedUpload) -> str:
        """Describe how the object at the copy's key differs from the source, if it does."""
        copier = self.copier
        try:
            copy = copier.target.head(upload.key)
        except NotFound:
            return "it is not there"
        if copy.storage_class != upload.storage_class:
            return f"its storage class is {copy.storage_class}"
        if copier.promotes:  # it has replaced the source
            return "" if copy.crc64 == upload.crc64 else f"its CRC64 is {copy.crc64}"
        return self._facts(listed).differs_from(copy)


class _DiffersError(Exception):
    """A copy differs from its source.

    Attributes:
        is_written: whether its upload was completed.
    """

    def __init__(self, difference: str, *, is_written: bool = False) -> None:
        super().__init__(difference)
        self.is_written = is_written
