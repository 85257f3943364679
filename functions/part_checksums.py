"""The CRC64 of an object, calculated from the CRC64s of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from functions.copy_store import UploadedPart

# Polynomials over GF(2) modulo that of ECMA-182, as integers with x to the power of 0 in the
# highest of 64 bits. Appending n bytes multiplies a CRC by x to the power of 8n.
_ECMA_182: Final = 0xC96C5795D7870F42  # without its highest power
_ONE: Final = 1 << 63
_BYTE: Final = _ONE >> 8
_MASK: Final = (1 << 64) - 1


def crc64_of(parts: Sequence[UploadedPart]) -> str:
    """Return the CRC64 of concatenated parts in decimal; empty if that of any part is unknown."""
    crc = 0
    for part in parts:
        if part.crc64 is None:
            return ""
        crc = _product(crc, _shift(part.size)) ^ part.crc64
    return str(crc)


@lru_cache(maxsize=64)
def _shift(size: int) -> int:
    """Return the factor by which appending some bytes multiplies a CRC."""
    factor, power = _ONE, _BYTE
    while size:
        if size & 1:
            factor = _product(factor, power)
        power = _product(power, power)
        size >>= 1
    return factor


def _product(left: int, right: int) -> int:
    product = 0
    while left:
        if left & _ONE:
            product ^= right
        left = left << 1 & _MASK
        right = right >> 1 ^ (_ECMA_182 if right & 1 else 0)
    return product
