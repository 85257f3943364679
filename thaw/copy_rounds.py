"""The rounds in which a lister's objects are copied, each storage class at its own pace.

Each class has a cursor: every object before it was copied or has failed. A round assigns slices
from the cursor on: one slice while nothing there is readable, and twice as many after each round
that finished all of its slices. So objects that are still thawing are not listed again and again,
and readable ones are copied in parallel.

Forecasts simulate the same rounds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from thaw.copy_work import CopyResult, CopyWork
from thaw.limits import MAX_GROUP_SIZE
from thaw.run_input import RunInput

KEEP_SECONDS: Final = 3 * 3600  # between checks of waiting objects; half of thaw.days.SAFE_SECONDS
KEPT_SLICES_OF_TASK: Final = 20
SPARE_SECONDS: Final = 60  # of a call, for what follows its last copy
_SLICES_OF_TASK: Final = 5  # copied in about half a minute
_ROUND_SECONDS: Final = 30  # at the run's rate; objects that become readable meanwhile wait
_PAGE_SECONDS: Final = 5  # until the next check for a page that was not listed yet

SlicePosition = tuple[int, int]  # page and number of a slice


@dataclass
class CopyCursor:
    """How far copying has come for one storage class.

    Attributes:
        page: page of the first unfinished slice.
        slice: number of that slice in its page.
        due: when to go on, on the clock of the rounds.
        width: slices to assign in the next round.
        end: whether nothing is left.
    """

    page: int
    slice: int = 0
    due: float = 0
    width: int = 1
    end: bool = False


class ListedPages(Protocol):
    """The pages that the lister has listed so far."""

    def next_slices(
        self, name: str, page: int, first: int, *, most: int
    ) -> tuple[Sequence[SlicePosition], int | None]:
        """Find the next slices of a class, starting at a slice of a page.

        Returns:
            The slices, and the page that ended the search because it was not listed yet, if any.
        """

    def wait(self, name: str, page: int) -> int:
        """Return the seconds until the next check of a class whose next slice is thawing."""


@dataclass(frozen=True)
class CopyRounds:
    """The rounds of one lister. Times are in seconds, on any clock.

    Attributes:
        run: the lister's share of the run.
        pages: the lister's pages.
        cursors: how far copying has come, by storage class.
        most: tasks that may run in parallel.
    """

    run: RunInput
    pages: ListedPages
    cursors: Mapping[str, CopyCursor]
    most: int

    def next_work(self, now: float) -> list[CopyWork]:
        """Return the next tasks, as many as may run in parallel, and move past finished slices."""
        due = [
            name for name, cursor in self.cursors.items() if not cursor.end and cursor.due <= now
        ]
        slots = max(1, self.most // max(1, len(due)))
        return [work for name in due for work in self._work(name, slots, now)][: self.most]

    def apply_results(
        self, work: Sequence[CopyWork], results: Sequence[CopyResult], now: float
    ) -> None:
        """Move the cursors past what the tasks of a round have done."""
        for name, cursor in self.cursors.items():
            completed = [
                (task, result)
                for task, result in zip(work, results, strict=True)
                if task.storage_class == name and not task.keeps
            ]
            if completed:
                self._move(name, cursor, completed, now)

    def stop(self) -> None:
        """Skip everything that is left."""
        for cursor in self.cursors.values():
            cursor.end = True

    @property
    def finished(self) -> bool:
        """Whether nothing is left."""
        return all(cursor.end for cursor in self.cursors.values())

    def wait_seconds(self, now: float) -> int:
        """Return the seconds until something is due, at least one."""
        due = [cursor.due for cursor in self.cursors.values() if not cursor.end]
        return max(1, math.ceil(min(due, default=0) - now))

    def _work(self, name: str, slots: int, now: float) -> list[CopyWork]:
        cursor = self.cursors[name]
        found, missing = self.pages.next_slices(name, cursor.page, cursor.slice, most=cursor.width)
        if found:
            cursor.page, cursor.slice = found[0]
        elif missing is None:
            cursor.end = True
        else:
            cursor.page, cursor.slice = missing, 0
            cursor.due = now + _PAGE_SECONDS
        return in_tasks(name, found, math.ceil(len(found) / slots))[:slots]

    def _move(
        self,
        name: str,
        cursor: CopyCursor,
        completed: Sequence[tuple[CopyWork, CopyResult]],
        now: float,
    ) -> None:
        flags = {result.flag for _, result in completed}
        for task, result in completed:
            cursor.page, cursor.slice = task.page, task.slice + result.done
            if result.flag != "d":
                break
        if flags == {"d"}:
            cursor.width = min(2 * cursor.width, self._most_slices)
        elif completed[0][1].flag == "w":
            cursor.width = 1
        waits = flags.isdisjoint("m") and flags != {"d"}
        cursor.due = now + (self.pages.wait(name, cursor.page) if waits else 0)

    @property
    def _most_slices(self) -> int:
        """The most slices of one round."""
        pace = self.run.objects_per_second or math.inf
        in_time = max(1, min(pace * _ROUND_SECONDS / MAX_GROUP_SIZE, _SLICES_OF_TASK * self.most))
        return math.ceil(in_time)


def in_tasks(name: str, positions: Sequence[SlicePosition], size: int) -> list[CopyWork]:
    """Group consecutive slices into tasks, each of one page and of at most ``size`` slices."""
    work: list[CopyWork] = []
    for page, number in positions:
        last = work[-1] if work else None
        if last is not None and last.page == page and last.slices < size:
            work[-1] = CopyWork(name, page, last.slice, last.slices + 1)
        else:
            work.append(CopyWork(name, page, number, 1))
    return work
