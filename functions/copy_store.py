"""The calls to OSS that copy objects: whole, or in parts; and what they are compared by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from functools import partial
from typing import Final
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import oss2
from oss2.models import PartInfo

from thaw.oss_errors import call
from thaw.retry import BrokenAnswer, RetryPolicy
from thaw.store import Store

# What comes back with an object's data as its writer set it (docs: PutObject).
_CONTENT_HEADERS: Final = (
    "content-type",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
)
_DEFAULT_METADATA: Final = {"content-type": "application/octet-stream"}
_META: Final = "x-oss-meta-"
_CRC64: Final = "x-oss-hash-crc64ecma"
_DEFAULT_ACL: Final = "default"


@dataclass(frozen=True)
class ObjectFacts:
    """What HeadObject says of an object.

    Attributes:
        crc64: of the data; empty where OSS does not say.
        metadata: content headers and user metadata.
        tags: how many.
    """

    size: int
    etag: str
    crc64: str
    storage_class: str
    metadata: Mapping[str, str]
    tags: int

    def differs_from(self, other: ObjectFacts) -> str:
        """In what another object differs, storage class aside; empty if it does not."""
        if difference := self.data_differs_from(other):
            return difference
        for name in sorted({*self.metadata, *other.metadata}):
            if self.metadata.get(name) != other.metadata.get(name):
                return f"its {name} is not the same"
        return "" if self.tags == other.tags else f"it has {other.tags} tags and not {self.tags}"

    def data_differs_from(self, other: ObjectFacts) -> str:
        """In what another object's data differs; empty if it does not."""
        if self.size != other.size:
            return f"its size is {other.size} and not {self.size}"
        if self.crc64 and other.crc64:
            if self.crc64 != other.crc64:
                return f"its CRC64 is {other.crc64} and not {self.crc64}"
        elif self.etag != other.etag:
            return f"its ETag is {other.etag} and not {self.etag}"
        return ""


@dataclass(frozen=True)
class ObjectVersion:
    """What a copy is made of.

    Attributes:
        version_id: empty for the current version.
    """

    bucket_name: str
    key: str
    version_id: str = ""

    @property
    def parameters(self) -> dict[str, str]:
        """What names the version; oss2 adds to what it is given."""
        return {"versionId": self.version_id} if self.version_id else {}


@dataclass(frozen=True)
class WrittenCopy:
    """What OSS answers to a copy.

    Attributes:
        version_id: of the copy; empty in a bucket that never kept versions.
        source_version_id: of what was copied; likewise.
    """

    version_id: str = ""
    source_version_id: str = ""


@dataclass(frozen=True)
class UploadedPart:
    """A part of an unfinished upload.

    Attributes:
        crc64: of its data; None where OSS does not say.
    """

    number: int
    etag: str
    size: int
    crc64: int | None = None


