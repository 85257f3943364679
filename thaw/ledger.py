"""The run's records in the report bucket: their names, and how each is written and read.

``{prefix}runs/{runId}/`` contains

- ``input.json``: the complete input,
- ``pages/{page}.jsonl``: the result of a page's listing, see :mod:`thaw.page_chunks`,
- ``attempts/{page}-{group}``: a marker that a restore task has started to send requests,
- ``claims/{hash}.json``: the restore task that requests an object which would be paid for twice if
  two rows of a manifest name it,
- ``outcomes/{page}-{group}.jsonl``: the outcomes of the objects of one restore task,
- ``failures/{page}-{group}.jsonl``: a copy of the outcomes of failed objects, if any,
- ``copies/{page}-{slice}-{class}.jsonl``: the outcomes of copies, see :mod:`thaw.copy_slices`;
  failed copies are also in ``failures/copies/``,
- ``died/{number}``: a marker that a lister has failed, so that nothing waits for its pages,
- ``uploads/{hash}``: a marker that the run has started to copy an object in parts, see
  :mod:`functions.unfinished_uploads`,
- ``legs/{number}.json``: the totals of one lister of several,
- ``standings/{page}.json``: the state of objects at the end, for a range of pages that starts
  with this one,
- ``summary.json``, ``report.csv`` or ``report.json``, ``failures.csv``: written at the end,
- ``stop``: a marker that an operator has stopped the run,
- ``notices/{target}.json``: a marker that a target was notified, see :mod:`functions.notifying`.

Names consist of the numbers of page and group, so a repeated call finds its part or overwrites it,
and no object is counted twice. :mod:`thaw.ledger_reading` reads the records of a whole run.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from thaw.errors import RunStopped, StorageRefused
from thaw.ledger_layout import STOP_MARK, run_folder
from thaw.outcomes import FAILURES, OutcomeRecord
from thaw.page_chunks import (
    INDEX_BYTES,
    Chunk,
    PageIndex,
    PageObject,
    Slice,
    index_of,
    objects_of,
    page_at,
    records_of,
    records_to_lines,
)

if TYPE_CHECKING:  # the command line counts without oss2
    from thaw.store import Found, Store


@dataclass(frozen=True)
class Part:
    """The records of one restore task's objects."""

    records: list[OutcomeRecord]

    def failures(self) -> Part:
        """Return the records of failed objects."""
        return Part([record for record in self.records if record.outcome in FAILURES])

    def __bool__(self) -> bool:
        return bool(self.records)


class PageContent:
    """A whole page. Lines are parsed as they are read, since most looks need only the first few."""

    def __init__(self, body: bytes) -> None:
        self.index = index_of(body)
        start = self.index.outcomes.offset
        self._to_send = body[:start]
        self._skipped = body[start : start + self.index.outcomes.length]

    @property
    def objects(self) -> Iterator[PageObject]:
        """The objects to be requested, in the order of the page's slices."""
        return objects_of(self._to_send)

    @property
    def skipped(self) -> Iterator[OutcomeRecord]:
        """The records of objects that need no request."""
        return records_of(self._skipped)


