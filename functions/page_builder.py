"""Build a page from a listing of keys or versions, or from the rows of a manifest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from thaw.after_thaw import READABLE_CLASSES
from thaw.classification import classify, expiry_of, is_thawable, record_of, state_of
from thaw.entries import Entry
from thaw.limits import MAX_FOREACH, MAX_GROUP_SIZE, MAX_SKIPPED
from thaw.lookup import FoundObject
from thaw.outcomes import Outcome, OutcomeRecord
from thaw.page_chunks import Chunk, PageIndex, PageObject, Slice, Tally, to_line
from thaw.run_input import Run
from thaw.scope import Scope


class PageBuilder:
    """One page of a run. Entries are added in the order of their positions.

    Args:
        run: the run.
        page: number of the page.
        after: the key or cursor after which the page starts.
        foreach_limit: groups that the flow runs in parallel.

    Attributes:
        end: whether it is the last page of its lister.
    """

    def __init__(self, run: Run, *, page: int, after: str, foreach_limit: int) -> None:
        self.end = False
        self._run = run
        self._page = page
        self._after = self._until = after
        self._limit = min(foreach_limit, MAX_FOREACH)
        self._scope = Scope(run)
        self._copies = run.then is not None
        self._copies_versions = run.copies_versions
        self._scanned = 0
        self._to_send: defaultdict[str, Tally] = defaultdict(Tally)
        self._lines: list[bytes] = []
        self._skipped: list[OutcomeRecord] = []

    @property
    def full(self) -> bool:
        """Whether the page is full. In a dry run, only objects that need no request count."""
        return len(self._lines) >= self._run.max_keys or len(self._skipped) >= MAX_SKIPPED

    def add(self, entry: Entry) -> None:
        """Add the next entry."""
        self._until = entry.position
        self._scanned += len(entry.objects) + len(entry.outcomes)
        self._skipped += entry.outcomes
        in_scope = [found for found in entry.objects if found.listed in self._scope]
        for found in in_scope:
            self._sort(found)
        if in_scope and self._copies_versions:  # all versions of a key are copied, in order
            for found in entry.objects:
                if found.listed.storage_class in READABLE_CLASSES and is_thawable(found.listed):
                    self._skip(found, Outcome.ALREADY_READABLE)

    def _sort(self, found: FoundObject) -> None:
        listed, now = found.listed, found.now
        outcome = classify(listed, now, self._run)
        if outcome is not None:
            self._skip(found, outcome)
            return
        self._to_send[listed.storage_class].add(listed.size)
        if not self._run.dry_run:
            self._lines.append(
                PageObject(
                    listed.key,
                    listed.storage_class,
                    listed.size,
                    int(now),
                    listed.last_modified,
                    listed.version_id,
                    state_of(listed, now),
                    int(expiry_of(listed)),
                    listed.etag if self._copies else "",
                ).to_line()
            )

    def _skip(self, found: FoundObject, outcome: Outcome) -> None:
        record = record_of(found.listed, outcome)
        if self._copies:
            record = replace(record, etag=found.listed.etag, listed_at=int(found.now))
        self._skipped.append(record)

    def chunk(self) -> Chunk:
        """Return the complete page."""
        # Groups are larger if a key with many versions has made the page longer.
        size = max(self._run.group_size, -(-len(self._lines) // self._limit))
        slices = _slices(self._lines, size)
        outcomes = [to_line(record.to_json()) for record in self._skipped]
        offset = sum(part.length for part in slices)
        skipped: defaultdict[str, Counter[Outcome]] = defaultdict(Counter)
        for record in self._skipped:
            skipped[record.storage_class][record.outcome] += 1
        index = PageIndex(
            page=self._page,
            after=self._after,
            until=self._until,
            end=self.end,
            scanned=self._scanned,
            to_send=dict(self._to_send),
            skipped=skipped,
            slices=slices,
            outcomes=Slice(offset, sum(map(len, outcomes)), len(outcomes)),
            outcome_slices=_slices(outcomes, MAX_GROUP_SIZE, offset) if self._copies else (),
        )
        return Chunk(index, b"".join([*self._lines, *outcomes, index.to_line()]))


def _slices(lines: Sequence[bytes], size: int, offset: int = 0) -> tuple[Slice, ...]:
    """Divide lines into slices of ``size`` lines; the first slice starts at ``offset``."""
    slices: list[Slice] = []
    for start in range(0, len(lines), size):
        part = lines[start : start + size]
        slices.append(Slice(offset, sum(map(len, part)), len(part)))
        offset += slices[-1].length
    return tuple(slices)
