"""Multipart uploads in progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from localcloud.errors import CloudError
from localcloud.oss.checksums import combine, content_md5, md5
from localcloud.oss.content import Content, join
from localcloud.oss.model import Attributes, ObjectType, StoredObject, etag_of

MAX_PARTS: Final = 10_000  # docs multipart-upload
MAX_PART_BYTES: Final = 5 * 1024**3
_MIN_PART_BYTES: Final = 100 * 1024  # the last part may be smaller


@dataclass(frozen=True, slots=True)
class UploadPart:
    """A part.

    Attributes:
        digest: MD5 of the data, in hex.
        crc64: CRC-64 of the data.
        modified: whole seconds of cloud time since 1970.
    """

    content: Content
    digest: str
    crc64: int
    modified: int

    @property
    def etag(self) -> str:
        """The ETag, without quotes."""
        return self.digest.upper()

    @property
    def content_md5(self) -> str:
        """The digest in the format of the header."""
        return content_md5(bytes.fromhex(self.digest))


def make_part(content: Content, modified: int) -> UploadPart:
    """Make a part with this data."""
    return UploadPart(content, content.md5().hex(), content.crc64(), modified)


@dataclass(slots=True)
class Upload:
    """An upload.

    Attributes:
        initiated: whole seconds of cloud time since 1970.
        sequential: whether parts are uploaded in order; the object then has a ``Content-MD5``.
        parts: the parts, by number.
    """

    id: str
    key: str
    initiated: int
    attributes: Attributes
    sequential: bool = False
    parts: dict[int, UploadPart] = field(default_factory=dict)

    def add(self, number: int, part: UploadPart) -> None:
        """Add a part, replacing an existing part with the same number.

        Raises:
            CloudError: ``PartNotSequential``.
        """
        if self.sequential and number > len(self.parts) + 1:
            raise CloudError(
                "PartNotSequential",
                f"Part {len(self.parts) + 1} must be uploaded before part {number}.",
                400,
            )
        self.parts[number] = part

    def complete(self, requested: Sequence[tuple[int, str]], modified: int) -> StoredObject:
        """Assemble an object from the requested parts.

        Args:
            requested: number and ETag of each part, in order.
            modified: whole seconds of cloud time since 1970.

        Raises:
            CloudError: ``InvalidPartOrder``, ``InvalidPart``, ``EntityTooSmall``.
        """
        numbers = [number for number, _ in requested]
        if any(after <= before for before, after in pairwise(numbers)):
            raise CloudError(
                "InvalidPartOrder", "The parts must be listed in ascending order of their numbers."
            )
        parts = [self._find(number, etag) for number, etag in requested]
        for part in parts[:-1]:
            if part.content.size < _MIN_PART_BYTES:
                raise CloudError(
                    "EntityTooSmall",
                    f"Every part but the last must have at least {_MIN_PART_BYTES} bytes.",
                )
        crc = 0
        for part in parts:
            crc = combine(crc, part.crc64, part.content.size)
        content = join(part.content for part in parts)
        # Of the digests as hex text, not as bytes, as computed in aliyun-sdk-oss's tests.
        digest = md5("".join(part.etag for part in parts).encode())
        return StoredObject(
            size=content.size,
            storage_class=self.attributes.storage_class,
            modified=modified,
            type=ObjectType.MULTIPART,
            content=content,
            headers=self.attributes.headers,
            acl=self.attributes.acl,
            tags=self.attributes.tags,
            written_etag=f"{etag_of(digest)}-{len(parts)}",
            crc64=crc,
            content_md5=content_md5(content.md5()) if self.sequential else "",
        )

    def _find(self, number: int, etag: str) -> UploadPart:
        part = self.parts.get(number)
        if part is None or part.etag != etag.strip('"').upper():
            raise CloudError("InvalidPart", f"There is no part {number} with the ETag {etag!r}.")
        return part
