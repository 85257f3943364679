"""How an object is copied: with one request, or in parts.

Docs: CopyObject. Between classes it copies no more than 1 GB, between buckets no more than 5, and
above 1 GB UploadPartCopy is advised. Appendable objects have no parts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

GB: Final = 1024**3
MAX_WHOLE_BYTES: Final = GB
MAX_APPENDABLE_BYTES: Final = 5 * GB
MAX_PARTS: Final = 10_000
_PART_BYTES: Final = 256 * 1024**2  # copied within the time that a call may take
_MIB: Final = 1024**2
_BESIDE_PARTS: Final = 2  # InitiateMultipartUpload and CompleteMultipartUpload


@dataclass(frozen=True)
class PartRange:
    """A range of an object's bytes.

    Attributes:
        within: its first and last byte.
    """

    number: int
    within: tuple[int, int]


def is_copied_in_parts(size: int, *, kind: str, etag: str, promotes: bool) -> bool:
    """Whether an object is copied in parts, of which it is known before whether they are right.

    That counts where one takes the place of the other: so is promoted what has parts itself, and no
    MD5 by which its data could be known again.

    Args:
        size: bytes.
        kind: as listings say it.
        etag: likewise.
        promotes: whether the copy takes the object's place.
    """
    if kind == "Appendable":
        return False
    return size > MAX_WHOLE_BYTES or (promotes and "-" in etag and size > 0)


def parts_of(size: int) -> list[PartRange]:
    """The parts in which an object is copied: at most 10,000."""
    length = _part_bytes(size)
    return [
        PartRange(number, (start, min(start + length, size) - 1))
        for number, start in enumerate(range(0, size, length), 1)
    ]


def part_requests(size: int) -> int:
    """Put requests that copy an object in parts."""
    return _BESIDE_PARTS + math.ceil(size / _part_bytes(size))


def _part_bytes(size: int) -> int:
    return max(_PART_BYTES, math.ceil(size / MAX_PARTS / _MIB) * _MIB)
