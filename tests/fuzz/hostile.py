"""Hostile values, and documents that contain some."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from random import Random
from typing import Any, Final

Json = Any  # the types in a hostile document

TEXTS: Final[Sequence[str]] = (
    "",
    " ",
    "a",
    "a" * 129,
    "a" * 5_000,
    "9" * 5_000,
    "-1",
    "0",
    "1.5",
    "1e308",
    "1e999",
    str(2**31),
    str(2**63),
    str(2**64),
    "NaN",
    "Infinity",
    "null",
    "true",
    "{}",
    "[]",
    "[" * 3_000,
    '{"a":' * 3_000,
    '{"n": 18446744073709551617}',
    "../../etc/passwd",
    "/",
    "//",
    "\\",
    "%",
    "%ff",
    "%00",
    "\0",
    "\r\nx: y",
    "\x01",
    "é",
    "解凍",
    "\U0001f600",
    "\ufeff",
    "\u202e",
    "${file('/proc/self/environ')}",
    "{{ 7 * 7 }}",
    "<x/>",
    "<!DOCTYPE x [<!ENTITY y 'z'>]><x>&y;</x>",
    "acs:ram::1:role/x",
    "2026-02-30T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "bytes=0-",
    "bytes=-1",
    "bytes=9-1",
    "*",
    '"',
    ";",
    "=",
    "&",
    "#",
)
NAMES: Final = ("one", "two", "three")
NUMBERS: Final[Sequence[float]] = (
    *(0, 1, -1, 2, 100, 1.5, -0.0, 1e308, 1e-308),
    *(2**31, 2**53 + 1, 2**63 - 1, 2**63, 2**64, 2**70, -(2**64)),
)


def text(random: Random) -> str:
    """Return a hostile text, or a few random characters."""
    if random.random() < 0.8:
        return random.choice(TEXTS)
    return "".join(chr(random.randrange(1, 0x2FF)) for _ in range(random.randrange(12)))


def any_name(random: Random) -> str:
    """Return the name of a resource that may exist, or a hostile text."""
    return random.choice(NAMES) if random.random() < 0.85 else text(random)


def value(random: Random) -> Json:
    """Return a hostile value of any JSON type."""
    kind = random.randrange(6)
    if kind == 0:
        return random.choice((None, True, False, [], {}, [[]], {"": ""}))
    if kind == 1:
        return random.choice(NUMBERS)
    if kind == 2:
        return [value(random) for _ in range(random.randrange(3))]
    return text(random)


def spoiled(random: Random, document: Json) -> Json:
    """Return a copy of a document with up to three values made hostile, removed, or added."""
    changed = copy.deepcopy(document)
    for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
        changed = _spoil(random, changed)
    return changed


def _spoil(random: Random, document: Json) -> Json:
    if not document or not isinstance(document, dict | list) or random.random() < 0.03:
        return value(random)
    keys = list(document) if isinstance(document, dict) else list(range(len(document)))
    key = random.choice(keys)
    if isinstance(document[key], dict | list) and document[key] and random.random() < 0.7:
        document[key] = _spoil(random, document[key])
    elif random.random() < 0.75:
        document[key] = value(random)
    elif random.random() < 0.5:
        del document[key]
    elif isinstance(document, dict):
        document[text(random)] = value(random)
    return document


def spoiled_bytes(random: Random, content: bytes) -> bytes:
    """Return bytes unchanged, truncated, with other bytes in them, or entirely different."""
    kind = random.randrange(12)
    if kind == 0:
        return random.randbytes(random.randrange(64))
    if kind == 1:
        return content[: random.randrange(len(content) + 1)]
    if kind == 2 and content:
        place = random.randrange(len(content))
        return content[:place] + random.randbytes(3) + content[place + 1 :]
    return content
