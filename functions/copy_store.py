"""Calls to OSS that copy objects, whole or in parts, and the facts by which copies are compared."""

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
from thaw.retry import BrokenResponse
from thaw.store import Store

# Headers that an object's writer may set (docs: PutObject).
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
    """What HeadObject says about an object.

    Attributes:
        size: bytes.
        etag: without quotes.
        crc64: CRC64 of the data; empty if OSS does not say.
        storage_class: storage class.
        metadata: content headers and user metadata.
        tags: number of tags.
    """

    size: int
    etag: str
    crc64: str
    storage_class: str
    metadata: Mapping[str, str]
    tags: int

    def differs_from(self, other: ObjectFacts) -> str:
        """Describe how another object differs but for its storage class; empty if it does not."""
        if difference := self.data_differs_from(other):
            return difference
        for name in sorted({*self.metadata, *other.metadata}):
            if self.metadata.get(name) != other.metadata.get(name):
                return f"its {name} is not the same"
        return "" if self.tags == other.tags else f"it has {other.tags} tags, not {self.tags}"

    def data_differs_from(self, other: ObjectFacts) -> str:
        """Describe how another object's data differs; empty if it does not."""
        if self.size != other.size:
            return f"its size is {other.size}, not {self.size}"
        if self.crc64 and other.crc64:
            if self.crc64 != other.crc64:
                return f"its CRC64 is {other.crc64}, not {self.crc64}"
        elif self.etag != other.etag:
            return f"its ETag is {other.etag}, not {self.etag}"
        return ""


@dataclass(frozen=True)
class ObjectVersion:
    """The source of a copy.

    Attributes:
        version_id: empty for the current version.
    """

    bucket_name: str
    key: str
    version_id: str = ""

    @property
    def parameters(self) -> dict[str, str]:
        """A new dictionary of query parameters, as oss2 adds its own to what it is given."""
        return {"versionId": self.version_id} if self.version_id else {}


@dataclass(frozen=True)
class WrittenCopy:
    """OSS's response to a copy request.

    Attributes:
        version_id: version id of the copy; empty in a bucket that has never kept versions.
        source_version_id: version id of the source; likewise.
    """

    version_id: str = ""
    source_version_id: str = ""


@dataclass(frozen=True)
class UploadedPart:
    """A part of an unfinished upload.

    Attributes:
        crc64: CRC64 of its data; None if OSS does not say.
    """

    number: int
    etag: str
    size: int
    crc64: int | None = None


