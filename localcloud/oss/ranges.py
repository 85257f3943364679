"""Parses the byte range of a request."""

from __future__ import annotations

import re
from typing import Final

from localcloud.errors import CloudError

_RANGE: Final = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))")


def invalid_range() -> CloudError:
    """416 (docs http-status-code-416)."""
    return CloudError("InvalidRange", "The requested range cannot be satisfied.", 416)


def requested_range(header: str, size: int, *, standard: bool) -> tuple[int, int] | None:
    """Return the requested bytes, from a start up to, not including, an end; None for all.

    A range that is not inside the object returns all of it. With
    ``x-oss-range-behavior: standard`` it is clipped to the object, or refused if nothing remains
    (docs how-to-obtain-oss-resources-by-segmenting-http-range-requests).

    Raises:
        CloudError: ``InvalidRange``, also for more than one range, and for the last 0 bytes.
    """
    if header.startswith("bytes=") and "," in header:
        raise invalid_range()
    match = _RANGE.fullmatch(header)
    if match is None:
        return None
    first, last, suffix = match.groups()
    if suffix and not int(suffix):  # as in aliyun-sdk-oss's tests
        raise invalid_range()
    if suffix:
        start, end = size - int(suffix), size
    else:
        start, end = int(first), int(last) + 1 if last else size
    if 0 <= start < end <= size:
        return start, end
    if not standard:
        return None
    start, end = max(0, start), min(end, size)
    if start >= end:
        raise invalid_range()
    return start, end


def copied_range(header: str, size: int) -> tuple[int, int]:
    """Return the bytes in ``x-oss-copy-source-range``; all of them if it is empty.

    Raises:
        CloudError: ``InvalidRange`` for a range that is not entirely inside the source (assumed).
    """
    if not header:
        return 0, size
    requested = requested_range(header, size, standard=False)
    if requested is None:
        raise invalid_range()
    return requested
