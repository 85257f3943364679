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
_GZIP: Final = 31  # zlib's wbits for the largest window with a gzip header and trailer


def compresses(accepted: str, headers: Mapping[str, str], size: int) -> bool:
    """Return whether an object is sent as gzip.

    Args:
        accepted: the request's ``Accept-Encoding``.
        headers: the response headers without compression.
        size: size of the object in bytes.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    codings = {part.partition(";")[0].strip().lower() for part in accepted.split(",")}
    encoded = "content-encoding" in headers
    return "gzip" in codings and kind in _KINDS and size >= _SMALLEST and not encoded


def compress(content: Iterable[bytes]) -> Iterator[bytes]:
    """Compress bytes as gzip, in chunks."""
    compressor = zlib.compressobj(wbits=_GZIP)
    for chunk in content:
        yield compressor.compress(chunk)
    yield compressor.flush()
