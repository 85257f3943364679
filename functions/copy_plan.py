"""Plan the rounds in which a lister's objects are copied, each storage class at its own pace.

Each class has a cursor: every object before it was copied or has failed. A round assigns slices
from the cursor on: one slice while nothing there is readable, and twice as many after each round
that finished all of its slices. So objects that are still thawing are not listed again and again,
and readable ones are copied in parallel.

Every few hours, a round checks all listed objects that still wait for their copies, and extends
those that would expire before.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, cast

from thaw.copy_slices import VERSIONS, CopySlice, awaited_classes, copy_slices, holds, paces
from thaw.errors import InvalidInput
from thaw.ledger import Ledger
from thaw.limits import MAX_GROUP_SIZE
from thaw.page_chunks import PageIndex
from thaw.poll_intervals import copy_wait
from thaw.run_input import Run

_SLICES_OF_TASK: Final = 5  # copied in about half a minute
_TURN_SECONDS: Final = 30  # at the run's rate; objects that become readable meanwhile wait
_KEEP_SECONDS: Final = 3 * 3600  # between checks of waiting objects; half of thaw.days.SAFE_SECONDS
_KEPT_SLICES_OF_TASK: Final = 20
_PAGE_SECONDS: Final = 5  # until the next check for a page that was not listed yet

# Done; more can be done at once; partly done, the rest is thawing; all is thawing.
Flag = Literal["d", "m", "p", "w"]
_RESULT: Final = re.compile(r"(\d+)([dmpw])(\d+)")


@dataclass(frozen=True)
class CopyResult:
    """The result of a task.

    Attributes:
        done: slices before the first unfinished one.
        recorded: objects for which an outcome was recorded.
    """

    done: int
    flag: Flag
    recorded: int

    def __str__(self) -> str:
        return f"{self.done}{self.flag}{self.recorded}"

    @classmethod
    def parse(cls, text: str) -> CopyResult:
        """Parse what :meth:`__str__` returned.

        Raises:
            InvalidInput: the text is anything else.
        """
        match = _RESULT.fullmatch(text)
        if match is None:
            raise InvalidInput(f"results must hold what copyObjects answered, not {text[:60]!r}")
        return cls(int(match[1]), cast("Flag", match[2]), int(match[3]))


@dataclass(frozen=True)
class CopyWork:
    """Consecutive slices of a page, for one task.

    Attributes:
        keeps: whether the task keeps them readable and copies nothing.
    """

    storage_class: str
    page: int
    slice: int
    slices: int
    keeps: bool = False

    def to_json(self) -> dict[str, object]:
        """Return it as the flow carries it."""
        return {
            "storageClass": self.storage_class,
            "page": self.page,
            "slice": self.slice,
            "slices": self.slices,
            **({"keeps": True} if self.keeps else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CopyWork:
        """Parse what :meth:`to_json` returned.

        Raises:
            InvalidInput: the data is anything else.
        """
        try:
            return cls(
                str(data["storageClass"]),
                int(data["page"]),
                int(data["slice"]),
                int(data["slices"]),
                keeps=bool(data.get("keeps", False)),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"a task must be what planCopies answered: {error!r}") from error

    def found(self, index: PageIndex) -> Sequence[CopySlice]:
        """Return its slices."""
        return copy_slices(index, self.storage_class)[self.slice : self.slice + self.slices]


@dataclass
class CopyCursor:
    """How far copying has come for one storage class.

    Attributes:
        page: page of the first unfinished slice.
        slice: number of that slice in its page.
        due: when to go on, by OSS's clock, in seconds since 1970.
        width: slices to assign in the next round.
        end: whether nothing is left.
    """

    page: int
    slice: int = 0
    due: float = 0
    width: int = 1
    end: bool = False


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
        ledger: the run's ledger.
        run: the lister's share of the run.
        cursors: how far copying has come, by storage class.
        keeping: how far the check of waiting objects has come, by storage class.
        most: tasks that may run in parallel.
        now: OSS's clock, in seconds since 1970.
        recorded: objects for which an outcome was recorded.
    """

    ledger: Ledger
    run: Run
    cursors: dict[str, CopyCursor]
    keeping: dict[str, KeepCursor]
    most: int
    now: float
    recorded: int = 0

    @classmethod
    def resume(
        cls, ledger: Ledger, run: Run, state: object, *, first_page: int, most: int, now: float
    ) -> CopyPlan:
        """Restore the plan from the state that the flow carries, which is empty at the start.

        Raises:
            InvalidInput: the state is not one that ``planCopies`` returned.
        """
        known: Mapping[str, Any] = state if isinstance(state, Mapping) else {}
        try:
            cursors = {
                name: CopyCursor(**known[name]) if name in known else CopyCursor(first_page)
                for name in paces(run)
            }
            kept = known.get("keeping") or {}
            keeping = {
                name: KeepCursor(**kept[name]) if name in kept else KeepCursor(now + _KEEP_SECONDS)
                for name in cursors
            }
            recorded = int(known.get("recorded", 0))
        except (TypeError, ValueError) as error:
            raise InvalidInput(f"state must be what planCopies answered: {error}") from error
        return cls(ledger, run, cursors, keeping, most, now, recorded)

    def take_in(self, work: Sequence[CopyWork], results: Sequence[CopyResult]) -> None:
        """Move the cursors past what the tasks of a round have done."""
        self.recorded += sum(result.recorded for result in results)
        for name, cursor in self.cursors.items():
            answers = [
                (one, result)
                for one, result in zip(work, results, strict=True)
                if one.storage_class == name and not one.keeps
            ]
            if answers:
                self._move(name, cursor, answers)

    def _move(
        self, name: str, cursor: CopyCursor, answers: Sequence[tuple[CopyWork, CopyResult]]
    ) -> None:
        flags = {result.flag for _, result in answers}
        for one, result in answers:
            cursor.page, cursor.slice = one.page, one.slice + result.done
            if result.flag != "d":
                break
        if flags == {"d"}:
            cursor.width = min(2 * cursor.width, self._most_slices)
        elif answers[0][1].flag == "w":
            cursor.width = 1
        waits = flags.isdisjoint("m") and flags != {"d"}
        cursor.due = self.now + (self._wait(name, cursor.page) if waits else 0)

    def _wait(self, name: str, page: int) -> int:
        """Return the seconds until the next check; versions wait for their page's slowest class."""
        if name != VERSIONS:
            return copy_wait(name, self.run)
        awaited = awaited_classes(self.ledger.known_page(page))
        return max((copy_wait(one, self.run) for one in awaited), default=self.run.poll_interval)

    @property
    def _most_slices(self) -> int:
        """The most slices of one round."""
        pace = self.run.objects_per_second or math.inf
        in_time = max(1, min(pace * _TURN_SECONDS / MAX_GROUP_SIZE, _SLICES_OF_TASK * self.most))
        return math.ceil(in_time)

    def next_work(self) -> list[CopyWork]:
        """Return the next tasks, as many as may run in parallel, and move past finished slices."""
        if kept := self._keep():
            return kept
        due = [
            name
            for name, cursor in self.cursors.items()
            if not cursor.end and cursor.due <= self.now
        ]
        slots = max(1, self.most // max(1, len(due)))
        return [work for name in due for work in self._work(name, slots)][: self.most]

    def stop(self) -> None:
        """Skip everything that is left."""
        for cursor in self.cursors.values():
            cursor.end = True

    @property
    def has_ended(self) -> bool:
        """Whether nothing is left."""
        return all(cursor.end for cursor in self.cursors.values())

    @property
    def wait_seconds(self) -> int:
        """Seconds until something is due, at least one."""
        due = [cursor.due for cursor in self.cursors.values() if not cursor.end]
        return max(1, math.ceil(min(due, default=0) - self.now))

    def to_json(self) -> dict[str, object]:
        """Return it as the flow carries it."""
        cursors = {name: asdict(cursor) for name, cursor in self.cursors.items()}
        keeping = {name: asdict(cursor) for name, cursor in self.keeping.items()}
        return {**cursors, "keeping": keeping, "recorded": self.recorded}

    def _keep(self) -> list[CopyWork]:
        """Return tasks that keep waiting objects of one class readable, if a check is due."""
        for name, cursor in self.cursors.items():
            kept = self.keeping[name]
            if cursor.end or kept.due > self.now:
                continue
            start = max((kept.page, kept.slice), (cursor.page, cursor.slice))
            most = _KEPT_SLICES_OF_TASK * self.most
            found, _ = self._listed(name, *start, most=most)
            work = [replace(one, keeps=True) for one in _grouped(name, found, _KEPT_SLICES_OF_TASK)]
            work = work[: self.most]
            if sum(one.slices for one in work) == len(found) < most:
                self.keeping[name] = KeepCursor(self.now + _KEEP_SECONDS)
            else:
                kept.page, kept.slice = work[-1].page, work[-1].slice + work[-1].slices
            if work:
                return work
        return []

    def _work(self, name: str, slots: int) -> list[CopyWork]:
        cursor = self.cursors[name]
        found, missing = self._listed(name, cursor.page, cursor.slice, most=cursor.width)
        if found:
            cursor.page, cursor.slice = found[0]
        elif missing is None:
            cursor.end = True
        else:
            cursor.page, cursor.slice = missing, 0
            cursor.due = self.now + _PAGE_SECONDS
        return _grouped(name, found, math.ceil(len(found) / slots))[:slots]

    def _listed(
        self, name: str, page: int, first: int, *, most: int
    ) -> tuple[list[tuple[int, int]], int | None]:
        """Find the next slices of a class, starting at a slice of a page.

        Returns:
            Page and number of each slice, and the page that ended the search because it was not
            listed yet, if any.
        """
        found: list[tuple[int, int]] = []
        while len(found) < most:
            index = self.ledger.page(page)
            if index is None:
                return found, page
            if holds(index, name):
                numbers = range(first, len(copy_slices(index, name)))
                found += [(page, number) for number in numbers]
            if index.end:
                break
            page, first = page + 1, 0
        return found[:most], None


def _grouped(name: str, places: Sequence[tuple[int, int]], size: int) -> list[CopyWork]:
    """Group consecutive slices into tasks, each of one page and of at most ``size`` slices."""
    work: list[CopyWork] = []
    for page, number in places:
        last = work[-1] if work else None
        if last is not None and last.page == page and last.slices < size:
            work[-1] = CopyWork(name, page, last.slice, last.slices + 1)
        else:
            work.append(CopyWork(name, page, number, 1))
    return work