class CopyStore(Store):
    """A bucket that objects are copied from, to, or within.

    Its own calls raise what oss2 raises, once retries have not helped: what is wrong with one
    object is not wrong with the run.

    Args:
        bucket: an open oss2 bucket; may be shared by threads.
        retry: for every call.
    """

    def __init__(self, bucket: oss2.Bucket, retry: RetryPolicy) -> None:
        super().__init__(bucket, retry)
        self._oss = bucket

    def retention_days(self) -> int:
        """For how long the bucket keeps its objects from being changed; 0 if it does not.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
        """

        def work() -> int:
            try:
                return int(self._oss.get_bucket_worm().retention_period_days)
            except oss2.exceptions.ServerError as error:
                if error.code == "NoSuchWORMConfiguration":
                    return 0
                raise

        return call(work, retry=self.retry, action="oss:GetBucketWorm", resource=self.arn)

    def head(self, key: str, version_id: str = "") -> ObjectFacts:
        """What an object is like, or one version of it."""
        of = ObjectVersion(self.name, key, version_id)
        found = self.retry.call(lambda: self._oss.head_object(key, params=of.parameters))
        headers = {name.lower(): value for name, value in found.headers.items()}
        return ObjectFacts(
            size=int(found.content_length),
            etag=found.etag or "",
            crc64=headers.get(_CRC64, ""),
            storage_class=headers.get("x-oss-storage-class", ""),
            metadata={
                **_DEFAULT_METADATA,
                **{
                    name: value
                    for name, value in headers.items()
                    if name in _CONTENT_HEADERS or name.startswith(_META)
                },
            },
            tags=int(headers.get("x-oss-tagging-count", 0)),
        )

    def tagging(self, key: str, version_id: str = "") -> str:
        """An object's tags as the header ``x-oss-tagging`` has them."""
        of = ObjectVersion(self.name, key, version_id)
        found = self.retry.call(lambda: self._oss.get_object_tagging(key, params=of.parameters))
        return urlencode(found.tag_set.tagging_rule)

    def acl(self, key: str, version_id: str = "") -> str:
        """An object's own ACL; ``default`` where its bucket's counts."""
        of = ObjectVersion(self.name, key, version_id)
        found = self.retry.call(lambda: self._oss.get_object_acl(key, params=of.parameters))
        return str(found.acl)

    def copy(self, source: ObjectVersion, key: str, headers: Mapping[str, str]) -> WrittenCopy:
        """Copies an object whole."""
        return self.retry.call(lambda: self.copy_once(source, key, headers))

    def copy_once(self, source: ObjectVersion, key: str, headers: Mapping[str, str]) -> WrittenCopy:
        """Tries once to copy an object whole."""
        result = self._oss.copy_object(
            source.bucket_name, source.key, key, dict(headers), source.parameters
        )
        result.resp.read()  # a connection goes back to the pool only once that is read
        return WrittenCopy(
            result.headers.get("x-oss-version-id", ""),
            result.headers.get("x-oss-copy-source-version-id", ""),
        )

    def hide(self, key: str) -> None:
        """Puts a delete marker on a key of a bucket that keeps versions."""
        self.retry.call(lambda: self._oss.delete_object(key))

    def delete_version(self, key: str, version_id: str) -> None:
        """Removes one version of an object for good; gone already is fine."""
        of = ObjectVersion(self.name, key, version_id)
        self.retry.call(lambda: self._oss.delete_object(key, params=of.parameters))

    def versioning(self) -> str:
        """``Enabled`` or ``Suspended``; empty where the bucket has never kept versions.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
        """

        def work() -> str:
            return str(self._oss.get_bucket_versioning().status or "")

        return call(work, retry=self.retry, action="oss:GetBucketVersioning", resource=self.arn)

    def begin_upload(self, key: str, headers: Mapping[str, str]) -> str:
        """Begins an upload in parts, and returns its id."""
        return str(
            self.retry.call(
                lambda: self._oss.init_multipart_upload(key, headers=dict(headers))
            ).upload_id
        )

    def copy_part(
        self,
        source: ObjectVersion,
        to: tuple[str, str],
        number: int,
        within: tuple[int, int],
        headers: Mapping[str, str],
    ) -> None:
        """Copies a range of bytes, first and last, as one part of an upload: its key and id."""

        def work() -> None:
            result = self._oss.upload_part_copy(
                source.bucket_name,
                source.key,
                within,
                *to,
                number,
                headers=dict(headers),
                params=source.parameters,
            )
            result.resp.read()

        self.retry.call(work)

    def parts(self, key: str, upload_id: str) -> list[UploadedPart] | None:
        """The parts of an upload so far; None if there is no such upload any more."""
        found: list[UploadedPart] = []
        marker = ""
        while True:
            parameters = {"uploadId": upload_id, "part-number-marker": marker}
            try:
                page = self.retry.call(partial(self._list_parts, key, parameters))
            except oss2.exceptions.NoSuchUpload:
                return None
            found += page.parts
            if not page.next_marker:
                return found
            marker = page.next_marker

    def _list_parts(self, key: str, parameters: Mapping[str, str]) -> _PartListing:
        """One ListParts; oss2's own leaves out the CRC64 of each part."""
        answer = self._oss._do("GET", self.name, key, params=dict(parameters))  # noqa: SLF001 - it has no other way
        return _part_listing(answer.read())

    def uploads(self, key: str, *, since: int) -> list[str]:
        """Ids of the unfinished uploads of a key that were begun at a moment or later."""
        found: list[str] = []
        list_uploads = partial(self._oss.list_multipart_uploads, prefix=key)
        key_marker, id_marker = "", ""
        while True:
            page = self.retry.call(
                partial(list_uploads, key_marker=key_marker, upload_id_marker=id_marker)
            )
            found += [
                upload.upload_id
                for upload in page.upload_list
                if upload.key == key and upload.initiation_date >= since
            ]
            if not page.is_truncated or page.next_key_marker != key:
                return found
            key_marker, id_marker = page.next_key_marker, page.next_upload_id_marker

    def complete(
        self, key: str, upload_id: str, parts: Sequence[UploadedPart], headers: Mapping[str, str]
    ) -> None:
        """Makes an object of an upload's parts."""
        listed = [PartInfo(part.number, part.etag) for part in parts]
        self.retry.call(
            lambda: self._oss.complete_multipart_upload(
                key, upload_id, listed, headers=dict(headers)
            )
        )

    def abort(self, key: str, upload_id: str) -> None:
        """Gives an upload up, so that its parts cost nothing any more; gone already is fine."""
        try:
            self.retry.call(lambda: self._oss.abort_multipart_upload(key, upload_id))
        except oss2.exceptions.NoSuchUpload:
            return


@dataclass(frozen=True)
class _PartListing:
    """One ListParts answer.

    Attributes:
        next_marker: the number after which the next one starts; empty where this is the last.
    """

    parts: Sequence[UploadedPart]
    next_marker: str


def _part_listing(body: bytes) -> _PartListing:
    try:
        root = ET.fromstring(body)  # noqa: S314 - an answer of OSS, as oss2 reads them
        parts = [
            UploadedPart(
                int(node.findtext("PartNumber", "")),
                node.findtext("ETag", "").strip('"'),
                int(node.findtext("Size", "")),
                int(crc) if (crc := node.findtext("HashCrc64ecma")) else None,
            )
            for node in root.findall("Part")
        ]
    except (ET.ParseError, ValueError) as error:
        raise BrokenAnswer(f"a list of parts that cannot be read: {error!r}") from error
    truncated = root.findtext("IsTruncated") == "true"
    return _PartListing(parts, root.findtext("NextPartNumberMarker", "") if truncated else "")


def acl_header(acl: str) -> dict[str, str]:
    """The header that gives an object an ACL of its own."""
    return {} if acl == _DEFAULT_ACL else {"x-oss-object-acl": acl}


def http_date(moment: float) -> str:
    """A moment as HTTP's headers have it."""
    return formatdate(moment, usegmt=True)
