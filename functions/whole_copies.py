"""Copy objects with one request each, compare the copies, and copy those again that differ.

A listing shows a copy's size and ETag, for most objects the MD5 of the data, and costs one request
per thousand. For the first object and one in a hundred, CRC64 and metadata are compared, too, with
HeadObject. If one of these copies differs, that is done for the whole slice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress
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
    sample = [obj for n, obj in enumerate(objects) if not n or _is_in_sample(obj)]
    first = _WholeCopies(turn, by_head=True, neighbors=0)
    first.copy(sample)
    sampled = set(sample)
    others = [obj for obj in objects if obj not in sampled]
    by_head = not first.etags_are_enough
    _WholeCopies(turn, by_head=by_head, neighbors=len(sample)).copy(others)


def _is_in_sample(obj: PageObject) -> bool:
    return crc32(obj.key.encode()) % _SAMPLE == 0


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

    def copy(self, objects: Sequence[PageObject]) -> None:
        remaining = self._read_sources(objects)
        for tries_left in reversed(range(TRIES)):
            differences = self._compare(self._copy_all(remaining))
            self._wrong.update(differences)
            remaining = [obj for obj in differences if tries_left and self._has_source(obj)]
            for obj in differences.keys() - set(remaining):
                self.turn.fail(obj, MISMATCH, f"the copy is not the same: {differences[obj]}")
            if not remaining:
                return

    def _read_sources(self, objects: Sequence[PageObject]) -> list[PageObject]:
        """Call HeadObject for objects that are about to be replaced; return those that exist."""
        turn = self.turn
        if not turn.copier.promotes:
            return list(objects)

        def read(obj: PageObject) -> bool:
            def head() -> None:
                self._before[obj] = turn.copier.source.head(obj.key)

            return not self._needs_head(obj) or turn.attempt(obj, head)

        return list(compress(objects, turn.in_parallel(objects, read)))

    def _needs_head(self, obj: PageObject) -> bool:
        return self.by_head or not is_md5(self.turn.ready[obj].listed.etag)

    def _copy_all(self, objects: Sequence[PageObject]) -> list[PageObject]:
        """Copy objects, and return those that were copied."""
        turn = self.turn

        def copy(obj: PageObject) -> bool:
            if not turn.in_time:
                return False
            turn.pacer.wait()
            return turn.attempt(obj, lambda: self._copy(obj))

        return list(compress(objects, turn.in_parallel(objects, copy)))

    def _copy(self, obj: PageObject) -> None:
        again, source = obj in self._wrong, ""
        if again and obj in self._written:
            source = self._written[obj].source_version_id
        listed = self.turn.ready[obj].listed
        written = self.turn.copier.copy_whole(listed, again=again, version_id=source)
        if written is not None and not again:
            self._written[obj] = written

    def _has_source(self, obj: PageObject) -> bool:
        """Whether the source of a copy still exists."""
        return not self.turn.copier.promotes or self._source_stays(obj)

    def _source_stays(self, obj: PageObject) -> bool:
        """Whether the source of a promotion is kept as an older version."""
        written = self._written.get(obj)
        if written is None or not self.turn.copier.promotes:
            return False
        return written.source_version_id not in ("", written.version_id)

    def _compare(self, copied: Sequence[PageObject]) -> dict[PageObject, str]:
        """Compare copies, record the identical ones, and return how the others differ."""
        if not copied:
            return {}
        turn, copies = self.turn, self.turn.copies(copied, neighbors=self.neighbors)
        differences = turn.in_parallel(copied, lambda obj: self._difference(obj, copies.get(obj)))
        for obj, difference in zip(copied, differences, strict=True):
            if not difference:
                turn.finish(obj, source_stays=self._source_stays(obj))
        return {obj: text for obj, text in zip(copied, differences, strict=True) if text}

    def _difference(self, obj: PageObject, copy: FoundObject | None) -> str:
        """Describe how a copy differs from its source; empty if it does not."""
        if copy is None:
            return "it is not there"
        copier, original = self.turn.copier, self.turn.ready[obj].listed
        listed = copy.listed
        if listed.storage_class != copier.after.storage_class:
            return f"its storage class is {listed.storage_class}"
        if listed.size != original.size:
            return f"its size is {listed.size}, not {original.size}"
        if is_md5(original.etag) and listed.etag == original.etag:
            self._same_etags += 1
            if not self.by_head:
                return ""
        if copier.promotes and obj not in self._before:
            return f"its ETag is {listed.etag}, not {original.etag}"
        try:
            before = self._before.get(obj) or copier.source.head(obj.key)
            return before.differs_from(copier.target.head(copier.after.key_of(obj.key)))
        except CALL_ERRORS as error:
            raise run_error(error, action="oss:GetObject", resource=copier.target.arn) from error
