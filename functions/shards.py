"""Shares a run's keys out over several listers, which work side by side.

Each prefix that a run names is a shard; or the keys of one prefix are cut into ranges. Where to cut
is found by looking, one key a call: first for where the keys end, then for texts in the middle of a
range that have keys on both sides. That evens out the space of keys, not their number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from functions.contract import Run, RunInput, json_bytes
from functions.reader import Reader
from functions.run_input import AUTO_SHARDS
from functions.store import Store

SHARDS_OF_AUTO: Final = 8
_PAGES_OF_SHARD: Final = 1_000_000  # a thousand million objects
_LOOKS: Final = 100  # for one cut, at the most
_CUT_CHARACTERS: Final = 3  # behind what the ends of a range have in common
_RANGES_BYTES: Final = 8 * 1024  # that a step carries, next to the run
_LAST: Final = "\U0010fffd"  # the last character that XML can carry
_CHARACTERS: Final = 0x110000
_MOST: Final = 2**53


@dataclass(frozen=True)
class Shard:
    """One lister's part of a run.

    Attributes:
        number: from 0.
        of_shards: how many there are.
    """

    number: int
    of_shards: int
    prefix: str
    marker: str
    until: str

    @property
    def first_page(self) -> int:
        """Number of its first page; shards have numbers of their own, so that no two collide."""
        return self.number * _PAGES_OF_SHARD

    def of(self, run: Run) -> Run:
        """The shard as a run."""
        rate = run.objects_per_second
        return replace(
            run,
            prefix=self.prefix,
            marker=self.marker,
            until=self.until,
            prefixes=(),
            shards=RunInput.shards,
            objects_per_second=None if rate is None else rate / self.of_shards,
        )

    def to_json(self) -> dict[str, object]:
        """As the flow carries it."""
        return {
            "number": self.number,
            "of": self.of_shards,
            "prefix": self.prefix,
            "marker": self.marker,
            "until": self.until,
        }

    @classmethod
    def parse(cls, data: Reader) -> Shard:
        """The shard that an event carries.

        Raises:
            InvalidInput: it is none.
        """
        shard = cls(
            number=data.whole("number", 0, 0, _MOST),
            of_shards=data.whole("of", 1, 1, _MOST),
            prefix=data.text("prefix", ""),
            marker=data.text("marker", ""),
            until=data.text("until", ""),
        )
        data.finish()
        return shard


def shard_of_page(page: int) -> int:
    """The number of the shard that a page is of."""
    return page // _PAGES_OF_SHARD


def is_shared_out(run: RunInput) -> bool:
    """Whether the run may have more than one lister."""
    return bool(run.prefixes) or run.shards != RunInput.shards


def share_out(store: Store, run: Run) -> list[Shard]:
    """The run's shards; none where one lister does it all.

    Raises:
        RunError: as :func:`functions.calls.call`.
    """
    if run.prefixes:
        parts = [(prefix, run.marker, run.until) for prefix in run.prefixes]
    elif is_shared_out(run):
        parts = [(run.prefix, after, until) for after, until in _ranges(store, run)]
    else:
        parts = []
    if len(parts) == 1 and not run.prefixes:
        return []
    return [Shard(number, len(parts), *part) for number, part in enumerate(parts)]


@dataclass(frozen=True)
class _Range:
    """Keys in (after, until]; those that there are lie from ``low`` to ``high``."""

    after: str
    until: str
    low: str
    high: str


def _ranges(store: Store, run: Run) -> list[tuple[str, str]]:
    """Ranges that join up, as many as the run wants, or fewer where there are too few keys."""
    auto = run.shards == AUTO_SHARDS
    if auto and not store.list_after(run.prefix, run.marker).truncated:
        return [(run.marker, run.until)]  # one call lists it all
    wanted = SHARDS_OF_AUTO if auto else int(run.shards)
    keys = _Keys(store, run.prefix, run.until)
    first = keys.behind(run.marker)
    if first is None:
        return [(run.marker, run.until)]
    ranges = [_Range(run.marker, run.until, first, _high_end(keys, first))]
    while len(ranges) < wanted:
        halves: list[_Range] = []
        for done, one in enumerate(ranges):
            is_enough = len(halves) + len(ranges) - done >= wanted
            halves += [one] if is_enough else _halves(keys, one)
        if len(halves) == len(ranges):
            break
        ranges = halves
    found = [(one.after, one.until) for one in ranges]
    while json_bytes(found) > _RANGES_BYTES:  # long keys that differ late
        pairs = (found[n : n + 2] for n in range(0, len(found), 2))
        found = [(pair[0][0], pair[-1][1]) for pair in pairs]
    return found


@dataclass(frozen=True)
class _Keys:
    """The keys to share out."""

    store: Store
    prefix: str
    until: str

    def behind(self, marker: str) -> str | None:
        """The next key, if there is one."""
        listing = self.store.list_after(self.prefix, marker, max_keys=1)
        key = listing.objects[0].key if listing.objects else None
        return None if key is None or (self.until and key > self.until) else key


def _high_end(keys: _Keys, first: str) -> str:
    """A text that no key lies behind, and that the last key is close to."""
    same, differs = 0, len(first)  # how many characters all keys begin with
    while same < differs:
        middle = (same + differs + 1) // 2
        if keys.behind(first[:middle] + _LAST) is None:
            same = middle
        else:
            differs = middle - 1
    low, high = first, first[:same] + _LAST
    for _ in range(_LOOKS):
        middle_text = between(low, high)
        if middle_text is None or _common(low, high) >= same + _CUT_CHARACTERS:
            break
        found = keys.behind(middle_text)
        low, high = (low, middle_text) if found is None else (found, high)
    return high


def _halves(keys: _Keys, whole: _Range) -> list[_Range]:
    """Two ranges with keys in both; the one as it is where it has hardly any keys."""
    high = whole.high
    for _ in range(_LOOKS):
        cut = between(whole.low, high)
        if cut is None:
            break
        found = keys.behind(cut)
        if found is not None and found <= whole.high:
            return [
                _Range(whole.after, cut, whole.low, cut),
                _Range(cut, whole.until, found, whole.high),
            ]
        high = cut
    return [whole]


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def between(low: str, high: str) -> str | None:
    """A short text about half-way between two others, greater than the first; None if none is."""
    common = _common(low, high)
    middle = (_number(low[common:]) + _number(high[common:])) // 2
    for text in _beginnings(low[:common], middle):
        if low < text < high:
            return text
    return None


def _number(text: str) -> int:
    digits = [ord(character) for character in text[:_CUT_CHARACTERS].ljust(_CUT_CHARACTERS, "\0")]
    number = 0
    for digit in digits:
        number = number * _CHARACTERS + digit
    return number


def _beginnings(start: str, number: int) -> Iterator[str]:
    """Texts that begin with the digits of a number, from one digit to all."""
    for power in reversed(range(_CUT_CHARACTERS)):
        start += _character(number // _CHARACTERS**power % _CHARACTERS)
        yield start


def _character(code: int) -> str:
    """The character, or one close by that a key can have and XML can carry."""
    if 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004 - half of a surrogate pair
        return "\ud7ff"
    if code & 0xFFFE == 0xFFFE:  # noqa: PLR2004 - no character
        return chr(code - 2)
    return chr(max(code, 0x20))
