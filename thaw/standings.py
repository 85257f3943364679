"""The standings of a run's objects at one moment, counted: the basis of its verdict.

Counts can be added up, so pages, calls and listers can be looked at one by one or in parallel.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from enum import Enum
from typing import Any, Final

from thaw.errors import InvalidInput


class Standing(str, Enum):
    """The standing of an object that a run has listed. A closed set; each object has one."""

    READABLE = "readable"
    THAWING = "thawing"
    FROZEN_AGAIN = "frozenAgain"
    DELETED = "deleted"
    OVERWRITTEN = "overwritten"
    CLASS_CHANGED = "classChanged"
    REFUSED = "refused"
    FAILED = "failed"
    NOT_REQUESTED = "notRequested"
    NOTHING_TO_THAW = "nothingToThaw"
    # Only in runs that copy or promote.
    COPIED = "copied"
    PROMOTED = "promoted"
    PRESENT = "present"
    COPY_FAILED = "copyFailed"

    __str__ = str.__str__  # the value in every text, on every Python


# Objects without data of their own, or not of an archive class when they were listed.
OUT_OF_SCOPE: Final = frozenset({Standing.NOTHING_TO_THAW})
# Objects for which a run that copies or promotes has achieved its goal.
GONE_ON: Final = frozenset({Standing.COPIED, Standing.PROMOTED, Standing.PRESENT})


@dataclass
class ClassStandings:
    """The standings of one storage class.

    Attributes:
        counts: objects by standing.
        earliest: the first expiry of a readable copy, in seconds since 1970; 0 if there is none.
        latest: the last expiry, likewise.
    """

    counts: Counter[Standing] = field(default_factory=Counter)
    earliest: int = 0
    latest: int = 0

    def add_expiry(self, earliest: int, latest: int) -> None:
        """Add expiries of readable copies; 0 means none."""
        self.earliest = min(filter(None, (self.earliest, earliest)), default=0)
        self.latest = max(self.latest, latest)

    def add(self, other: ClassStandings) -> None:
        """Add further objects of the class."""
        self.counts.update(other.counts)
        self.add_expiry(other.earliest, other.latest)

    @property
    def in_scope(self) -> int:
        """The number of objects that should be readable."""
        return sum(n for standing, n in self.counts.items() if standing not in OUT_OF_SCOPE)

    def to_json(self) -> dict[str, object]:
        """Return it as the flow and the summary carry it."""
        counts = {s.value: self.counts[s] for s in Standing if self.counts[s]}
        if not self.earliest:
            return dict(counts)
        span = {"earliest": moment_text(self.earliest), "latest": moment_text(self.latest)}
        return {**counts, "readableUntil": span}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ClassStandings:
        """Parse what :meth:`to_json` returned."""
        span = data.get("readableUntil") or {}
        counts = {s: int(data[s.value]) for s in Standing if data.get(s.value)}
        earliest, latest = span.get("earliest", ""), span.get("latest", "")
        return cls(Counter(counts), moment_of(earliest), moment_of(latest))


@dataclass
class CopyTally:
    """The copies that a run has made of one class, for its bill.

    Attributes:
        objects: the number of objects that were copied or promoted.
        requests: the number of Put requests for them.
        ended_byte_days: for archived objects that promotion has replaced, the rest of their minimum
            storage time in days, times their billed bytes.
    """

    objects: int = 0
    requests: int = 0
    ended_byte_days: int = 0

    def add(self, other: CopyTally) -> None:
        """Add further copies."""
        self.objects += other.objects
        self.requests += other.requests
        self.ended_byte_days += other.ended_byte_days


@dataclass
class Standings:
    """The standings of a run, or of a part of it.

    Attributes:
        by_class: the standings by the class with which the objects were listed.
        first_look: time of the first look at an object, by OSS's clock, in seconds since 1970; 0 if
            there was none.
        last_look: time of the last look, likewise.
        removed: number of archived versions of promoted objects that were removed.
        copies: the copies that the run has made, by that class.
    """

    by_class: dict[str, ClassStandings] = field(default_factory=dict)
    first_look: int = 0
    last_look: int = 0
    removed: int = 0
    copies: dict[str, CopyTally] = field(default_factory=dict)

    def count_copy(self, storage_class: str, tally: CopyTally) -> None:
        """Count copies that were made."""
        self.copies.setdefault(storage_class, CopyTally()).add(tally)

    def count(
        self, storage_class: str, standing: Standing, objects: int = 1, *, expiry: int = 0
    ) -> None:
        """Count objects, with the expiry of their readable copies."""
        standings = self.by_class.setdefault(storage_class, ClassStandings())
        standings.counts[standing] += objects
        standings.add_expiry(expiry, expiry)

    def record_look(self, moment: float) -> None:
        """Record the time of a look."""
        self.first_look = min(filter(None, (self.first_look, int(moment))), default=0)
        self.last_look = max(self.last_look, int(moment))

    def add(self, other: Standings) -> None:
        """Add another part of the run."""
        for storage_class, standings in other.by_class.items():
            self.by_class.setdefault(storage_class, ClassStandings()).add(standings)
        for storage_class, tally in other.copies.items():
            self.count_copy(storage_class, tally)
        self.record_look(other.first_look)
        self.record_look(other.last_look)
        self.removed += other.removed

    def to_json(self) -> dict[str, object]:
        """Return it as the flow and the summary carry it, in at most 2 KB."""
        copies = {name: vars(tally).copy() for name, tally in sorted(self.copies.items())}
        by_class = sorted(self.by_class.items())
        return {
            **({"copies": copies} if copies else {}),
            "byClass": {name: standings.to_json() for name, standings in by_class},
            "lookedAt": {
                "first": moment_text(self.first_look),
                "last": moment_text(self.last_look),
            },
            **({"removed": self.removed} if self.removed else {}),
        }

    @classmethod
    def from_json(cls, data: object) -> Standings:
        """Parse what :meth:`to_json` returned, or a verdict, which contains it; may be empty.

        Raises:
            InvalidInput: the data is anything else.
        """
        fields: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        try:
            by_class = {
                str(name): ClassStandings.from_json(standings)
                for name, standings in (fields.get("byClass") or {}).items()
            }
            looked = fields.get("lookedAt") or {}
            first, last = looked.get("first", ""), looked.get("last", "")
            copies = {
                str(name): CopyTally(**{key: int(value) for key, value in tally.items()})
                for name, tally in (fields.get("copies") or {}).items()
            }
            removed = int(fields.get("removed", 0))
            return cls(by_class, moment_of(first), moment_of(last), removed, copies)
        except (TypeError, ValueError, AttributeError) as error:
            raise InvalidInput(f"standings must be what the last look found: {error}") from error


def moment_text(moment: int) -> str:
    """Format seconds since 1970, such as ``2026-11-24T10:15:00Z``; empty for 0."""
    if not moment:
        return ""
    return f"{datetime.fromtimestamp(moment, timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


def moment_of(text: str) -> int:
    """Parse what :func:`moment_text` returned.

    Raises:
        ValueError: the text is anything else.
    """
    if not text:
        return 0
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    return int(moment.timestamp())