class CopyStore(Store):
    """A bucket that objects are copied from, to, or within.

    Calls for single objects raise oss2's errors when retries have not helped, because an error of
    one object need not be one of the run.
    """

    def retention_days(self) -> int:
        """Return the days of the bucket's retention policy, or 0 if it has none.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
        """

        def work() -> int:
            try:
                return int(self._bucket.get_bucket_worm().retention_period_days)
            except oss2.exceptions.ServerError as error:
                if error.code == "NoSuchWORMConfiguration":
                    return 0
                raise

        return call(work, retry=self.retry, action="oss:GetBucketWorm", resource=self.arn)

    def head(self, key: str, version_id: str = "") -> ObjectFacts:
        """Call HeadObject for an object or one of its versions."""
        version = ObjectVersion(self.name, key, version_id)
        response = self.retry.call(lambda: self._bucket.head_object(key, params=version.parameters))
        headers = {name.lower(): value for name, value in response.headers.items()}
        return ObjectFacts(
            size=int(response.content_length),
            etag=response.etag or "",
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
        """Return an object's tags as the value of the header ``x-oss-tagging``."""
        version = ObjectVersion(self.name, key, version_id)
        response = self.retry.call(
            lambda: self._bucket.get_object_tagging(key, params=version.parameters)
        )
        return urlencode(response.tag_set.tagging_rule)

    def acl(self, key: str, version_id: str = "") -> str:
        """Return an object's own ACL, or ``default`` if it has its bucket's."""
        version = ObjectVersion(self.name, key, version_id)
        response = self.retry.call(
            lambda: self._bucket.get_object_acl(key, params=version.parameters)
        )
        return str(response.acl)

    def copy(self, source: ObjectVersion, key: str, headers: Mapping[str, str]) -> WrittenCopy:
        """Copy an object with one request."""
        return self.retry.call(lambda: self.copy_once(source, key, headers))

    def copy_once(self, source: ObjectVersion, key: str, headers: Mapping[str, str]) -> WrittenCopy:
        """Copy an object with one request, without retries."""
        result = self._bucket.copy_object(
            source.bucket_name, source.key, key, dict(headers), source.parameters
        )
        result.resp.read()  # the connection returns to the pool only after that
        return WrittenCopy(
            result.headers.get("x-oss-version-id", ""),
            result.headers.get("x-oss-copy-source-version-id", ""),
        )

    def hide(self, key: str) -> None:
        """Add a delete marker to a key of a bucket that keeps versions."""
        self.retry.call(lambda: self._bucket.delete_object(key))

    def delete_version(self, key: str, version_id: str) -> None:
        """Delete one version of an object permanently, if it still exists."""
        version = ObjectVersion(self.name, key, version_id)
        self.retry.call(lambda: self._bucket.delete_object(key, params=version.parameters))

    def versioning(self) -> str:
        """Return ``Enabled``, ``Suspended``, or nothing if the bucket has never kept versions.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
        """

        def work() -> str:
            return str(self._bucket.get_bucket_versioning().status or "")

        return call(work, retry=self.retry, action="oss:GetBucketVersioning", resource=self.arn)

    def begin_upload(self, key: str, headers: Mapping[str, str]) -> str:
        """Start an upload in parts, and return its id."""
        return str(
            self.retry.call(
                lambda: self._bucket.init_multipart_upload(key, headers=dict(headers))
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
        """Copy a range of bytes as one part of an upload.

        Args:
            source: the object to copy from.
            to: key and id of the upload.
            number: number of the part.
            within: first and last byte of the range.
            headers: further headers.
        """

        def work() -> None:
            result = self._bucket.upload_part_copy(
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
        """List the parts of an upload; None if the upload does not exist any more."""
        parts: list[UploadedPart] = []
        marker = ""
        while True:
            parameters = {"uploadId": upload_id, "part-number-marker": marker}
            try:
                page = self.retry.call(partial(self._list_parts, key, parameters))
            except oss2.exceptions.NoSuchUpload:
                return None
            parts += page.parts
            if not page.next_marker:
                return parts
            marker = page.next_marker

    def _list_parts(self, key: str, parameters: Mapping[str, str]) -> _PartListing:
        """Call ListParts; oss2's own call drops the CRC64 of each part."""
        response = self._bucket._do("GET", self.name, key, params=dict(parameters))  # noqa: SLF001 - oss2 has no public call that sends any request
        return _part_listing(response.read())

    def uploads(self, key: str, *, since: int) -> list[str]:
        """Return the ids of a key's unfinished uploads that were started at ``since`` or later."""
        ids: list[str] = []
        list_uploads = partial(self._bucket.list_multipart_uploads, prefix=key)
        key_marker, id_marker = "", ""
        while True:
            page = self.retry.call(
                partial(list_uploads, key_marker=key_marker, upload_id_marker=id_marker)
            )
            ids += [
                upload.upload_id
                for upload in page.upload_list
                if upload.key == key and upload.initiation_date >= since
            ]
            if not page.is_truncated or page.next_key_marker != key:
                return ids
            key_marker, id_marker = page.next_key_marker, page.next_upload_id_marker

    def complete(
        self, key: str, upload_id: str, parts: Sequence[UploadedPart], headers: Mapping[str, str]
    ) -> None:
        """Complete an upload."""
        listed = [PartInfo(part.number, part.etag) for part in parts]
        self.retry.call(
            lambda: self._bucket.complete_multipart_upload(
                key, upload_id, listed, headers=dict(headers)
            )
        )

    def abort(self, key: str, upload_id: str) -> None:
        """Abort an upload, if it still exists, so that its parts are not billed any more."""
        try:
            self.retry.call(lambda: self._bucket.abort_multipart_upload(key, upload_id))
        except oss2.exceptions.NoSuchUpload:
            return


@dataclass(frozen=True)
class _PartListing:
    """A page of ListParts.

    Attributes:
        next_marker: marker of the next page; empty for the last page.
    """

    parts: Sequence[UploadedPart]
    next_marker: str


def _part_listing(body: bytes) -> _PartListing:
    try:
        root = ET.fromstring(body)  # noqa: S314 - a response of OSS; oss2 parses its responses the same way
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
        raise BrokenResponse(
            f"OSS returned a list of parts that cannot be parsed: {error!r}"
        ) from error
    truncated = root.findtext("IsTruncated") == "true"
    return _PartListing(parts, root.findtext("NextPartNumberMarker", "") if truncated else "")


def acl_header(acl: str) -> dict[str, str]:
    """Return the header that sets an object's own ACL, if it has one."""
    return {} if acl == _DEFAULT_ACL else {"x-oss-object-acl": acl}


def http_date(moment: float) -> str:
    """Format a time as in HTTP headers."""
    return formatdate(moment, usegmt=True)
