"""The data of objects and parts: bytes, generated data of any length, or a sequence of both.

Generated data repeats the bytes 0 to 255. It takes no memory, so terabytes of it can be copied,
sliced and concatenated, and still be read and verified.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final

from pydantic import Base64Bytes

from localcloud.oss.checksums import combine, crc64, md5, repeat

_PATTERN: Final = bytes(range(256))
_PATTERN_CRC: Final = crc64(_PATTERN)
_CHUNK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Literal:
    """Uploaded bytes."""

    data: Base64Bytes

    @property
    def size(self) -> int:
        """The number of bytes."""
        return len(self.data)

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from ``start`` up to, not including, ``end``."""
        return self.data[start:end]

    def slice(self, start: int, end: int) -> Literal:
        """Return the piece from ``start`` up to, not including, ``end``."""
        return self if (start, end) == (0, self.size) else Literal(self.data[start:end])

    def crc64(self) -> int:
        """The CRC-64."""
        return crc64(self.data)

    def md5(self) -> bytes:
        """The MD5 digest."""
        return md5(self.data)


@dataclass(frozen=True, slots=True)
class GeneratedContent:
    """Generated data.

    Attributes:
        size: size in bytes.
        offset: offset in the endless pattern.
    """

    size: int
    offset: int = 0

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from ``start`` up to, not including, ``end``."""
        first, length = (self.offset + start) % len(_PATTERN), min(end, self.size) - start
        return (_PATTERN * ((first + length) // len(_PATTERN) + 1))[first : first + length]

    def slice(self, start: int, end: int) -> GeneratedContent:
        """Return the piece from ``start`` up to, not including, ``end``."""
        return GeneratedContent(end - start, self.offset + start)

    def crc64(self) -> int:
        """The CRC-64, computed without the data."""
        return _pattern_crc(self.size, self.offset % len(_PATTERN))

    def md5(self) -> bytes:
        """A stand-in for the MD5, which would need the data: the digest of the size."""
        suffix = f"@{self.offset}" if self.offset else ""
        return md5(f"{self.size}{suffix}".encode())


@lru_cache(maxsize=1024)
def _pattern_crc(size: int, offset: int) -> int:
    """The CRC-64 of the pattern's first ``size`` bytes."""
    head = min(size, -offset % len(_PATTERN))
    times, tail = divmod(size - head, len(_PATTERN))
    crc = combine(
        crc64(_PATTERN[offset : offset + head]),
        repeat(_PATTERN_CRC, len(_PATTERN), times),
        times * len(_PATTERN),
    )
    return combine(crc, crc64(_PATTERN[:tail]), tail)


@dataclass(frozen=True, slots=True)
class JoinedContent:
    """A sequence of pieces."""

    pieces: tuple[Literal | GeneratedContent, ...]

    @property
    def size(self) -> int:
        """The number of bytes."""
        return sum(piece.size for piece in self.pieces)

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from ``start`` up to, not including, ``end``."""
        return b"".join(piece.read(0, piece.size) for piece in self._slices(start, end))

    def slice(self, start: int, end: int) -> Content:
        """Return the piece from ``start`` up to, not including, ``end``."""
        return join(self._slices(start, end))

    def crc64(self) -> int:
        """The CRC-64."""
        crc = 0
        for piece in self.pieces:
            crc = combine(crc, piece.crc64(), piece.size)
        return crc

    def md5(self) -> bytes:
        """A stand-in for the MD5: the digest of the pieces' digests."""
        return md5(b"".join(piece.md5() for piece in self.pieces))

    def _slices(self, start: int, end: int) -> Iterator[Literal | GeneratedContent]:
        ends = list(accumulate(piece.size for piece in self.pieces))
        index = bisect_right(ends, start)
        while start < end and index < len(self.pieces):
            piece = self.pieces[index]
            begin = ends[index] - piece.size
            yield piece.slice(start - begin, min(end - begin, piece.size))
            start, index = ends[index], index + 1


Content = Literal | GeneratedContent | JoinedContent


def join(contents: Iterable[Content]) -> Content:
    """Concatenate contents; adjacent generated data becomes one piece."""
    pieces: list[Literal | GeneratedContent] = []
    for content in contents:
        for piece in content.pieces if isinstance(content, JoinedContent) else (content,):
            last = pieces[-1] if pieces else None
            if not piece.size:
                continue
            if (
                isinstance(piece, GeneratedContent)
                and isinstance(last, GeneratedContent)
                and (last.offset + last.size - piece.offset) % len(_PATTERN) == 0
            ):
                pieces[-1] = GeneratedContent(last.size + piece.size, last.offset)
            else:
                pieces.append(piece)
    if not pieces:
        return Literal(b"")
    return pieces[0] if len(pieces) == 1 else JoinedContent(tuple(pieces))


def chunks(content: Content, start: int, end: int) -> Iterator[bytes]:
    """Yield the bytes from ``start`` up to, not including, ``end``, in chunks."""
    for position in range(start, end, _CHUNK):
        yield content.read(position, min(position + _CHUNK, end))
