"""Keys as a short text: compressed, since the keys of one group mostly begin alike.

Base64 because no JSON writer lengthens it: Go's spells ``<``, ``>`` and ``&`` with six characters.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Sequence

_MOST_BYTES = 8 * 2**20  # unpacked: a thousand of the longest keys, in JSON's longest form


class NotPacked(ValueError):  # noqa: N818 - what it is
    """A text that :func:`pack` did not write."""


def pack(keys: Sequence[str]) -> str:
    """The keys in one text of ASCII letters, digits, ``+``, ``/`` and ``=``."""
    plain = json.dumps(keys, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(zlib.compress(plain, 9)).decode()


def unpack(text: str) -> list[str]:
    """The keys that :func:`pack` was given.

    Raises:
        NotPacked: it did not write that.
    """
    try:
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(base64.b64decode(text, validate=True), _MOST_BYTES)
        keys = json.loads(plain)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise NotPacked(f"is no packed list: {error}") from error
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise NotPacked("is no packed list of texts")
    return keys


def longest(plain_bytes: int) -> int:
    """Bytes that keys of so many bytes take at the most, when nothing in them repeats."""
    return -(-plain_bytes * 4 // 3) + 4
