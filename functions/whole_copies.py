"""Copy objects with one request each, compare the copies, and copy those again that differ.

A listing shows a copy's size and ETag, for most objects the MD5 of the data, and costs one request
per thousand. For the first object and one in a hundred, CRC64 and metadata are compared, too, with
HeadObject. If one of these copies differs, that is done for the whole slice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

from functions.copy_store import ObjectFacts, WrittenCopy
from functions.copy_turn import CopyTurn
from functions.object_copies import TRIES, is_md5
from thaw.lookup import FoundObject
from thaw.oss_errors import run_error
from thaw.outcomes import MISMATCH
from thaw.page_chunks import PageObject
from thaw.retry import CALL_ERRORS

_SAMPLE: Final = 100


def copy_whole(turn: CopyTurn, objects: Sequence[PageObject]) -> None:
    """Copy objects and record their outcomes.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    sample = [one for n, one in enumerate(objects) if not n or _is_sampled(one)]
    first = _WholeCopies(turn, by_head=True, neighbors=0)
    first.take(sample)
    others = set(objects) - set(sample)
    rest = [one for one in objects if one in others]
    by_head = not first.etags_are_enough
    _WholeCopies(turn, by_head=by_head, neighbors=len(sample)).take(rest)


def _is_sampled(one: PageObject) -> bool:
    return crc32(one.key.encode()) % _SAMPLE == 0


@dataclass
class _WholeCopies:
    """Copies objects that are compared in the same way.

    Attributes:
        turn: the call's work on the slice.
        by_head: whether every copy is compared with HeadObject.
        neighbors: other copies that lie between theirs.
    """

    turn: CopyTurn
    by_head: bool
    neighbors: int
    _before: dict[PageObject, ObjectFacts] = field(default_factory=dict)
    _written: dict[PageObject, WrittenCopy] = field(default_factory=dict)
    _wrong: set[PageObject] = field(default_factory=set)
    _same_etags: int = 0

    @property
    def etags_are_enough(self) -> bool:
        """Whether no copy has differed, and copies have had the ETags of their sources."""
        return self._same_etags > 0 and not self._wrong

    def take(self, objects: Sequence[PageObject]) -> None:
        left = self._seen_before(objects)
        for tries_left in reversed(range(TRIES)):
            differences = self._compared(self._copied(left))
            self._wrong.update(differences)
            left = [one for one in differences if tries_left and self._has_source(one)]
            for one in differences.keys() - set(left):
                self.turn.fail(one, MISMATCH, f"the copy is not the same: {differences[one]}")
            if not left:
                return

    def _seen_before(self, objects: Sequence[PageObject]) -> list[PageObject]:
        """Call HeadObject for objects that are about to be replaced; return those it found."""
        turn = self.turn
        if not turn.copier.promotes:
            return list(objects)

        def look(one: PageObject) -> bool:
            def head() -> None:
                self._before[one] = turn.copier.source.head(one.key)

            return not self._needs_head(one) or turn.attempt(one, head)

        seen = turn.side_by_side(objects, look)
        return [one for one, is_seen in zip(objects, seen, strict=True) if is_seen]

    def _needs_head(self, one: PageObject) -> bool:
        return self.by_head or not is_md5(self.turn.ready[one].listed.etag)

    def _copied(self, objects: Sequence[PageObject]) -> list[PageObject]:
        """Copy objects, and return those that were copied."""
        turn = self.turn

        def copy(one: PageObject) -> bool:
            if not turn.in_time:
                return False
            turn.pacer.wait()
            return turn.attempt(one, lambda: self._copy(one))

        done = turn.side_by_side(objects, copy)
        return [one for one, is_done in zip(objects, done, strict=True) if is_done]

    def _copy(self, one: PageObject) -> None:
        again, source = one in self._wrong, ""
        if again and one in self._written:
            source = self._written[one].source_version_id
        listed = self.turn.ready[one].listed
        written = self.turn.copier.copy_whole(listed, again=again, version_id=source)
        if written is not None and not again:
            self._written[one] = written

    def _has_source(self, one: PageObject) -> bool:
        """Whether the source of a copy still exists."""
        return not self.turn.copier.promotes or self._source_stays(one)

    def _source_stays(self, one: PageObject) -> bool:
        """Whether the source of a promotion is kept as an older version."""
        written = self._written.get(one)
        if written is None or not self.turn.copier.promotes:
            return False
        return written.source_version_id not in ("", written.version_id)

    def _compared(self, done: Sequence[PageObject]) -> dict[PageObject, str]:
        """Compare copies, record the identical ones, and return how the others differ."""
        if not done:
            return {}
        turn, found = self.turn, self.turn.copies(done, neighbors=self.neighbors)
        differences = turn.side_by_side(done, lambda one: self._difference(one, found.get(one)))
        for one, difference in zip(done, differences, strict=True):
            if not difference:
                turn.finish(one, source_stays=self._source_stays(one))
        return {one: text for one, text in zip(done, differences, strict=True) if text}

    def _difference(self, one: PageObject, found: FoundObject | None) -> str:
        """Describe how a copy differs from its source; empty if it does not."""
        if found is None:
            return "it is not there"
        copier, seen = self.turn.copier, self.turn.ready[one].listed
        there = found.listed
        if there.storage_class != copier.after.storage_class:
            return f"its storage class is {there.storage_class}"
        if there.size != seen.size:
            return f"its size is {there.size} and not {seen.size}"
        if is_md5(seen.etag) and there.etag == seen.etag:
            self._same_etags += 1
            if not self.by_head:
                return ""
        if copier.promotes and one not in self._before:
            return f"its ETag is {there.etag} and not {seen.etag}"
        try:
            before = self._before.get(one) or copier.source.head(one.key)
            return before.differs_from(copier.target.head(copier.after.key_of(one.key)))
        except CALL_ERRORS as error:
            raise run_error(error, action="oss:GetObject", resource=copier.target.arn) from error
