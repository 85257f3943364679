"""Read a manifest: cursors into it, and the objects that its rows name.

A cursor is a text such as ``000002-000013-004711``: after the first 4711 rows of chunk 13 of file
2. Pages start and end at cursors, as those of a listing start and end at keys; and like keys,
cursors sort as texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final

from thaw.classification import record_of
from thaw.entries import Batch, Entry
from thaw.errors import InvalidInput
from thaw.lookup import FIRST_KEYS, FoundObject, ObjectName, find
from thaw.manifest.chunks import Chunks
from thaw.manifest.files import ManifestFiles
from thaw.manifest.rows import Row
from thaw.oss_errors import NOT_FOUND
from thaw.outcomes import Outcome, OutcomeRecord
from thaw.run_input import Run
from thaw.storage_classes import ARCHIVE_CLASSES, UNKNOWN_CLASS
from thaw.store import Store

_READERS: Final = 16
_FEWEST_AT_ONCE: Final = 100  # rows that one thread looks up: those close together share a listing
_MOST_AT_ONCE: Final = 1000
_CURSOR: Final = re.compile(r"([0-9]{6})-([0-9]{6})-([0-9]{6})")


_NOT_THERE: Final = "the manifest names it, and there is no such object"
_WITH_BLANKS: Final = (
    "the manifest names it, and there is no such object, but one with blanks in place of the plus"
    " signs: write a blank as %20"
)


@dataclass(frozen=True, order=True)
class ManifestCursor:
    """A position after a number of rows of a chunk."""

    file: int = 0
    chunk: int = 0
    row: int = 0

    def __str__(self) -> str:
        return f"{self.file:06d}-{self.chunk:06d}-{self.row:06d}"

    @classmethod
    def parse(cls, text: str) -> ManifestCursor:
        """Parse a cursor; an empty text is the start.

        Raises:
            InvalidInput: the text is not a cursor.
        """
        if not text:
            return cls()
        match = _CURSOR.fullmatch(text)
        if match is None:
            raise InvalidInput(f"{text[:60]!r} is not a cursor in a manifest")
        return cls(*map(int, match.groups()))


class Manifest:
    """The manifest of a run.

    Args:
        run: the run.
        chunks: the rows.
        source: the bucket with the manifest's files.
        store: the run's bucket.
    """

    def __init__(self, run: Run, chunks: Chunks, *, source: Store, store: Store) -> None:
        self._run = run
        self._chunks = chunks
        self._source = source
        self._store = store

    def _slices(
        self, after: ManifestCursor, *, size: int
    ) -> Iterator[tuple[ManifestCursor, ManifestCursor]]:
        """Divide the rows after a cursor into slices of up to ``size`` rows of one chunk.

        A file is split into chunks when its first slice is needed.
        """
        cursor = after
        for file in range(after.file, len(self._files.keys)):
            if file > cursor.file:
                cursor = ManifestCursor(file)
            counts = self._counts(file)
            for chunk in range(cursor.chunk, len(counts)):
                if chunk > cursor.chunk:
                    cursor = ManifestCursor(file, chunk)
                while cursor.row < counts[chunk]:
                    until = ManifestCursor(file, chunk, min(cursor.row + size, counts[chunk]))
                    yield cursor, until
                    cursor = until

    def look_up(self, after: str, *, rows: int) -> Batch:
        """Look up the objects that the rows after a cursor name, in several threads.

        Args:
            after: the cursor; empty for the start.
            rows: the maximum number of rows.

        Raises:
            InvalidInput: a file is missing, damaged, or too long; or ``after`` is not a cursor.
            RunError: as :func:`thaw.oss_errors.call`.
        """
        until = ManifestCursor.parse(after)
        size = min(_MOST_AT_ONCE, max(_FEWEST_AT_ONCE, rows // _READERS), rows)
        slices: list[tuple[ManifestCursor, ManifestCursor]] = []
        remaining, last = rows, True
        for first, end in self._slices(until, size=size):
            if end.row - first.row > remaining:
                last = False
                break
            slices.append((first, end))
            remaining -= end.row - first.row
            if not remaining:  # a further slice might be that of a file that is not split yet
                last = False
                break
        with ThreadPoolExecutor(max_workers=_READERS) as pool:
            entries = list(chain.from_iterable(pool.map(lambda ends: self._entries(*ends), slices)))
        if slices:
            _, until = slices[-1]
        return Batch([*entries, Entry(str(until))], last)

    def _entries(self, after: ManifestCursor, until: ManifestCursor) -> list[Entry]:
        """Look up the objects that the rows of a slice name, in their current state."""
        rows = self._chunks.rows(after.file, after.chunk)[after.row : until.row]
        found = self._find(rows)
        missing = [row for row in rows if row not in found and "+" in row.key]
        blanks = self._find([_with_blanks(row) for row in missing])

        def entry(number: int, row: Row) -> Entry:
            position, obj = str(ManifestCursor(after.file, after.chunk, number)), found.get(row)
            if obj is None:
                return Entry(position, (), [_missing(row, with_blanks=_with_blanks(row) in blanks)])
            if obj.listed.storage_class in ARCHIVE_CLASSES:
                return Entry(position, [obj])
            return Entry(position, (), [record_of(obj.listed, Outcome.NOT_ARCHIVED)])

        return [entry(number, row) for number, row in enumerate(rows, after.row + 1)]

    def _find(self, rows: Sequence[Row]) -> Mapping[ObjectName, FoundObject]:
        return find(self._store, self._run.prefix, rows, first=FIRST_KEYS)

    @cached_property
    def _files(self) -> ManifestFiles:
        return self._chunks.files()

    def _counts(self, file: int) -> list[int]:
        index = self._chunks.index(file)
        if index is None:
            index = self._chunks.split(file, self._source, self._files)
        return index.rows


def _with_blanks(row: Row) -> Row:
    """Read a row's key like form data, where a plus is a blank."""
    return Row(row.key.replace("+", " "), row.version_id)


def _missing(row: Row, *, with_blanks: bool) -> OutcomeRecord:
    """Return the record of a row whose object does not exist.

    Args:
        row: the row.
        with_blanks: whether an object exists whose key has blanks instead of the plus signs.
    """
    return OutcomeRecord(
        row.key,
        Outcome.FAILED,
        UNKNOWN_CLASS,
        http_status=NOT_FOUND,
        error_code="NoSuchVersion" if row.version_id else "NoSuchKey",
        message=_WITH_BLANKS if with_blanks else _NOT_THERE,
        version_id=row.version_id,
    )
