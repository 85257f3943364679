"""The totals of a run, added up page by page while it is in progress.

A restore task returns the counts of its group as a short text; the flow collects the texts of a
page and passes them, with the totals so far, to the next call. So no call has to read the whole
ledger. The new totals depend only on these inputs, so a repeated call returns the same totals.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from thaw.errors import InvalidInput
from thaw.ledger import Part
from thaw.outcomes import FAILURES, Outcome
from thaw.page_chunks import PageIndex
from thaw.storage_classes import ARCHIVE, COLD_ARCHIVE, DEEP_COLD_ARCHIVE, UNKNOWN_CLASS

# Longer counts are read from the ledger: a step of the flow carries a hundred of them, in addition
# to the page's groups.
_COUNTS_CHARACTERS: Final = 40
_IN_LEDGER: Final = "?"

# Objects that a manifest names may be of any class.
_CLASS_LETTERS: Final = {
    "A": ARCHIVE,
    "C": COLD_ARCHIVE,
    "D": DEEP_COLD_ARCHIVE,
    "S": "Standard",
    "I": "IA",
    "U": UNKNOWN_CLASS,
}
_OUTCOME_LETTERS: Final = {
    "r": Outcome.REQUESTED,
    "t": Outcome.ALREADY_THAWING,
    "y": Outcome.ALREADY_READABLE,
    "e": Outcome.EXTENDED,
    "u": Outcome.UPGRADED,
    "n": Outcome.NOT_ARCHIVED,
    "m": Outcome.FOLDER_MARKER,
    "s": Outcome.SYMLINK,
    "v": Outcome.VANISHED,
    "d": Outcome.DENIED,
    "j": Outcome.REJECTED,
    "f": Outcome.FAILED,
}
_LETTERS: Final = {
    (storage_class, outcome): a + b
    for a, storage_class in _CLASS_LETTERS.items()
    for b, outcome in _OUTCOME_LETTERS.items()
}
_MEANINGS: Final = {letters: meaning for meaning, letters in _LETTERS.items()}
_NUMBER: Final = re.compile(r"([ACDSIU][a-z])(\d+)")
_COUNTS: Final = re.compile(rf"(?:{_NUMBER.pattern})*")

_NOT_ARCHIVED: Final = (Outcome.FOLDER_MARKER, Outcome.SYMLINK)


@dataclass(frozen=True)
class GroupCounts:
    """The outcomes of one group, counted.

    Attributes:
        outcomes: objects by class and outcome.
    """

    outcomes: Mapping[tuple[str, Outcome], int]

    @classmethod
    def of(cls, part: Part) -> GroupCounts:
        """Count the outcomes in a group's part of the ledger."""
        return cls(Counter((record.storage_class, record.outcome) for record in part.records))

    @property
    def objects(self) -> int:
        """The number of objects."""
        return sum(self.outcomes.values())

    @property
    def text(self) -> str:
        """The counts as the flow carries them, or a marker that only the ledger has them."""
        text = str(self)
        return text if len(text) <= _COUNTS_CHARACTERS else _IN_LEDGER

    def __str__(self) -> str:
        """Return a text such as ``Ar48Av2``: 48 Archive objects requested, 2 vanished."""
        return "".join(
            f"{_LETTERS[pair]}{number}" for pair, number in sorted(self.outcomes.items())
        )

    @classmethod
    def parse(cls, text: str) -> GroupCounts:
        """Parse what :meth:`__str__` returned.

        Raises:
                InvalidInput: the text is anything else.
        """
        if not _COUNTS.fullmatch(text):
            raise InvalidInput(f"results must hold what restore returned, not {text[:60]!r}")
        return cls({_MEANINGS[letters]: int(number) for letters, number in _NUMBER.findall(text)})


