"""Divide a run's keys among several listers, which work in parallel.

Each prefix that a run names is a shard; otherwise, the keys of its one prefix are partitioned into
ranges.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from thaw.chosen_settings import MOST_LISTERS
from thaw.json_reader import Reader
from thaw.limits import json_bytes
from thaw.partitioning import Range, partition
from thaw.run_input import AUTO_SHARDS, ONE_SHARD, Run, RunInput

if TYPE_CHECKING:  # the command line counts without oss2
    from thaw.store import Store

_PAGES_OF_SHARD: Final = 1_000_000  # a thousand million objects
_RANGES_BYTES: Final = 8 * 1024  # space for the ranges in a step, next to the run


@dataclass(frozen=True)
class Shard:
    """One lister's part of a run.

    Attributes:
        number: the shard's number, from 0.
        of_shards: the number of shards.
    """

    number: int
    of_shards: int
    prefix: str
    marker: str
    until: str

    @property
    def first_page(self) -> int:
        """The number of the shard's first page; each shard has its own range of page numbers."""
        return first_page_of(self.number)

    def of(self, run: Run) -> Run:
        """Return the shard as a run."""
        rate = run.objects_per_second
        return replace(
            run,
            prefix=self.prefix,
            marker=self.marker,
            until=self.until,
            prefixes=(),
            shards=ONE_SHARD,
            objects_per_second=None if rate is None else rate / self.of_shards,
        )

    def to_json(self) -> dict[str, object]:
        """Return it as the flow carries it."""
        return {
            "number": self.number,
            "of": self.of_shards,
            "prefix": self.prefix,
            "marker": self.marker,
            "until": self.until,
        }

    @classmethod
    def parse(cls, data: Reader) -> Shard:
        """Parse the shard in an event.

        Raises:
            InvalidInput: the data is not a shard.
        """
        shard = cls(
            number=data.integer("number", 0),
            of_shards=data.integer("of", 1, low=1),
            prefix=data.text("prefix", ""),
            marker=data.text("marker", ""),
            until=data.text("until", ""),
        )
        data.finish()
        return shard


def first_page_of(shard: int) -> int:
    """Return the number of a shard's first page."""
    return shard * _PAGES_OF_SHARD


def shard_of_page(page: int) -> int:
    """Return the number of the shard to which a page belongs."""
    return page // _PAGES_OF_SHARD


def is_shared_out(run: RunInput) -> bool:
    """Return whether the run may have more than one lister."""
    return bool(run.prefixes) or run.shards != ONE_SHARD


def prefix_of_page(run: RunInput, page: int) -> str:
    """Return the common prefix of a page's keys."""
    return run.prefixes[shard_of_page(page)] if run.prefixes else run.prefix


def has_shards(run: RunInput) -> bool:
    """Return whether each lister of the run has its own execution, even if there is only one."""
    return is_shared_out(run) or run.then is not None


def whole(run: Run) -> Shard:
    """Return the run as its only shard."""
    return Shard(0, 1, run.prefix, run.marker, run.until)


def share_out(store: Store, run: Run, *, most: int = MOST_LISTERS) -> list[Shard]:
    """Divide a run into shards; none if it has only one lister.

    Args:
        store: the run's bucket.
        run: the run.
        most: the maximum number of shards if it is to be chosen.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    if run.prefixes:
        parts = [(prefix, run.marker, run.until) for prefix in run.prefixes]
    elif is_shared_out(run) and not (run.shards == AUTO_SHARDS and most == 1):
        parts = [(run.prefix, after, until) for after, until in _ranges(store, run, most)]
    else:
        parts = []
    if len(parts) == 1 and not run.prefixes:
        return []
    return [Shard(number, len(parts), *part) for number, part in enumerate(parts)]


def _ranges(store: Store, run: Run, most: int) -> list[Range]:
    """Return adjoining ranges, as many as the run wants, or fewer if there are too few keys."""
    if run.shards != AUTO_SHARDS:
        ranges = partition(store, run, int(run.shards))
    elif store.list_after(run.prefix, run.marker).truncated:
        ranges = partition(store, run, None, most=most)
    else:  # one listing has all keys
        ranges = [(run.marker, run.until)]
    while json_bytes(ranges) > _RANGES_BYTES:  # long keys that differ late
        pairs = (ranges[n : n + 2] for n in range(0, len(ranges), 2))
        ranges = [(pair[0][0], pair[-1][1]) for pair in pairs]
    return ranges
