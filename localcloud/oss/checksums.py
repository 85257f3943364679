"""The checksums that OSS computes: MD5, and CRC-64 by ECMA-182.

The CRC of concatenated data is computed from the CRCs of its pieces, so generated terabytes need
not be read. crcmod-plus computes CRCs but cannot combine them.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Final

from crcmod.crcmod import mkCrcFun

_POLYNOMIAL: Final = 0x142F0E1EBA9EA3693
_REFLECTED: Final = 0xC96C5795D7870F42  # without the highest term, lowest bit first
_BITS: Final = 64
_ALL_ONES: Final = (1 << _BITS) - 1
_crc64 = mkCrcFun(_POLYNOMIAL, initCrc=0, rev=True, xorOut=_ALL_ONES)


def md5(data: bytes) -> bytes:
    """Return the MD5 digest."""
    return hashlib.md5(data, usedforsecurity=False).digest()


def content_md5(digest: bytes) -> str:
    """Return an MD5 digest in the format of ``Content-MD5``."""
    return base64.b64encode(digest).decode()


def crc64(data: bytes) -> int:
    """Return the CRC-64 of data, as in ``x-oss-hash-crc64ecma``."""
    return int(_crc64(data))


def combine(first: int, second: int, second_length: int) -> int:
    """Return the CRC-64 of concatenated data.

    Args:
        first: CRC-64 of the first part.
        second: CRC-64 of the second part.
        second_length: length of the second part in bytes.
    """
    # Appending n bytes multiplies the CRC by x to the power of 8n, modulo the polynomial.
    exponent = 0
    while second_length:
        if second_length & 1:
            first = _product(first, _power(exponent))
        second_length >>= 1
        exponent += 1
    return first ^ second


def repeat(crc: int, length: int, times: int) -> int:
    """Return the CRC-64 of repeated data.

    Args:
        crc: CRC-64 of one repetition.
        length: length of one repetition in bytes.
        times: number of repetitions.
    """
    result = 0
    while times:
        if times & 1:
            result = combine(result, crc, length)
        times >>= 1
        crc, length = combine(crc, crc, length), 2 * length
    return result


def _product(left: int, right: int) -> int:
    """The product of two polynomials, each written lowest term first, modulo the polynomial."""
    result = 0
    while left:
        if left >> (_BITS - 1):
            result ^= right
        left = (left << 1) & _ALL_ONES
        right = (right >> 1) ^ (_REFLECTED if right & 1 else 0)
    return result


@cache
def _power(exponent: int) -> int:
    """The factor that shifts a CRC by 2 to the power of ``exponent`` bytes."""
    if exponent == 0:
        return 1 << (_BITS - 1 - 8)
    half = _power(exponent - 1)
    return _product(half, half)