@dataclass
class Totals:
    """Totals of pages and groups.

    Attributes:
        pages: the number of pages.
        scanned: the number of listed objects of any class.
        listed: the number of objects in scope; each should have an outcome.
        parts: the number of parts of the ledger.
        planned: objects to be requested, by class.
        bytes: their total size, by class.
        billed_bytes: their total billed size, by class.
        by_class: objects by class and outcome.
    """

    pages: int = 0
    scanned: int = 0
    listed: int = 0
    parts: int = 0
    planned: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)
    billed_bytes: Counter[str] = field(default_factory=Counter)
    by_class: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add_page(self, page: PageIndex) -> None:
        """Add the listing of a page."""
        self.pages += 1
        self.scanned += page.scanned
        self.listed += page.listed
        self.parts += len(page.slices) + bool(page.outcomes.objects)
        for storage_class, tally in page.to_send.items():
            self.planned[storage_class] += tally.objects
            self.bytes[storage_class] += tally.bytes
            self.billed_bytes[storage_class] += tally.billed
        for storage_class, outcomes in page.skipped.items():
            for outcome, number in outcomes.items():
                self.by_class[storage_class][outcome.value] += number

    def add_group(self, counts: GroupCounts) -> None:
        """Add the outcomes of a group."""
        for (storage_class, outcome), number in counts.outcomes.items():
            self.by_class[storage_class][outcome.value] += number

    def add(self, other: Totals) -> None:
        """Add another part of the run."""
        for name in ("pages", "scanned", "listed", "parts"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.planned.update(other.planned)
        self.bytes.update(other.bytes)
        self.billed_bytes.update(other.billed_bytes)
        for storage_class, outcomes in other.by_class.items():
            self.by_class[storage_class].update(outcomes)

    @property
    def outcomes(self) -> Counter[str]:
        """The number of objects by outcome, in the order in which outcomes are defined."""
        counts: Counter[str] = sum(self.by_class.values(), Counter())
        return Counter({o.value: counts[o.value] for o in Outcome if counts[o.value]})

    @property
    def archived(self) -> int:
        """The number of listed objects with data; rows whose object does not exist do not count."""
        outcomes = self.outcomes
        missing = sum(self.by_class.get(UNKNOWN_CLASS, {}).values())
        return self.listed - missing - sum(outcomes[outcome.value] for outcome in _NOT_ARCHIVED)

    def of(self, storage_class: str, *outcomes: Outcome) -> int:
        """Return the number of objects of a class with one of these outcomes."""
        counts: Mapping[str, int] = self.by_class.get(storage_class, {})
        return sum(counts.get(outcome.value, 0) for outcome in outcomes)

    @property
    def failed(self) -> int:
        """The number of objects that were requested and are not being thawed."""
        outcomes = self.outcomes
        return sum(outcomes[outcome.value] for outcome in FAILURES)

    def unaccounted(self, *, dry_run: bool) -> int:
        """Count listed objects without an outcome; a dry run gives objects to be requested none."""
        planned = sum(self.planned.values()) if dry_run else 0
        return self.listed - sum(self.outcomes.values()) - planned

    def to_json(self) -> dict[str, object]:
        """Return them as the flow carries them, in at most 1.5 KB."""
        return {
            "pages": self.pages,
            "scanned": self.scanned,
            "listed": self.listed,
            "parts": self.parts,
            "planned": dict(self.planned),
            "bytes": dict(self.bytes),
            "billedBytes": dict(self.billed_bytes),
            "byClass": {name: dict(counts) for name, counts in sorted(self.by_class.items())},
        }

    @classmethod
    def from_json(cls, data: object) -> Totals:
        """Parse what :meth:`to_json` returned, or a summary, which contains it; may be empty.

        Raises:
            InvalidInput: the data is anything else.
        """
        fields: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        totals = cls()
        try:
            totals.pages, totals.scanned = _integer(fields, "pages"), _integer(fields, "scanned")
            totals.listed, totals.parts = _integer(fields, "listed"), _integer(fields, "parts")
            totals.planned.update(_numbers(fields.get("planned")))
            totals.bytes.update(_numbers(fields.get("bytes")))
            totals.billed_bytes.update(_numbers(fields.get("billedBytes")))
            for storage_class, outcomes in (fields.get("byClass") or {}).items():
                totals.by_class[storage_class].update(_numbers(outcomes))
        except (TypeError, ValueError, AttributeError) as error:
            raise InvalidInput(f"totals must be what the last call returned: {error}") from error
        return totals

    def add_results(self, results: Sequence[str], read: Callable[[int], Part]) -> None:
        """Add the groups of a page.

        Args:
            results: the results of their tasks, in the order of the groups.
            read: reads a group's part of the ledger.

        Raises:
            InvalidInput: a result is malformed.
        """
        for group, result in enumerate(results):
            # Releases before 0.2 wrote "k:", or "r:" of a range, which only its task had listed.
            kind, _, text = result.rpartition(":")
            counts = GroupCounts.of(read(group)) if text == _IN_LEDGER else GroupCounts.parse(text)
            self.add_group(counts)
            if kind == "r":
                self.listed += counts.objects


def _integer(data: Mapping[str, Any], name: str) -> int:
    return int(data.get(name) or 0)


def _numbers(data: Mapping[str, Any] | None) -> dict[str, int]:
    # A flow may carry numbers as floats.
    return {name: int(number) for name, number in (data or {}).items()}
