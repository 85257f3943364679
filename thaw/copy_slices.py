"""The slices of a page's chunk in which its objects are copied, and the records of their copies.

Unlike the slices of ``restore`` tasks, these hold as many objects as one listing returns, and also
objects that need no restore request because they are thawing or readable already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from thaw.ledger import Ledger, Part
from thaw.limits import MAX_GROUP_SIZE
from thaw.outcomes import Outcome, OutcomeRecord
from thaw.page_chunks import PageIndex, PageObject, Slice, objects_of, records_of, records_to_lines

if TYPE_CHECKING:  # the command line counts without oss2
    from thaw.lookup import ObjectName
    from thaw.run_input import Run

# Stands for a class: all versions of each key, of any class.
VERSIONS: Final = "versions"
FOLDER: Final = "copies/"
# Outcomes of objects that need no restore request and are or will be readable.
_READABLE_IN_TIME: Final = frozenset({Outcome.ALREADY_READABLE, Outcome.ALREADY_THAWING})


@dataclass(frozen=True)
class CopySlice:
    """A slice of a page's objects.

    Attributes:
        page: number of the page.
        number: number of the slice in its page.
        lines: lines of the chunk with objects that need restore requests.
        groups: the ``restore`` tasks that send these requests.
        skipped: lines of the chunk with objects that need no request.
    """

    page: int
    number: int
    lines: Slice | None = None
    groups: tuple[int, ...] = ()
    skipped: Slice | None = None

    def objects(self, ledger: Ledger, storage_class: str) -> list[PageObject]:
        """Read its objects of one class.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
        """
        objects: list[PageObject] = []
        if self.lines is not None:
            objects += objects_of(ledger.lines(self.page, self.lines))
        if self.skipped is not None:
            records = records_of(ledger.lines(self.page, self.skipped))
            objects += [_skipped(r) for r in records if r.outcome in _READABLE_IN_TIME]
        return [obj for obj in objects if storage_class in (VERSIONS, obj.storage_class)]

    def thaws(self, ledger: Ledger) -> Mapping[ObjectName, OutcomeRecord] | None:
        """Read the outcomes of its restore requests, by name; None until all are recorded.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
        """
        outcomes: dict[ObjectName, OutcomeRecord] = {}
        for group in self.groups:
            part = ledger.group(self.page, group)
            if part is None:
                return None
            outcomes.update((record.name, record) for record in part.records)
        return outcomes

    def part(self, ledger: Ledger, storage_class: str) -> Part:
        """Read the recorded outcomes of its copies.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
        """
        return Part(list(records_of(ledger.read(self._name(FOLDER, storage_class)) or b"")))

    def record(self, ledger: Ledger, storage_class: str, part: Part) -> None:
        """Record the outcomes of its copies.

        Raises:
            RunError: as :func:`thaw.oss_errors.call`.
        """
        if failures := part.failures():
            lines = records_to_lines(failures.records)
            ledger.write(self._name(f"failures/{FOLDER}", storage_class), lines)
        ledger.write(self._name(FOLDER, storage_class), records_to_lines(part.records))

    def _name(self, folder: str, storage_class: str) -> str:
        return f"{folder}{self.page:09d}-{self.number:04d}-{storage_class}.jsonl"


def _skipped(record: OutcomeRecord) -> PageObject:
    """Return the object of a record that needed no request."""
    return PageObject(
        record.key,
        record.storage_class,
        record.size or 0,
        record.listed_at or 0,
        record.modified or 0,
        record.version_id,
        etag=record.etag,
    )


def copy_slices(index: PageIndex, storage_class: str) -> list[CopySlice]:
    """Divide a page into slices; a page of versions is one slice, with all versions of each key."""
    if storage_class == VERSIONS:
        return [_whole_page(index)]
    slices: list[CopySlice] = []
    lines, groups = Slice(0, 0, 0), list[int]()
    for group, part in enumerate(index.slices):
        if groups and lines.objects + part.objects > MAX_GROUP_SIZE:
            slices.append(CopySlice(index.page, len(slices), lines, tuple(groups)))
            lines, groups = Slice(part.offset, 0, 0), []
        lines = Slice(lines.offset, lines.length + part.length, lines.objects + part.objects)
        groups.append(group)
    if groups:
        slices.append(CopySlice(index.page, len(slices), lines, tuple(groups)))
    for part in index.outcome_slices:
        slices.append(CopySlice(index.page, len(slices), skipped=part))
    return slices


def _whole_page(index: PageIndex) -> CopySlice:
    length = sum(part.length for part in index.slices)
    lines = Slice(0, length, index.objects) if length else None
    skipped = index.outcomes if index.outcomes.objects else None
    return CopySlice(index.page, 0, lines, tuple(range(len(index.slices))), skipped)


def copied_classes(run: Run) -> tuple[str, ...]:
    """Return the classes, each copied at its own pace; ``VERSIONS`` alone if versions are."""
    return (VERSIONS,) if run.copies_versions else run.storage_classes


def awaited_classes(index: PageIndex) -> set[str]:
    """Return the classes of a page's objects that are still to be thawed."""
    thawing = {
        name for name, outcomes in index.skipped.items() if Outcome.ALREADY_THAWING in outcomes
    }
    return thawing | index.to_send.keys()


def holds(index: PageIndex, storage_class: str) -> bool:
    """Return whether a page has objects of a class to copy."""
    if storage_class == VERSIONS:
        return any(holds(index, name) for name in (*index.to_send, *index.skipped))
    skipped = index.skipped.get(storage_class, {})
    return storage_class in index.to_send or not _READABLE_IN_TIME.isdisjoint(skipped)


def copies_of_page(ledger: Ledger, page: int) -> Sequence[OutcomeRecord]:
    """Read all recorded copies of a page's objects.

    Raises:
        RunError: as :func:`thaw.oss_errors.call`.
    """
    copies: list[OutcomeRecord] = []
    for listing in ledger.store.listings(f"{ledger.root}{FOLDER}{page:09d}-", ""):
        for listed in listing.objects:
            copies += records_of(ledger.read(listed.key.removeprefix(ledger.root)) or b"")
    return copies
