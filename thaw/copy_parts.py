"""The division of objects into parts: small objects are copied with one request.

CopyObject copies at most 1 GB between storage classes and 5 GB between buckets; above 1 GB,
UploadPartCopy is recommended. Appendable objects cannot be copied in parts (docs: CopyObject).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

GB: Final = 1024**3
MAX_WHOLE_BYTES: Final = GB
MAX_APPENDABLE_BYTES: Final = 5 * GB
MAX_PARTS: Final = 10_000
_PART_BYTES: Final = 256 * 1024**2  # copied well within the time limit of a function call
_MIB: Final = 1024**2
_FURTHER_REQUESTS: Final = 2  # InitiateMultipartUpload and CompleteMultipartUpload


@dataclass(frozen=True)
class PartRange:
    """A range of an object's bytes.

    Attributes:
        number: number of the part, from 1.
        within: first and last byte.
    """

    number: int
    within: tuple[int, int]


def is_copied_in_parts(size: int, *, kind: str, etag: str, promotes: bool) -> bool:
    """Return whether an object is copied in parts.

    Parts can be checked before they replace anything. So an object that was uploaded in parts, and
    therefore has no MD5 to compare, is promoted in parts whatever its size.

    Args:
        size: its size in bytes.
        kind: its type, as in a listing.
        etag: its ETag, as in a listing.
        promotes: whether the copy replaces the object.
    """
    if kind == "Appendable":
        return False
    return size > MAX_WHOLE_BYTES or (promotes and "-" in etag and size > 0)


def parts_of(size: int) -> list[PartRange]:
    """Divide an object into parts, at most 10,000."""
    length = _part_bytes(size)
    return [
        PartRange(number, (start, min(start + length, size) - 1))
        for number, start in enumerate(range(0, size, length), 1)
    ]


def part_requests(size: int) -> int:
    """Count the Put requests that copy an object in parts."""
    return _FURTHER_REQUESTS + math.ceil(size / _part_bytes(size))


def _part_bytes(size: int) -> int:
    return max(_PART_BYTES, math.ceil(size / MAX_PARTS / _MIB) * _MIB)
