"""The objects of a rehearsal: every storage class, ordinary and awkward keys."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Final

from oss_restore.clients.control_api import SeedObject
from thaw.storage_classes import ARCHIVE_CLASSES

STORAGE_CLASSES: Final = ("Standard", "IA", *ARCHIVE_CLASSES)

# Keys that break careless code for URLs, XML, JSON or file paths, or are very long.
AWKWARD_KEYS: Final = (
    "汉字/文件 名.txt",
    "emoji-🧊/thaw me",
    "spaces  in   a row ",
    "signs+&=?#%;,:@!$'()*[]",
    "percent%2Fencoded%20already",
    "double//slash///here",
    "dots/../and/./more",
    "ends with a slash/",
    'quotes "and" \\backslashes\\',
    "<xml>&amp;</xml>",
    "tab\tand\nnewline",
    "-leading-dash",
    "long/" + "k" * 1018,
    "long-汉/" + "字" * 338,
)

_SIZE = 4096


def sample_objects(count: int) -> Iterator[SeedObject]:
    """Make ``count`` objects of alternating storage classes, awkward keys first.

    A key that ends with a slash has a body, so it is not a folder marker.
    """
    classes = cycle(STORAGE_CLASSES)
    for number, next_class in zip(range(count), classes, strict=False):
        # Objects with awkward keys are archived, so that the run requests them.
        if number < len(AWKWARD_KEYS):
            key, storage_class = AWKWARD_KEYS[number], ARCHIVE_CLASSES[number % 3]
        else:
            key = f"data/{number // 1000:06d}/object-{number:09d}.bin"
            storage_class = next_class
        yield SeedObject(key=key, size=_SIZE + number % 100, storage_class=storage_class)
