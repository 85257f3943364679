"""Pages of a listing, selected by prefix, delimiter, marker and maximum number of entries."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Final

from localcloud.oss.model import ObjectIndex, StoredObject

MAX_KEYS: Final = 1000  # docs listobjects
DEFAULT_KEYS: Final = 100


@dataclass(slots=True)
class Page:
    """A page.

    Attributes:
        objects: keys and objects, in order.
        prefixes: groups of keys rolled up at the delimiter, in order.
        last: the last entry, after which the next page starts.
        truncated: whether there is a next page.
    """

    objects: list[tuple[str, StoredObject]] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    last: str = ""
    truncated: bool = False

    def __len__(self) -> int:
        return len(self.objects) + len(self.prefixes)


def rolled_up(key: str, prefix: str, delimiter: str) -> str | None:
    """Return the group of a key that contains the delimiter after the prefix; None otherwise."""
    if not delimiter:
        return None
    end = key.find(delimiter, len(prefix))
    return None if end < 0 else key[: end + len(delimiter)]


def prefix_end(prefix: str) -> str | None:
    """Return the least string greater than every string with this prefix, if there is one."""
    stem = prefix.rstrip(chr(sys.maxunicode))
    return stem[:-1] + chr(ord(stem[-1]) + 1) if stem else None


def start_of(prefix: str, delimiter: str, after: str) -> tuple[str | None, bool]:
    """Return the key to start at, and whether it is included."""
    if after < prefix:
        return prefix, True
    if rolled_up(after, prefix, delimiter) == after:  # the group was already listed
        return prefix_end(after), True
    return after, False


def list_page(
    objects: ObjectIndex,
    *,
    prefix: str = "",
    delimiter: str = "",
    after: str = "",
    max_keys: int = DEFAULT_KEYS,
) -> Page:
    """Return the entries after ``after``.

    Assumed, since it is not documented: a marker inside a group lists the group again, and a marker
    equal to the group continues after it.
    """
    page = Page()
    start, inclusive = start_of(prefix, delimiter, after)
    while start is not None:
        for key in objects.keys_from(start, inclusive=inclusive):
            if not key.startswith(prefix):
                return page
            if len(page) == max_keys:
                page.truncated = True
                return page
            group = rolled_up(key, prefix, delimiter)
            if group is not None:
                page.prefixes.append(group)
                page.last = group
                start, inclusive = prefix_end(group), True
                break
            stored = objects.get(key)
            assert stored is not None
            page.objects.append((key, stored))
            page.last = key
        else:
            return page
    return page
