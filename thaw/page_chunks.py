"""The chunk of a page: the result of its listing, written once and read by each task of the page.

``pages/{page}.jsonl`` is never overwritten: the first listing of a page counts, however often its
task runs. Each line is an object: first those to be requested, in the order of the listing, then
those that need no request, with their outcomes. The last line is the page's index. A ``restore``
task reads its slice, a range of bytes, so that the flow carries no keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from thaw.classification import State
from thaw.outcomes import Outcome, OutcomeRecord
from thaw.storage_classes import SMALLEST_BILLED_BYTES

if TYPE_CHECKING:  # the command line counts without oss2
    from thaw.store import ListedObject

# An index is always shorter: a hundred slices, and two keys with every character escaped.
INDEX_BYTES: Final = 32 * 1024

# Flows carry this instead of the last key of a page. No key starts with a slash.
_PAGE_POSITION: Final = "/pages/"


@dataclass
class Tally:
    """A number of archived objects and their size.

    Attributes:
        bytes: their total size.
        billed: their total billed size: a small object counts as 64 KiB.
    """

    objects: int = 0
    bytes: int = 0
    billed: int = 0

    def add(self, size: int) -> None:
        """Add an object."""
        self.objects += 1
        self.bytes += size
        self.billed += max(size, SMALLEST_BILLED_BYTES)


@dataclass(frozen=True)
class Slice:
    """Consecutive lines of a chunk.

    Attributes:
        offset: offset of the first line in the chunk, in bytes.
        length: their length in bytes.
        objects: the number of lines.
    """

    offset: int
    length: int
    objects: int

    def to_json(self) -> dict[str, int]:
        """Return it as the flow carries it."""
        return {"offset": self.offset, "length": self.length, "objects": self.objects}


@dataclass(frozen=True)
class PageObject:
    """An object to be requested or copied, as its page listed it.

    Attributes:
        listed_at: when it was listed, by OSS's clock, in seconds since 1970.
        modified: when it was written, likewise.
        version_id: its version; empty for the current one.
        state: its state: frozen, unless the run also requests thawing or readable objects.
        expiry: expiry of its readable copy, in seconds since 1970; 0 if it has none.
        etag: its ETag without quotes; empty unless the run copies or promotes.
    """

    key: str
    storage_class: str
    size: int
    listed_at: int
    modified: int = 0
    version_id: str = ""
    state: State = State.FROZEN
    expiry: int = 0
    etag: str = ""

    @property
    def name(self) -> tuple[str, str]:
        """The object's key and version id."""
        return self.key, self.version_id

    def has_changed(self, listed: ListedObject) -> bool:
        """Return whether the object has changed since its page listed it."""
        was = (self.size, self.modified, self.storage_class)
        return was != (listed.size, listed.last_modified, listed.storage_class)

    def record(
        self, outcome: Outcome, status: int = 0, code: str = "", message: str = ""
    ) -> OutcomeRecord:
        """Return the ledger's record of the object's outcome."""
        return OutcomeRecord(
            self.key,
            outcome,
            self.storage_class,
            self.size,
            http_status=status,
            error_code=code,
            message=message,
            version_id=self.version_id,
        )

    def to_line(self) -> bytes:
        """Return the object's line in a chunk."""
        data: dict[str, object] = {
            "key": self.key,
            "storageClass": self.storage_class,
            "size": self.size,
            "listedAt": self.listed_at,
            "modified": self.modified,
        }
        if self.version_id:
            data["versionId"] = self.version_id
        if self.state is not State.FROZEN:
            data |= {"state": self.state.value, "expiry": self.expiry}
        if self.etag:
            data["etag"] = self.etag
        return to_line(data)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PageObject:
        """Parse what :meth:`to_line` returned."""
        return cls(
            key=data["key"],
            storage_class=data["storageClass"],
            size=data["size"],
            listed_at=data["listedAt"],
            modified=data["modified"],
            version_id=data.get("versionId", ""),
            state=State(data.get("state", State.FROZEN.value)),
            expiry=data.get("expiry", 0),
            etag=data.get("etag", ""),
        )


