"""The run's records in the report bucket.

``{prefix}runs/{runId}/`` holds

- ``input.json``: the complete input,
- ``pages/{page}.json``: what a page covered, see :class:`functions.contract.PageRecord`,
- ``outcomes/{page}-listed.jsonl``: objects that its listing sorted out, if any,
- ``outcomes/{page}-{group}.jsonl``: the objects of one restore task,
- ``summary.json``, ``report.csv``, ``failures.csv``: written at the end.

Names come from the page's and the group's number, so a call that is made again writes its part
again, over the first one, and no object is counted twice.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from typing import BinaryIO, TypeVar

from functions.contract import OutcomeRecord, PageRecord
from functions.store import Store

T = TypeVar("T")

READERS = 16
_LISTED = "listed"


@dataclass(frozen=True)
class _Part:
    page: int
    name: str
    records: list[OutcomeRecord]


class Ledger:
    """The records of one run.

    Args:
        store: the report bucket.
        prefix: start of the reports' keys: empty, or ends with a slash.
        run_id: whose.
    """

    def __init__(self, store: Store, prefix: str, run_id: str) -> None:
        self._store = store
        self._root = f"{prefix}runs/{run_id}/"

    @property
    def url(self) -> str:
        """Where it is, for a person."""
        return f"oss://{self._store.name}/{self._root}"

    def write(self, name: str, body: bytes | BinaryIO) -> None:
        """Writes one of its files.

        Raises:
            RunError: as :func:`functions.calls.call`; so do all the others.
        """
        self._store.put(self._root + name, body)

    def read(self, name: str) -> bytes | None:
        """Reads one of its files; None if there is none."""
        return self._store.get(self._root + name)

    def write_json(self, name: str, value: object) -> None:
        """Writes a JSON file for people and programs."""
        self.write(name, json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n")

    def write_page(self, record: PageRecord, sorted_out: Sequence[OutcomeRecord]) -> None:
        """Records a page, and the objects that it sorted out."""
        if sorted_out:
            self.write(_part(record.page, _LISTED), _lines(sorted_out))
        self.write_json(f"pages/{record.page:08d}.json", record.to_json())

    def write_group(self, page: int, group: int, records: Sequence[OutcomeRecord]) -> None:
        """Records what became of a restore task's objects."""
        self.write(_part(page, f"{group:04d}"), _lines(records))

    def read_group(self, page: int, group: int) -> list[OutcomeRecord] | None:
        """What was recorded of a restore task; None if nothing was."""
        return self._read_part(self._root + _part(page, f"{group:04d}"))

    def pages(self) -> Iterator[PageRecord]:
        """Every page's record, in order."""
        for body in self._read_all("pages/", self._store.get):
            if body is not None:
                yield PageRecord.from_json(json.loads(body))

    def walk(self) -> Iterator[tuple[PageRecord, Iterator[OutcomeRecord]]]:
        """Every page with its objects' records, in order of pages; holds a few parts at a time.

        An object that a restore task handled has that task's record only, even if a listing that
        was made twice sorted it out, too.
        """
        by_page = groupby(self._parts(), key=lambda part: part.page)
        current = next(by_page, None)
        for page in self.pages():
            while current is not None and current[0] < page.page:
                current = next(by_page, None)
            if current is not None and current[0] == page.page:
                yield page, _once(page, current[1])
                current = next(by_page, None)
            else:
                yield page, iter(())

    def _parts(self) -> Iterator[_Part]:
        def read(key: str) -> _Part:
            page, _, name = key.rpartition("/")[2].removesuffix(".jsonl").partition("-")
            return _Part(int(page), name, self._read_part(key) or [])

        return self._read_all("outcomes/", read)

    def _read_part(self, key: str) -> list[OutcomeRecord] | None:
        body = self._store.get(key)
        if body is None:
            return None
        return [OutcomeRecord.from_json(json.loads(line)) for line in body.splitlines()]

    def _read_all(self, folder: str, read: Callable[[str], T]) -> Iterator[T]:
        """Reads the files of a folder side by side, and yields them in the order of their names."""
        prefix = self._root + folder
        keys = (
            found.key for listing in self._store.listings(prefix, "") for found in listing.objects
        )
        return _read_ahead(keys, read)


def _once(page: PageRecord, parts: Iterable[_Part]) -> Iterator[OutcomeRecord]:
    handled: set[str] = set()
    for part in parts:
        if part.name != _LISTED:  # which sorts behind the groups' numbers
            handled.update(record.key for record in part.records)
            yield from part.records
        elif page.sorted_out:  # else the part is of an earlier listing of the same page
            yield from (record for record in part.records if record.key not in handled)


def count(records: Iterable[OutcomeRecord]) -> dict[str, int]:
    """How many objects had which outcome."""
    return dict(Counter(record.outcome.value for record in records))


def _part(page: int, name: str) -> str:
    return f"outcomes/{page:08d}-{name}.jsonl"


def _lines(records: Iterable[OutcomeRecord]) -> bytes:
    # ASCII: a key may hold characters that some readers take for an end of line.
    return "".join(
        json.dumps(record.to_json(), separators=(",", ":")) + "\n" for record in records
    ).encode()


def _read_ahead(keys: Iterable[str], read: Callable[[str], T]) -> Iterator[T]:
    with ThreadPoolExecutor(max_workers=READERS) as pool:
        running: deque[Future[T]] = deque()
        for key in keys:
            running.append(pool.submit(read, key))
            if len(running) >= READERS:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
