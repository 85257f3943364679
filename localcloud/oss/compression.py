"""Compression of downloads for clients that accept it (docs getobject)."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

_SMALLEST: Final = 1_024  # bytes
_KINDS: Final = frozenset(
    {
        *("text/cache-manifest", "text/xml", "text/plain", "text/css", "text/json"),
        *("application/javascript", "application/x-javascript", "application/rss+xml"),
        "application/json",
    }
)
_GZIP: Final = 31  # zlib's number for its largest window with gzip's head and tail


def compresses(accepted: str, headers: Mapping[str, str], size: int) -> bool:
    """Whether an object is sent as gzip.

    Args:
        accepted: the request's ``Accept-Encoding``.
        headers: of the answer without it.
        size: of the object, in bytes.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    wanted = {part.partition(";")[0].strip().lower() for part in accepted.split(",")}
    encoded = "content-encoding" in headers
    return "gzip" in wanted and kind in _KINDS and size >= _SMALLEST and not encoded


def compressed(content: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes as gzip, in chunks."""
    compressor = zlib.compressobj(wbits=_GZIP)
    for chunk in content:
        yield compressor.compress(chunk)
    yield compressor.flush()
