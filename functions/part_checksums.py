"""The CRC64 of an object, calculated from the CRC64s of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import groupby
from typing import Final

from oss2.utils import Crc64

from functions.copy_store import UploadedPart

_BITS: Final = 64


def crc64_of(parts: Sequence[UploadedPart]) -> str:
    """Return the CRC64 of concatenated parts in decimal; empty if that of any part is unknown."""
    crcs = [(part.size, part.crc64) for part in parts if part.crc64 is not None]
    if len(crcs) < len(parts):
        return ""
    combine, crc = Crc64().combine, 0
    for size, group in groupby(crcs, key=lambda part: part[0]):
        values = [value for _, value in group]
        if len(values) > _BITS:  # oss2 takes 10 ms to combine two, and there may be 10,000
            columns = [combine(1 << bit, 0, size) for bit in range(_BITS)]
            crc = reduce(lambda behind, value: _product(columns, behind) ^ value, values, crc)
        else:
            crc = reduce(lambda behind, value: combine(behind, value, size), values, crc)
    return str(crc)


def _product(columns: Sequence[int], vector: int) -> int:
    """Multiply a matrix over GF(2) by a vector of bits."""
    product = 0
    for bit, column in enumerate(columns):
        if vector >> bit & 1:
            product ^= column
    return product