class Ledger:
    """The records of one run.

    Args:
        store: the report bucket.
        prefix: prefix of the reports' keys: empty, or ends with a slash.
        run_id: the id of the run.
    """

    def __init__(self, store: Store, prefix: str, run_id: str) -> None:
        self.store = store
        self.root = run_folder(prefix, run_id)

    @property
    def url(self) -> str:
        """The URL of the ledger's folder, for people."""
        return f"oss://{self.store.name}/{self.root}"

    def write(self, name: str, body: bytes | BinaryIO) -> None:
        """Write a file of the ledger.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`, like all methods of the ledger.
        """
        self.store.put(self.root + name, body)

    def read(self, name: str) -> bytes | None:
        """Read a file of the ledger; None if it does not exist."""
        return self.store.get(self.root + name)

    def write_json(self, name: str, value: object) -> None:
        """Write a JSON file for people and programs."""
        self.write(name, json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n")

    def create(self, name: str, value: object) -> bool:
        """Write a JSON file unless it exists, and return whether it did."""
        return self.store.create(self.root + name, json.dumps(value).encode() + b"\n")

    def age(self, name: str) -> float | None:
        """Return the age of a file in seconds, by OSS's clock; None if it does not exist."""
        listing = self.store.list_after(self.root + name, "", max_keys=1)
        written = [listed.last_modified for listed in listing.objects if listed.key.endswith(name)]
        return listing.now - written[0] if written else None

    def check_stop(self) -> float:
        """Check that the run was not stopped. The request is billed only if it was.

        Returns:
            OSS's clock, in seconds since 1970.

        Raises:
            RunStopped: the run was stopped.
        """
        mark = self.store.find(self.root + STOP_MARK)
        if mark.body is not None:
            raise RunStopped(mark.body.decode(errors="replace"))
        return mark.now

    def keep_page(self, chunk: Chunk) -> PageIndex:
        """Record a page unless it was recorded before, and return the recorded index."""
        page = chunk.index.page
        if self.store.create(self.root + page_name(page), chunk.body):
            return chunk.index
        return self.known_page(page)

    def page(self, page: int) -> PageIndex | None:
        """Read the index of a page; None if it has not been listed yet."""
        body = self.store.find(self.root + page_name(page), (None, INDEX_BYTES)).body
        return None if body is None else index_of(body)

    def content(self, page: int) -> PageContent:
        """Read a whole page, which may be a few MB long.

        Raises:
            StorageRefused: the page does not exist.
        """
        body = self.read(page_name(page))
        if body is None:
            raise _lost(page_name(page))
        return PageContent(body)

    def known_page(self, page: int) -> PageIndex:
        """Read the index of a page that has been listed.

        Raises:
            StorageRefused: it does not exist.
        """
        index = self.page(page)
        if index is None:
            raise _lost(page_name(page))
        return index

    def objects(self, page: int, part: Slice) -> tuple[list[PageObject], float]:
        """Read the objects of a slice of a page, and the time by OSS's clock."""
        lines = self._lines(page, part)
        return list(objects_of(lines.body or b"")), lines.now

    def lines(self, page: int, part: Slice) -> bytes:
        """Read the lines of a slice of a page."""
        return self._lines(page, part).body or b""

    def skipped(self, index: PageIndex) -> Part:
        """Read the records of a page's objects that need no request."""
        if not index.outcomes.objects:
            return Part([])
        return Part(list(records_of(self.lines(index.page, index.outcomes))))

    def _lines(self, page: int, part: Slice) -> Found:
        name = page_name(page)
        lines = self.store.find(self.root + name, (part.offset, part.offset + part.length - 1))
        if lines.body is None or len(lines.body) != part.length:
            raise _lost(f"{name}, or a part of it")
        return lines

    def position(self, text: str) -> str:
        """Return the key or manifest cursor of a position as flows carry it."""
        page = page_at(text)
        return text if page is None else self.known_page(page).until

    def begin_group(self, page: int, group: int) -> bool:
        """Create the marker of a restore task; False if an earlier attempt created it."""
        return self.create(f"attempts/{_number(page, group)}", {})

    def claim(self, page: int, group: int, obj: PageObject) -> bool:
        """Claim an object for a restore task; False if another task of the run has claimed it."""
        name = hashlib.sha256("\0".join(obj.name).encode()).hexdigest()
        claim = {"by": _number(page, group)}
        file = f"claims/{name}.json"
        return self.create(file, claim) or json.loads(self.read(file) or b"{}") == claim

    def write_group(self, page: int, group: int, part: Part) -> None:
        """Record the outcomes of a restore task's objects."""
        if failures := part.failures():
            self.write(f"failures/{_number(page, group)}.jsonl", records_to_lines(failures.records))
        self.write(f"outcomes/{_number(page, group)}.jsonl", records_to_lines(part.records))

    def group(self, page: int, group: int) -> Part | None:
        """Read the records of a restore task; None if there are none."""
        body = self.read(f"outcomes/{_number(page, group)}.jsonl")
        return None if body is None else Part(list(records_of(body)))

    def known_group(self, page: int, group: int) -> Part:
        """Read the records of a restore task that has ended.

        Raises:
            StorageRefused: there are no records.
        """
        part = self.group(page, group)
        if part is None:
            raise _lost(f"the outcomes of page {page}, group {group}")
        return part

    def keep_standings(self, first_page: int, standings: Mapping[str, object]) -> Mapping[str, Any]:
        """Record the standings of pages unless there is a record, and return what is recorded."""
        name = f"standings/{first_page:09d}.json"
        if self.create(name, standings):
            return standings
        recorded: Mapping[str, Any] = json.loads(self.read(name) or b"{}")
        return recorded

    def write_death(self, number: int) -> None:
        """Record that one lister of several has failed."""
        self.write_json(f"died/{number:04d}", {})

    def has_died(self, number: int) -> bool:
        """Return whether a lister has failed."""
        return self.read(f"died/{number:04d}") is not None

    def write_leg(self, number: int, totals: Mapping[str, object]) -> None:
        """Record the totals of one lister of several."""
        self.write_json(f"legs/{number:04d}.json", totals)


def page_name(page: int) -> str:
    """Return the name of a page's chunk in the run's folder."""
    return f"pages/{page:09d}.jsonl"


def _lost(record: str) -> StorageRefused:
    return StorageRefused(f"the ledger has lost {record}")


def _number(page: int, group: int) -> str:
    return f"{page:09d}-{group:04d}"


def count(records: Iterable[OutcomeRecord]) -> dict[str, int]:
    """Count objects by outcome."""
    return dict(Counter(record.outcome.value for record in records))


def count_failures(records: Iterable[OutcomeRecord]) -> dict[tuple[str, str], int]:
    """Count failed objects by outcome and error code."""
    failed = (record for record in records if record.outcome in FAILURES)
    return dict(Counter((record.outcome.value, record.error_code) for record in failed))