@dataclass(frozen=True)
class PageIndex:
    """The index of a page.

    Attributes:
        after: the position after which it starts: a key, or a cursor in the run's manifest.
        until: the last position that it covers.
        end: whether it is the last page of its lister.
        scanned: the number of listed objects of any class.
        to_send: objects to be requested, by class; in a dry run, those that would be.
        skipped: objects that need no request, by class and outcome.
        slices: lines of the objects to be requested, one slice for each ``restore`` task; none in a
            dry run.
        outcomes: lines of the objects that need no request.
        outcome_slices: slices of these lines, if the run copies or promotes.
    """

    page: int
    after: str
    until: str
    end: bool
    scanned: int
    to_send: Mapping[str, Tally]
    skipped: Mapping[str, Mapping[Outcome, int]]
    slices: tuple[Slice, ...]
    outcomes: Slice
    outcome_slices: tuple[Slice, ...] = ()

    @property
    def objects(self) -> int:
        """The number of objects to be requested."""
        return sum(tally.objects for tally in self.to_send.values())

    @property
    def listed(self) -> int:
        """The number of objects in the run's scope."""
        return self.objects + self.outcomes.objects

    def to_line(self) -> bytes:
        """Return the last line of the chunk."""
        slices = [part.to_json() for part in self.outcome_slices]
        return to_line(
            {
                "page": self.page,
                "after": self.after,
                "until": self.until,
                "end": self.end,
                "scanned": self.scanned,
                "toSend": {name: vars(tally) for name, tally in self.to_send.items()},
                "sortedOut": self.skipped,  # the key in ledgers of earlier versions
                "slices": [part.to_json() for part in self.slices],
                "outcomes": self.outcomes.to_json(),
                **({"outcomeSlices": slices} if slices else {}),
            }
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PageIndex:
        """Parse what :meth:`to_line` returned."""
        return cls(
            page=data["page"],
            after=data["after"],
            until=data["until"],
            end=data["end"],
            scanned=data["scanned"],
            to_send={name: Tally(**tally) for name, tally in data["toSend"].items()},
            skipped={
                name: {Outcome(outcome): number for outcome, number in counts.items()}
                for name, counts in data["sortedOut"].items()
            },
            slices=tuple(Slice(**part) for part in data["slices"]),
            outcomes=Slice(**data["outcomes"]),
            outcome_slices=tuple(Slice(**part) for part in data.get("outcomeSlices", ())),
        )


@dataclass(frozen=True)
class Chunk:
    """A page, ready to be written."""

    index: PageIndex
    body: bytes


def end_of_page(page: int) -> str:
    """Return the position at which a page ends, as flows carry it."""
    return f"{_PAGE_POSITION}{page}"


def page_at(text: str) -> int | None:
    """Return the number of the page that ends at a position; None if the position is a key."""
    return int(text.removeprefix(_PAGE_POSITION)) if text.startswith(_PAGE_POSITION) else None


def index_of(end_of_chunk: bytes) -> PageIndex:
    """Parse the index in the last bytes of a chunk."""
    return PageIndex.from_json(json.loads(end_of_chunk.rstrip(b"\n").rpartition(b"\n")[2]))


def objects_of(lines: bytes) -> Iterator[PageObject]:
    """Parse the objects of a slice."""
    return (PageObject.from_json(json.loads(line)) for line in lines.splitlines())


def records_to_lines(records: Iterable[OutcomeRecord]) -> bytes:
    """Return records as lines of a chunk or of a part of the ledger."""
    return b"".join(to_line(record.to_json()) for record in records)


def records_of(lines: bytes) -> Iterator[OutcomeRecord]:
    """Parse what :func:`records_to_lines` returned."""
    return (OutcomeRecord.from_json(json.loads(line)) for line in lines.splitlines())


def to_line(data: Mapping[str, object]) -> bytes:
    """Return a line of JSON in ASCII, since a key may contain Unicode line breaks."""
    return json.dumps(data, separators=(",", ":")).encode() + b"\n"
