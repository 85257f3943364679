"""Copies one readable object, whole or in parts, so that a second try copies nothing twice.

A copy to another bucket never overwrites, and a promotion only what was last written when it was
listed: whatever a first try has done, a second one is refused for it, unbilled, and looks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from oss2.exceptions import NoSuchBucket, NoSuchUpload, ServerError

from functions.copy_store import CopyStore, acl_header, http_date
from functions.unfinished_uploads import UnfinishedUpload, UnfinishedUploads
from thaw.after_thaw import AfterThaw, CopyTo
from thaw.oss_errors import describe
from thaw.retry import is_transient
from thaw.store import ListedObject

GB: Final = 1024**3
# Docs: CopyObject. Between classes it copies no more than 1 GB, between buckets no more than 5, and
# above 1 GB UploadPartCopy is advised. Appendable objects have no parts.
MAX_WHOLE_BYTES: Final = GB
MAX_APPENDABLE_BYTES: Final = 5 * GB
MAX_PARTS: Final = 10_000
_PART_BYTES: Final = 256 * 1024**2  # copied within the time that a call may take
_MIB: Final = 1024**2

_IF_MATCH: Final = "x-oss-copy-source-if-match"
_FORBID_OVERWRITE: Final = "x-oss-forbid-overwrite"
_THERE_ALREADY: Final = (409, "FileAlreadyExists")
_CHANGED: Final = (412, "PreconditionFailed")
_NOT_READABLE: Final = (403, "InvalidObjectState")


MISMATCH: Final = "CopyDiffers"


class CopyFailedError(Exception):
    """An object cannot be copied.

    Attributes:
        code: OSS's, or one of our own.
        status: of HTTP; 0 where nothing was sent.
    """

    def __init__(self, code: str, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class NotReadableError(Exception):
    """An object was not readable any more when its turn came."""


@dataclass(frozen=True)
class ObjectCopier:
    """Copies objects of a run.

    Attributes:
        source: the run's bucket.
        target: where copies go; for promotions the same bucket.
        after: what the run does, with its storage class.
        uploads: those in parts that are under way.
        workers: threads that copy the parts of one object.
    """

    source: CopyStore
    target: CopyStore
    after: AfterThaw
    uploads: UnfinishedUploads
    workers: int

    def is_large(self, listed: ListedObject) -> bool:
        """Whether an object is copied in parts."""
        return listed.size > MAX_WHOLE_BYTES and listed.kind != "Appendable"

    def copy_whole(self, listed: ListedObject, *, again: bool = False) -> bool:
        """Copies an object with one request.

        Args:
            listed: the object, as it was seen a moment ago.
            again: whether its copy of a moment ago was not the same.

        Returns:
            False if an earlier try has done it.

        Raises:
            CopyFailedError: it cannot be copied.
            NotReadableError: it is frozen again.
            OssError, OSError, BrokenAnswer: the last try failed for a reason that may pass.
        """
        if listed.size > self._most_whole(listed):
            raise CopyFailedError(
                "AppendableTooLarge",
                f"an appendable object of {listed.size} bytes has no parts that could be copied",
            )
        headers = {**self._guard(listed, again=again), **self._written(), **self._acl(listed.key)}
        return self._done(
            lambda: self.target.copy(
                (self.source.name, listed.key), self.after.key_of(listed.key), headers
            ),
            done_before=_CHANGED if self._promotes else _THERE_ALREADY,
        )

    def copy_parts(self, listed: ListedObject, *, now: float, until: float) -> bool:
        """Copies an object in parts, or some of them; the next call goes on.

        Args:
            listed: the object, as it was seen a moment ago.
            now: by OSS's clock, seconds since 1970.
            until: moment of the retry's clock after which no part is begun.

        Returns:
            whether all is done.

        Raises:
            CopyFailedError, NotReadableError, OssError, OSError, BrokenAnswer: as
                :meth:`copy_whole`.
        """
        key = self.after.key_of(listed.key)
        upload = self._upload(listed, key, now)
        try:
            if not self._copy_missing(listed, upload, until):
                return False
            self._complete(listed, upload)
        except CopyFailedError:
            self.target.abort(key, upload.upload_id)
            self.uploads.forget(key)
            raise
        except NoSuchUpload:  # an earlier try has completed it, or somebody has given it up
            pass
        self.uploads.forget(key)
        return True

    def give_up(self, key: str) -> None:
        """Leaves nothing of an unfinished upload of an object behind that would cost money."""
        known = self.uploads.known(self.after.key_of(key))
        if known is not None:
            self._abort(known)
            self.uploads.forget(known.key)

    @property
    def _promotes(self) -> bool:
        return not isinstance(self.after, CopyTo)

    def _most_whole(self, listed: ListedObject) -> int:
        same_class = self.after.storage_class == listed.storage_class
        return MAX_APPENDABLE_BYTES if same_class else MAX_WHOLE_BYTES

    def _written(self) -> Mapping[str, str]:
        return {"x-oss-storage-class": self.after.storage_class}

    def _acl(self, key: str) -> Mapping[str, str]:
        return acl_header(self.source.acl(key)) if self.after.acl else {}

    def _guard(self, listed: ListedObject, *, again: bool = False) -> Mapping[str, str]:
        """What makes a copy of anything else than what was seen impossible."""
        guard = {_IF_MATCH: f'"{listed.etag}"'}
        if self._promotes:
            modified = http_date(listed.last_modified)
            return {**guard, "x-oss-copy-source-if-unmodified-since": modified}
        return guard if again else {**guard, _FORBID_OVERWRITE: "true"}

    def _done(
        self, work: Callable[[], None], *, done_before: tuple[int, str] | None = None
    ) -> bool:
        """Does it, unless an earlier try has; what is refused for good is told apart."""
        try:
            work()
        except (NoSuchBucket, NoSuchUpload):
            raise
        except ServerError as error:
            refusal = (error.status, error.code)
            if refusal == done_before:
                return False
            if refusal == _NOT_READABLE:
                raise NotReadableError from error
            if is_transient(error):
                raise
            code = "SourceChanged" if refusal == _CHANGED else error.code
            raise CopyFailedError(code, describe(error), error.status) from error
        return True

    def _upload(self, listed: ListedObject, key: str, now: float) -> UnfinishedUpload:
        """The upload of an object: the one that is under way, or a new one."""
        wanted = UnfinishedUpload(key, listed.etag, self.after.storage_class, int(now))
        known = self.uploads.known(key)
        if known is not None:
            if known.upload_id and known.goes_on_with(wanted) and self._is_there(known):
                return known
            self._abort(known)
        self.uploads.keep(wanted)
        facts = self.source.head(listed.key)
        headers = {**facts.metadata, **self._written(), **self._acl(listed.key)}
        if facts.tags:
            headers["x-oss-tagging"] = self.source.tagging(listed.key)
        begun = replace(wanted, upload_id=self.target.begin_upload(key, headers))
        self.uploads.keep(begun)
        return begun

    def _is_there(self, known: UnfinishedUpload) -> bool:
        return self.target.parts(known.key, known.upload_id) is not None

    def _abort(self, known: UnfinishedUpload) -> None:
        """Gives an upload up, or what was begun of it and not recorded."""
        ids = [known.upload_id] if known.upload_id else None
        for upload_id in ids or self.target.uploads(known.key, since=known.started):
            self.target.abort(known.key, upload_id)

    def _copy_missing(self, listed: ListedObject, upload: UnfinishedUpload, until: float) -> bool:
        """Copies the parts that are not there yet, side by side; whether all are there now."""
        there = {part.number for part in self.target.parts(upload.key, upload.upload_id) or ()}
        clock = self.target.retry.monotonic
        source, guard = (self.source.name, listed.key), {_IF_MATCH: f'"{listed.etag}"'}

        def copy(part: PartRange) -> bool:
            if clock() >= until:
                return False
            return self._done(
                lambda: self.target.copy_part(
                    source, upload.key, upload.upload_id, part.number, part.within, guard
                )
            )

        missing = [part for part in parts_of(listed.size) if part.number not in there]
        with ThreadPoolExecutor(max_workers=self.workers) as pool:
            return all(list(pool.map(copy, missing)))

    def _complete(self, listed: ListedObject, upload: UnfinishedUpload) -> None:
        """Makes the object of its parts, and compares it with its source."""
        parts = self.target.parts(upload.key, upload.upload_id) or ()
        if sum(part.size for part in parts) != listed.size:
            raise CopyFailedError("WrongParts", f"the parts of {listed.size} bytes do not add up")
        facts = self.source.head(listed.key)
        if facts.etag != listed.etag:
            raise CopyFailedError("SourceChanged", "the object was overwritten meanwhile")
        guard = {} if self._promotes else {_FORBID_OVERWRITE: "true"}
        self._done(
            lambda: self.target.complete(upload.key, upload.upload_id, parts, guard),
            done_before=_THERE_ALREADY,
        )
        difference = facts.differs_from(self.target.head(upload.key))
        if difference:
            raise CopyFailedError(MISMATCH, f"the copy is not the same: {difference}")


@dataclass(frozen=True)
class PartRange:
    """A range of an object's bytes.

    Attributes:
        within: its first and last byte.
    """

    number: int
    within: tuple[int, int]


def parts_of(size: int) -> list[PartRange]:
    """The parts in which an object is copied: at most 10,000."""
    length = max(_PART_BYTES, math.ceil(size / MAX_PARTS / _MIB) * _MIB)
    return [
        PartRange(number, (start, min(start + length, size) - 1))
        for number, start in enumerate(range(0, size, length), 1)
    ]
