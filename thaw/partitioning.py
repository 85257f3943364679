"""Partition a run's keys into ranges with about the same amount of work for a lister.

OSS does not report how many keys are between two others, so several readers list the keys in
parallel. A reader that reaches the end of its segment takes over half of what another one has left,
so readers gather where the keys are. If there are too many keys to list them all, the rest of each
segment is assumed to be as large as the part that one reader has listed.
"""

from __future__ import annotations

import math
import os.path
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from thaw.chosen_settings import MOST_LISTERS, listers_for
from thaw.run_input import RunInput

if TYPE_CHECKING:  # the command line counts without oss2
    from thaw.store import ListedObject, Store

READERS = 16
MAX_LISTINGS = 1_000  # a million keys
_PAGES_BEFORE_HALVING = 2  # so that short segments are not halved for nothing
_LOOKS = 12  # the most looks for one division; a further attempt starts from their results
_MARKS = 32  # keys of one listing at which a range may end
_THAW_WEIGHT = 3  # weight of requesting an object; listing one has weight 1
_BEFORE_TEXT = 0x1F  # code before that of the first character that a key may contain
_LAST = "\U0010fffd"  # the last character that XML may contain

Range = tuple[str, str]  # keys after the first, up to and including the second; "" is no bound


@dataclass
class _Segment:
    """The keys in (after, until]; ``after`` advances as they are listed.

    Attributes:
        high: a text after all its keys; None while none is known.
        part: its share of all keys, judging by how often it was halved.
        pages: listings since it was last halved.
        marks: keys at which a range may end, each with the weight of the keys since the mark
            before.
    """

    after: str
    until: str
    high: str | None = None
    part: float = 1.0
    pages: int = 0
    marks: list[tuple[str, float]] = field(default_factory=list)
    done: bool = False

    def walk(self, store: Store, run: RunInput) -> None:
        """Advance by one listing."""
        listing = store.list_after(run.prefix, self.after)
        within = [obj for obj in listing.objects if not self.until or obj.key <= self.until]
        self.marks += _marks(within, run)
        self.pages += 1
        self.done = not listing.truncated or len(within) < len(listing.objects)
        if within:
            self.after = within[-1].key

    def halve(self, store: Store, run: RunInput) -> _Segment | None:
        """Hand over about half of the remaining keys; None if they cannot be divided."""
        if self.high is None:
            self.high = self.until or _high_end(store, run, self.after)
        for _ in range(_LOOKS):
            middle = between(self.after, self.high)
            if middle is None:
                return None
            key = _next_key(store, run, middle)
            if key is not None and (not self.until or key <= self.until):
                self.part, self.pages = self.part / 2, 0
                other = _Segment(middle, self.until, self.high, self.part)
                self.until = self.high = middle
                return other
            self.high = middle
        return None


def partition(
    store: Store, run: RunInput, count: int | None, *, most: int = MOST_LISTERS
) -> list[Range]:
    """Divide the run's keys into adjoining ranges with about the same amount of work each.

    Args:
        store: the run's bucket.
        run: the run's settings.
        count: the number of ranges, which may be fewer if there are too few keys; None for as many
            as the keys keep busy.
        most: the maximum number of ranges if ``count`` is None.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    marks = _range_ends(_walk(store, run))
    total = sum(weight for _, weight in marks)
    if count is None:
        count = listers_for(total / (1 + _THAW_WEIGHT), most)
    ends: list[str] = []
    passed, share = 0.0, 0
    for key, weight in marks[:-1]:
        passed += weight
        if share < int(passed * count / total):
            share = int(passed * count / total)
            ends.append(key)
    return list(zip([run.marker, *ends], [*ends, run.until], strict=True))


def _walk(store: Store, run: RunInput) -> list[_Segment]:
    """Walk through all keys, with at most :data:`MAX_LISTINGS` listings; return the segments."""
    segments = [_Segment(run.marker, run.until)]
    with ThreadPoolExecutor(max_workers=READERS) as pool:
        for _ in range(MAX_LISTINGS // READERS):
            unfinished = [segment for segment in segments if not segment.done]
            list(pool.map(lambda segment: segment.walk(store, run), unfinished))
            unfinished = [segment for segment in unfinished if not segment.done]
            if not unfinished:
                break
            divisible = [
                segment for segment in unfinished if segment.pages >= _PAGES_BEFORE_HALVING
            ]
            divisible.sort(key=lambda segment: segment.part, reverse=True)
            halved = pool.map(
                lambda segment: segment.halve(store, run), divisible[: READERS - len(unfinished)]
            )
            segments += [other for other in halved if other is not None]
    return sorted(segments, key=lambda segment: (not segment.until, segment.until))


def _range_ends(segments: Sequence[_Segment]) -> list[tuple[str, float]]:
    """Return keys at which ranges may end, in order, each with the weight of the keys before it."""
    walked = sum(weight for segment in segments for _, weight in segment.marks)
    marks: list[tuple[str, float]] = []
    for segment in segments:
        marks += segment.marks
        if not segment.done:
            marks.append((segment.until, walked / READERS))
    return marks


def _marks(objects: Sequence[ListedObject], run: RunInput) -> Iterator[tuple[str, float]]:
    step = math.ceil(len(objects) / _MARKS) or 1
    for start in range(0, len(objects), step):
        part = objects[start : start + step]
        thawed = sum(listed.storage_class in run.storage_classes for listed in part)
        yield part[-1].key, len(part) + _THAW_WEIGHT * thawed


def _next_key(store: Store, run: RunInput, after: str) -> str | None:
    listing = store.list_after(run.prefix, after, max_keys=1)
    return listing.objects[0].key if listing.objects else None


def _high_end(store: Store, run: RunInput, key: str) -> str:
    """Return a text after all keys, with the common prefix of all keys from this one on."""
    same, differs = 0, len(key)
    while same < differs:
        middle = (same + differs + 1) // 2
        if _next_key(store, run, key[:middle] + _LAST) is None:
            same = middle
        else:
            differs = middle - 1
    return key[:same] + _LAST


def between(low: str, high: str) -> str | None:
    """Return a short text between a smaller and a larger one; None if none is found.

    The middle of two characters is the geometric mean of their codes, so that few steps lead to the
    end of the letters, although a million codes follow them.
    """
    common = len(os.path.commonprefix([low, high]))  # noqa: RUF071 - these are no paths
    tops = [high[common : common + 1], *[_LAST] * 3]
    for length, top in enumerate(tops, start=common):
        start = low[:length].ljust(length)
        text = start + _character(math.isqrt(_code(low[length : length + 1]) * _code(top)))
        if low < text < high:
            return text
    return None


def _code(character: str) -> int:
    return max(_BEFORE_TEXT, ord(character)) if character else _BEFORE_TEXT


def _character(code: int) -> str:
    """Return a character, or one nearby that both a key and XML may contain."""
    if 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004 - half of a surrogate pair
        return "\ud7ff"
    if code & 0xFFFE == 0xFFFE:  # noqa: PLR2004 - no character
        return chr(code - 2)
    return chr(max(code, 0x20))
