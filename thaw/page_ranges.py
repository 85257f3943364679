"""Ranges of a run's pages, which divide the looks at them among parallel calls."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

from thaw.json_reader import Reader
from thaw.shards import shard_of_page

PAGES_AT_ONCE: Final = 4  # pages in memory in one call, each of up to 20,000 objects: about 40 MB
LOOK_SECONDS: Final = 120.0  # time budget of one call; the next call goes on from there


@dataclass(frozen=True)
class PageRange:
    """Consecutive pages of one lister.

    Attributes:
        first: number of the first page.
        last: number of the last page.
    """

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.last + 1))

    def starting_at(self, page: int) -> PageRange | None:
        """Return the part of the range from a page on; None if there is none."""
        return PageRange(page, self.last) if page <= self.last else None

    def to_json(self) -> dict[str, int]:
        """Return it as the flow carries it."""
        return {"first": self.first, "last": self.last}

    @classmethod
    def parse(cls, data: object) -> PageRange:
        """Parse the range in an event.

        Raises:
            InvalidInput: the data is not a range.
        """
        reader = Reader(data, "a range of pages")
        pages = cls(reader.integer("first", 0), reader.integer("last", 0))
        reader.finish(allow_unknown=True)
        return pages


def share_out(listers: Collection[PageRange], most: int) -> list[PageRange]:
    """Divide the pages of all listers into ranges of about the same length.

    Args:
        listers: the pages of each lister.
        most: the maximum number of ranges; each lister has at least one.
    """
    spare = max(1, most - len(listers))  # each lister may have one range that is not full
    longest = max(PAGES_AT_ONCE, math.ceil(sum(map(len, listers)) / spare))
    return [part for pages in listers for part in _parts(pages, math.ceil(len(pages) / longest))]


def _parts(pages: PageRange, count: int) -> Iterator[PageRange]:
    ends = [pages.first + len(pages) * number // count for number in range(count + 1)]
    for first, end in pairwise(ends):
        yield PageRange(first, end - 1)


def join_ranges(ranges: Collection[PageRange]) -> list[PageRange]:
    """Join the ranges of each lister to one, from its first page to its last."""
    ordered = sorted(ranges, key=lambda pages: pages.first)
    by_lister = groupby(ordered, key=lambda pages: shard_of_page(pages.first))
    groups = [list(group) for _, group in by_lister]
    return [PageRange(group[0].first, group[-1].last) for group in groups]
