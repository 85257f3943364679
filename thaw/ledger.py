"""The run's records in the report bucket.

``{prefix}runs/{runId}/`` holds

- ``input.json``: the complete input,
- ``pages/{page}.json``: what a page covered, see :class:`PageRecord`,
- ``outcomes/{page}-listed.jsonl``: objects that its listing sorted out, if any,
- ``outcomes/{page}-{group}.jsonl``: the objects of one restore task,
- ``failures/{page}-{group}.jsonl``: a copy of those that failed, if any,
- ``legs/{number}.json``: the totals of one lister of several,
- ``summary.json``, ``report.csv`` or ``report.json``, ``failures.csv``: written at the end,
- ``stop``: that the run is to stop; written by an operator,
- ``notices/{target}.json``: that somebody was told of the end, see :mod:`functions.notifying`.

Names come from the page's and the group's number, so a call that is made again finds its part, or
writes it again over the first one, and no object is counted twice.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from itertools import groupby
from typing import Any, BinaryIO, TypeVar

from thaw.errors import RunStopped
from thaw.json_reader import camel_case
from thaw.ledger_layout import STOP_MARK, run_folder
from thaw.outcomes import FAILURES, OutcomeRecord
from thaw.store import Store

T = TypeVar("T")

READERS = 16
_LISTED = "listed"


@dataclass(frozen=True)
class Tally:
    """Some objects, and how many bytes they have together."""

    objects: int = 0
    bytes: int = 0

    def plus(self, size: int) -> Tally:
        """With one object more."""
        return Tally(self.objects + 1, self.bytes + size)


@dataclass(frozen=True)
class PageRecord:
    """What one page of a run covered; what its groups' records are checked against.

    Attributes:
        after: the key behind which it starts.
        until: the last key it looked at.
        end: whether that was the last page.
        scanned: objects looked at, of any class.
        sorted_out: objects in scope that needed no request; each has its line in the ledger. None
            where the groups are ranges: their tasks record these objects, too.
        groups: restore tasks that the other objects in scope were handed to.
        to_send: those objects, by storage class. In a dry run nobody was handed them.
        ranges: whether the groups are ranges of keys. What is in one is listed by its task.
    """

    page: int
    after: str
    until: str
    end: bool
    scanned: int
    sorted_out: int
    groups: int
    to_send: Mapping[str, Tally]
    ranges: bool = False

    @property
    def listed(self) -> int:
        """Archived objects in the run's scope that this listing answers for."""
        if self.ranges:
            return 0
        return self.sorted_out + sum(tally.objects for tally in self.to_send.values())

    def to_json(self) -> dict[str, object]:
        """Every field, under its JSON name."""
        return {camel_case(name): value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PageRecord:
        """The record that :meth:`to_json` wrote."""
        values = {f.name: data[camel_case(f.name)] for f in fields(cls)}
        tallies = {name: Tally(**tally) for name, tally in values["to_send"].items()}
        return cls(**{**values, "to_send": tallies})


@dataclass(frozen=True)
class LostRange:
    """A range of keys that was given up before anybody knew what is in it.

    Attributes:
        objects: how many were to be sent for when its page was listed.
    """

    after: str
    until: str
    objects: int
    error_code: str
    message: str


@dataclass(frozen=True)
class Part:
    """What was recorded of one restore task's objects."""

    records: list[OutcomeRecord]
    lost: LostRange | None = None

    def failures(self) -> Part:
        """What of it failed."""
        return Part([r for r in self.records if r.outcome in FAILURES], self.lost)

    def __bool__(self) -> bool:
        return bool(self.records) or self.lost is not None


@dataclass(frozen=True)
class _NamedPart:
    page: int
    name: str
    part: Part


class Ledger:
    """The records of one run.

    Args:
        store: the report bucket.
        prefix: start of the reports' keys: empty, or ends with a slash.
        run_id: whose.
    """

    def __init__(self, store: Store, prefix: str, run_id: str) -> None:
        self._store = store
        self._root = run_folder(prefix, run_id)

    @property
    def url(self) -> str:
        """Where it is, for a person."""
        return f"oss://{self._store.name}/{self._root}"

    def write(self, name: str, body: bytes | BinaryIO) -> None:
        """Writes one of its files.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`; so do all the others.
        """
        self._store.put(self._root + name, body)

    def read(self, name: str) -> bytes | None:
        """Reads one of its files; None if there is none."""
        return self._store.get(self._root + name)

    def write_json(self, name: str, value: object) -> None:
        """Writes a JSON file for people and programs."""
        self.write(name, json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n")

    def create(self, name: str, value: object) -> bool:
        """Writes a JSON file unless it is there, and tells whether it did."""
        return self._store.create(self._root + name, json.dumps(value).encode() + b"\n")

    def age(self, name: str) -> float | None:
        """Seconds since one of its files was written, by OSS's clock; None if there is none."""
        found = self._store.list_after(self._root + name, "", max_keys=1)
        written = [listed.last_modified for listed in found.objects if listed.key.endswith(name)]
        return found.now - written[0] if written else None

    def write_page(self, record: PageRecord, sorted_out: Sequence[OutcomeRecord]) -> None:
        """Records a page, and the objects that it sorted out."""
        if sorted_out:
            self.write(_part("outcomes", record.page, _LISTED), _lines(Part([*sorted_out])))
        self.write_json(f"pages/{record.page:09d}.json", record.to_json())

    def write_group(self, page: int, group: int, part: Part) -> None:
        """Records what became of a restore task's objects."""
        if failures := part.failures():
            self.write(_part("failures", page, f"{group:04d}"), _lines(failures))
        self.write(_part("outcomes", page, f"{group:04d}"), _lines(part))

    def find_group(self, page: int, group: int) -> tuple[Part | None, float]:
        """What was recorded of a restore task, None if nothing was; and the time by OSS's clock."""
        found = self._store.find(self._root + _part("outcomes", page, f"{group:04d}"))
        return (None if found.body is None else _read(found.body)), found.now

    def check_stop(self) -> None:
        """Asks whether the run was stopped. While it is not, that is not billed.

        Raises:
            RunStopped: it was.
        """
        reason = self._store.get(self._root + STOP_MARK)
        if reason is not None:
            raise RunStopped(reason.decode(errors="replace"))

    def pages(self) -> Iterator[PageRecord]:
        """Every page's record, in order."""
        for body in self._read_all("pages/", self._store.get):
            if body is not None:
                yield PageRecord.from_json(json.loads(body))

    def walk(self) -> Iterator[Part]:
        """Every part, in order of pages; holds a few at a time.

        An object that a restore task handled has that task's record only, even if a listing that
        was made twice sorted it out, too.
        """
        by_page = groupby(self._parts(), key=lambda part: part.page)
        current = next(by_page, None)
        for page in self.pages():
            while current is not None and current[0] < page.page:
                current = next(by_page, None)
            if current is not None and current[0] == page.page:
                yield from _once(page, current[1])
                current = next(by_page, None)

    def write_leg(self, number: int, totals: Mapping[str, object]) -> None:
        """Records what one lister of several found."""
        self.write_json(f"legs/{number:04d}.json", totals)

    def legs(self) -> Iterator[object]:
        """What each of several listers found."""
        for body in self._read_all("legs/", self._store.get):
            if body is not None:
                yield json.loads(body)

    def failures(self) -> Iterator[Part]:
        """What failed, part by part."""
        for body in self._read_all("failures/", self._store.get):
            if body is not None:
                yield _read(body)

    def _parts(self) -> Iterator[_NamedPart]:
        def read(key: str) -> _NamedPart:
            page, _, name = key.rpartition("/")[2].removesuffix(".jsonl").partition("-")
            body = self._store.get(key)
            return _NamedPart(int(page), name, Part([]) if body is None else _read(body))

        return self._read_all("outcomes/", read)

    def _read_all(self, folder: str, read: Callable[[str], T]) -> Iterator[T]:
        """Reads the files of a folder side by side, and yields them in the order of their names."""
        prefix = self._root + folder
        keys = (
            found.key for listing in self._store.listings(prefix, "") for found in listing.objects
        )
        return _read_ahead(keys, read)


def _once(page: PageRecord, parts: Iterable[_NamedPart]) -> Iterator[Part]:
    handled: set[str] = set()
    for named in parts:
        if named.name != _LISTED:  # which sorts behind the groups' numbers
            handled.update(record.key for record in named.part.records)
            yield named.part
        elif page.sorted_out:  # else the part is of an earlier listing of the same page
            yield Part([record for record in named.part.records if record.key not in handled])


def count(records: Iterable[OutcomeRecord]) -> dict[str, int]:
    """How many objects had which outcome."""
    return dict(Counter(record.outcome.value for record in records))


def count_failures(records: Iterable[OutcomeRecord]) -> dict[tuple[str, str], int]:
    """How many objects failed, by outcome and error code."""
    failed = (record for record in records if record.outcome in FAILURES)
    return dict(Counter((record.outcome.value, record.error_code) for record in failed))


def _part(folder: str, page: int, name: str) -> str:
    return f"{folder}/{page:09d}-{name}.jsonl"


def _lines(part: Part) -> bytes:
    # ASCII: a key may hold characters that some readers take for an end of line.
    lines = [record.to_json() for record in part.records]
    if part.lost is not None:
        lines.append({camel_case(name): value for name, value in vars(part.lost).items()})
    return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode()


def _read(body: bytes) -> Part:
    lines = [json.loads(line) for line in body.splitlines()]
    lost = next((_lost(line) for line in lines if "until" in line), None)
    return Part([OutcomeRecord.from_json(line) for line in lines if "until" not in line], lost)


def _lost(line: Mapping[str, Any]) -> LostRange:
    return LostRange(**{f.name: line[camel_case(f.name)] for f in fields(LostRange)})


def _read_ahead(keys: Iterable[str], read: Callable[[str], T]) -> Iterator[T]:
    with ThreadPoolExecutor(max_workers=READERS) as pool:
        running: deque[Future[T]] = deque()
        for key in keys:
            running.append(pool.submit(read, key))
            if len(running) >= READERS:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
