"""Plan the rounds in which a lister's objects are copied, and keep waiting objects readable.

Every few hours, a round checks all listed objects that still wait for their copies, and extends
those that would expire before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from thaw.copy_rounds import (
    KEEP_SECONDS,
    KEPT_SLICES_OF_TASK,
    CopyCursor,
    CopyRounds,
    SlicePosition,
    in_tasks,
)
from thaw.copy_slices import VERSIONS, awaited_classes, copied_classes, copy_slices, holds
from thaw.copy_work import CopyResult, CopyWork
from thaw.errors import InvalidInput
from thaw.ledger import Ledger
from thaw.poll_intervals import copy_wait
from thaw.run_input import Run


@dataclass
class KeepCursor:
    """How far the check of waiting objects has come for one storage class.

    Attributes:
        due: when to go on, by OSS's clock, in seconds since 1970.
        page: page of the first unchecked slice.
        slice: number of that slice in its page.
    """

    due: float
    page: int = 0
    slice: int = 0


@dataclass
class CopyPlan:
    """The copies that a lister's objects still need.

    Attributes:
        rounds: the rounds of copies, by OSS's clock, in seconds since 1970.
        keeping: how far the check of waiting objects has come, by storage class.
        now: OSS's clock.
        recorded: objects for which an outcome was recorded.
    """

    rounds: CopyRounds
    keeping: dict[str, KeepCursor]
    now: float
    recorded: int = 0

    @classmethod
    def resume(
        cls, ledger: Ledger, run: Run, state: object, *, first_page: int, most: int, now: float
    ) -> CopyPlan:
        """Restore the plan from the state that the flow carries, which is empty at the start.

        Args:
            ledger: the run's ledger.
            run: the lister's share of the run.
            state: the state.
            first_page: the lister's first page.
            most: tasks that may run in parallel.
            now: OSS's clock, in seconds since 1970.

        Raises:
            InvalidInput: the state is not one that ``planCopies`` returned.
        """
        saved: Mapping[str, Any] = state if isinstance(state, Mapping) else {}
        try:
            cursors = {
                name: CopyCursor(**saved[name]) if name in saved else CopyCursor(first_page)
                for name in copied_classes(run)
            }
            checks = saved.get("keeping") or {}
            keeping = {
                name: KeepCursor(**checks[name])
                if name in checks
                else KeepCursor(now + KEEP_SECONDS)
                for name in cursors
            }
            recorded = int(saved.get("recorded", 0))
        except (TypeError, ValueError) as error:
            raise InvalidInput(f"state must be what planCopies returned: {error}") from error
        rounds = CopyRounds(run, _LedgerPages(ledger, run), cursors, most)
        return cls(rounds, keeping, now, recorded)

    def apply_results(self, work: Sequence[CopyWork], results: Sequence[CopyResult]) -> None:
        """Move past what the tasks of a round have done."""
        self.recorded += sum(result.recorded for result in results)
        self.rounds.apply_results(work, results, self.now)

    def next_work(self) -> list[CopyWork]:
        """Return the next tasks, as many as may run in parallel."""
        return self._keep() or self.rounds.next_work(self.now)

    def to_json(self) -> dict[str, object]:
        """Return it as the flow carries it."""
        cursors = {name: asdict(cursor) for name, cursor in self.rounds.cursors.items()}
        keeping = {name: asdict(cursor) for name, cursor in self.keeping.items()}
        return {**cursors, "keeping": keeping, "recorded": self.recorded}

    def _keep(self) -> list[CopyWork]:
        """Return tasks that keep waiting objects of one class readable, if a check is due."""
        at_once = self.rounds.most
        for name, cursor in self.rounds.cursors.items():
            check = self.keeping[name]
            if cursor.end or check.due > self.now:
                continue
            start = max((check.page, check.slice), (cursor.page, cursor.slice))
            most = KEPT_SLICES_OF_TASK * at_once
            slices, _ = self.rounds.pages.next_slices(name, *start, most=most)
            tasks = in_tasks(name, slices, KEPT_SLICES_OF_TASK)[:at_once]
            work = [replace(task, keeps=True) for task in tasks]
            if sum(task.slices for task in work) == len(slices) < most:
                self.keeping[name] = KeepCursor(self.now + KEEP_SECONDS)
            else:
                check.page, check.slice = work[-1].page, work[-1].slice + work[-1].slices
            if work:
                return work
        return []


@dataclass(frozen=True)
class _LedgerPages:
    """The pages in the ledger."""

    ledger: Ledger
    run: Run

    def next_slices(
        self, name: str, page: int, first: int, *, most: int
    ) -> tuple[list[SlicePosition], int | None]:
        slices: list[SlicePosition] = []
        while len(slices) < most:
            index = self.ledger.page(page)
            if index is None:
                return slices, page
            if holds(index, name):
                numbers = range(first, len(copy_slices(index, name)))
                slices += [(page, number) for number in numbers]
            if index.end:
                break
            page, first = page + 1, 0
        return slices[:most], None

    def wait(self, name: str, page: int) -> int:
        """Return the seconds until the next check; versions wait for their page's slowest class."""
        if name != VERSIONS:
            return copy_wait(name, self.run)
        awaited = awaited_classes(self.ledger.known_page(page))
        return max(
            (copy_wait(class_name, self.run) for class_name in awaited),
            default=self.run.poll_interval,
        )
