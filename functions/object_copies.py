"""Copy one readable object with one request, so that a repeated attempt copies nothing twice.

A copy to another bucket never overwrites an object, and a promotion overwrites only the object that
was listed. So OSS refuses the second attempt if the first one has succeeded, and does not bill it.
In buckets that keep versions, OSS ignores the header that forbids overwriting: there, an attempt
whose response was lost is followed by one that adds an identical version.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from oss2.exceptions import NoSuchBucket, NoSuchUpload, ServerError

from functions.copy_store import CopyStore, ObjectVersion, WrittenCopy, acl_header, http_date
from thaw.after_thaw import AfterThaw, CopyTo, Promotion
from thaw.copy_parts import MAX_APPENDABLE_BYTES, MAX_WHOLE_BYTES, is_copied_in_parts
from thaw.oss_errors import describe
from thaw.retry import is_transient
from thaw.store import ListedObject

T = TypeVar("T")

IF_MATCH: Final = "x-oss-copy-source-if-match"
FORBID_OVERWRITE: Final = "x-oss-forbid-overwrite"
ALREADY_EXISTS: Final = (409, "FileAlreadyExists")
_CHANGED: Final = (412, "PreconditionFailed")
_NOT_READABLE: Final = (403, "InvalidObjectState")
_MD5: Final = re.compile(r"[0-9A-Fa-f]{32}")

TRIES: Final = 3  # attempts to make a copy that does not differ from its source


class CopyFailedError(Exception):
    """An object cannot be copied.

    Attributes:
        code: OSS's error code, or one of this project.
        status: HTTP status, or 0 if no request was sent.
    """

    def __init__(self, code: str, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class NotReadableError(Exception):
    """An object is not readable any more."""


def is_md5(etag: str) -> bool:
    """Whether an ETag is the MD5 of the data, as it is for objects written with one request."""
    return _MD5.fullmatch(etag) is not None


@dataclass(frozen=True)
class ObjectCopier:
    """Copies objects of a run.

    Attributes:
        source: the run's bucket.
        target: bucket of the copies; for promotions, the run's bucket.
        after: what the run does with thawed objects.
        keeps_versions: whether older versions are copied, too, into a bucket that keeps them.
    """

    source: CopyStore
    target: CopyStore
    after: AfterThaw
    keeps_versions: bool = False

    @property
    def promotes(self) -> bool:
        """Whether objects are copied onto themselves."""
        return not isinstance(self.after, CopyTo)

    @property
    def removes_archived(self) -> bool:
        """Whether the archived versions of what is promoted are removed."""
        return isinstance(self.after, Promotion) and self.after.remove_archived

    def in_parts(self, listed: ListedObject) -> bool:
        """Whether an object is copied in parts."""
        size, kind, etag = listed.size, listed.kind, listed.etag
        return is_copied_in_parts(size, kind=kind, etag=etag, promotes=self.promotes)

    def copy_whole(
        self, listed: ListedObject, *, again: bool = False, version_id: str = ""
    ) -> WrittenCopy | None:
        """Copy an object with one request.

        Args:
            listed: the object as it was last listed.
            again: whether to replace a copy that differs from the object.
            version_id: version to copy, if it is not the current one any more.

        Returns:
            The copy, or None if an earlier attempt has made it.

        Raises:
            CopyFailedError: the object cannot be copied.
            NotReadableError: the object is frozen again.
            OssError, OSError, BrokenResponse: the last retry failed, too.
        """
        self.check_size(listed)
        source = ObjectVersion(self.source.name, listed.key, version_id)
        headers = {**self._guard(listed, again=again), **self.written(source)}
        return self.attempt(
            lambda: self.target.copy(source, self.after.key_of(listed.key), headers),
            done_before=_CHANGED if self.promotes else ALREADY_EXISTS,
        )

    def check_size(self, listed: ListedObject) -> None:
        """Check that an object can be copied with one request.

        Raises:
            CopyFailedError: it is too large.
        """
        same_class = self.after.storage_class == listed.storage_class
        if listed.size > (MAX_APPENDABLE_BYTES if same_class else MAX_WHOLE_BYTES):
            raise CopyFailedError(
                "AppendableTooLarge",
                f"an appendable object of {listed.size} bytes has no parts that could be copied",
            )

    def written(self, source: ObjectVersion) -> Mapping[str, str]:
        """Return the headers that set a copy's storage class and, if wanted, its ACL."""
        headers = {"x-oss-storage-class": self.after.storage_class}
        if self.after.acl:
            headers |= acl_header(self.source.acl(source.key, source.version_id))
        return headers

    def attempt(
        self, work: Callable[[], T], *, done_before: tuple[int, str] | None = None
    ) -> T | None:
        """Send a request, and classify OSS's refusal.

        Args:
            work: sends the request.
            done_before: status and code by which OSS refuses what an earlier attempt has done.

        Returns:
            The work's result, or None if an earlier attempt has done it.

        Raises:
            CopyFailedError, NotReadableError, OssError, OSError, BrokenResponse: as
                :meth:`copy_whole`.
        """
        try:
            return work()
        except (NoSuchBucket, NoSuchUpload):
            raise
        except ServerError as error:
            refusal = (error.status, error.code)
            if refusal == done_before:
                return None
            if refusal == _NOT_READABLE:
                raise NotReadableError from error
            if is_transient(error):
                raise
            code = "SourceChanged" if refusal == _CHANGED else error.code
            raise CopyFailedError(code, describe(error), error.status) from error

    def _guard(self, listed: ListedObject, *, again: bool) -> Mapping[str, str]:
        """Return the headers that make OSS refuse to copy anything but the listed object."""
        guard = {IF_MATCH: f'"{listed.etag}"'}
        if self.promotes:
            modified = http_date(listed.last_modified)
            return {**guard, "x-oss-copy-source-if-unmodified-since": modified}
        return guard if again else {**guard, FORBID_OVERWRITE: "true"}
