"""Store a manifest's rows in the ledger, in chunks small enough to be read whole.

A manifest may be one gzip file of ten million rows, while a page needs a thousand from the
middle of it. So each of its files is read once, when the run reaches it, and split into
``manifest/{file}/{chunk}.csv``; ``manifest/{file}.json``, written last, has the numbers of rows.
Splitting a file again writes the same chunks again.
"""

from __future__ import annotations

import json
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from thaw.errors import InvalidInput, StorageRefused
from thaw.ledger import Ledger
from thaw.ledger_layout import MANIFEST_FILES
from thaw.manifest.files import ManifestFiles, read_lines
from thaw.manifest.rows import Row, RowReader, WrongRow
from thaw.manifest.wrong_rows import WrongRows
from thaw.retry import RetryPolicy
from thaw.run_input import RunInput
from thaw.store import Store

CHUNK_ROWS: Final = 10_000
CHUNK_CHARACTERS: Final = 1024 * 1024
MAX_WRONG_ROWS: Final = 10_000  # wrong rows of a file that are recorded; all are counted

# Escapes for the separators of a chunk; quote() takes ten times as long.
_ESCAPES: Final = str.maketrans({"%": "%25", ",": "%2C", "\n": "%0A"})


@dataclass(frozen=True)
class FileIndex:
    """The chunks of one file of a manifest.

    Attributes:
        rows: the number of rows of each chunk.
        wrong: rows that name no object of the run.
    """

    rows: list[int]
    wrong: WrongRows

    def to_json(self) -> dict[str, object]:
        """Return it as stored in the ledger."""
        return {"rows": self.rows, "wrong": self.wrong.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FileIndex:
        """Parse what :meth:`to_json` returned."""
        return cls(data["rows"], WrongRows.from_json(data["wrong"]))


class Chunks:
    """A manifest in the ledger of its run.

    Args:
        ledger: the run's ledger.
        run: the run.
    """

    def __init__(self, ledger: Ledger, run: RunInput) -> None:
        self._ledger = ledger
        self._run = run
        self._indexes: dict[int, FileIndex] = {}

    def start(self, files: ManifestFiles) -> None:
        """Record the files of the manifest."""
        self._ledger.write_json(MANIFEST_FILES, files.to_json())

    def files(self) -> ManifestFiles:
        """Read the files that :meth:`start` recorded."""
        return ManifestFiles.from_json(json.loads(self._read_required(MANIFEST_FILES)))

    def index(self, file: int) -> FileIndex | None:
        """Read the index of a file's chunks; None if it has not been split yet."""
        if file not in self._indexes:
            body = self._ledger.read(_index_name(file))
            if body is None:
                return None
            self._indexes[file] = FileIndex.from_json(json.loads(body))
        return self._indexes[file]

    def wrong_rows(self) -> WrongRows:
        """Read the rows that name no object of the run, in all files split so far."""
        wrong = WrongRows()
        for file in range(len(self.files().keys)):
            index = self.index(file)
            if index is not None:
                wrong.add(index.wrong)
        return wrong

    def rows(self, file: int, chunk: int) -> list[Row]:
        """Read the rows of a chunk."""
        lines = self._read_required(_chunk_name(file, chunk)).decode().split("\n")[:-1]
        return [
            Row(unquote(key), version_id)
            for key, _, version_id in (line.partition(",") for line in lines)
        ]

    def split(self, file: int, store: Store, files: ManifestFiles) -> FileIndex:
        """Split a file into chunks.

        Args:
            file: index of the file among ``files``.
            store: the bucket with the file.
            files: the files of the manifest.

        Raises:
            InvalidInput: the file does not exist, is damaged, or is longer than one call can read.
            RunError: as :func:`thaw.oss_errors.call`.
        """
        key = files.keys[file]

        def use(pieces: Iterator[bytes]) -> FileIndex:
            reader = RowReader.of(self._run, files.schema)
            return self._split(file, reader.read(read_lines(pieces)), store.retry)

        try:
            index = store.stream(key, use)
        except (zlib.error, EOFError) as error:
            raise InvalidInput(f"the manifest's file {key!r} is damaged: {error}") from error
        except _OutOfTime:
            raise InvalidInput(
                f"the manifest's file {key!r} has more rows than one call can read: split it"
                " into several files, as in an OSS inventory"
            ) from None
        if index is None:
            raise InvalidInput(f"the manifest's file oss://{store.name}/{key} does not exist")
        self._ledger.write_json(_index_name(file), index.to_json())
        self._indexes[file] = index
        return index

    def _split(self, file: int, rows: Iterable[Row | WrongRow], retry: RetryPolicy) -> FileIndex:
        splitter = _Splitter()
        counts: list[int] = []
        for chunk in splitter.chunks(rows):
            if retry.monotonic() >= retry.deadline:
                raise _OutOfTime
            self._ledger.write(_chunk_name(file, len(counts)), "".join(chunk).encode())
            counts.append(len(chunk))
        if splitter.noted:
            lines = (json.dumps(asdict(wrong)) + "\n" for wrong in splitter.noted)
            self._ledger.write(f"manifest/{file:06d}-wrong.jsonl", "".join(lines).encode())
        return FileIndex(counts, splitter.wrong)

    def _read_required(self, name: str) -> bytes:
        body = self._ledger.read(name)
        if body is None:
            raise StorageRefused(f"the ledger has lost {name}")
        return body


class _OutOfTime(Exception):  # noqa: N818 - a state of the call rather than an error
    """The call's time is up."""


@dataclass
class _Splitter:
    """Removes wrong rows, and duplicates that are close together.

    Duplicates at a greater distance are listed twice, but requested once: because of the object's
    state by then, or because of :meth:`thaw.ledger.Ledger.claim`.
    """

    wrong: WrongRows = field(default_factory=WrongRows)
    noted: list[WrongRow] = field(default_factory=list)

    def chunks(self, rows: Iterable[Row | WrongRow]) -> Iterator[list[str]]:
        """Yield the lines of each chunk; no chunk is empty."""
        lines: list[str] = []
        size = 0
        recent: deque[set[str]] = deque([set(), set()], maxlen=2)
        for row in rows:
            if isinstance(row, WrongRow):
                self._note(row)
                continue
            version = f",{row.version_id}" if row.version_id else ""
            line = f"{row.key.translate(_ESCAPES)}{version}\n"
            if any(line in known for known in recent):
                self._note(WrongRow(0, "is a duplicate", row.key[:200], harmless=True))
                continue
            recent[-1].add(line)
            lines.append(line)
            size += len(line)
            if len(lines) == CHUNK_ROWS or size >= CHUNK_CHARACTERS:
                yield lines
                lines, size = [], 0
                recent.append(set())
        if lines:
            yield lines

    def _note(self, row: WrongRow) -> None:
        self.wrong.note(row)
        if len(self.noted) < MAX_WRONG_ROWS:
            self.noted.append(row)


def wrong_rows(ledger: Ledger, run: RunInput) -> WrongRows:
    """Return the wrong rows of a run's manifest that have been read so far; it may have none."""
    return WrongRows() if run.manifest is None else Chunks(ledger, run).wrong_rows()


def _index_name(file: int) -> str:
    return f"manifest/{file:06d}.json"


def _chunk_name(file: int, chunk: int) -> str:
    return f"manifest/{file:06d}/{chunk:06d}.csv"
