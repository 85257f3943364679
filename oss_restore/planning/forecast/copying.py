"""A simulation of the rounds in which copyFlow copies thawed objects."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from oss_restore.planning.forecast.timing import COMPARED, Copying, Timing
from thaw.after_thaw import CopyTo
from thaw.copy_load import CopyLoad
from thaw.copy_rounds import (
    KEEP_SECONDS,
    KEPT_SLICES_OF_TASK,
    SPARE_SECONDS,
    CopyCursor,
    CopyRounds,
    SlicePosition,
)
from thaw.copy_work import CopyResult, CopyWork
from thaw.days import thaw_seconds
from thaw.limits import MAX_GROUP_SIZE, RETRY_SECONDS
from thaw.poll_intervals import copy_wait
from thaw.usage import GIB

_CALL_SECONDS: Final = RETRY_SECONDS - SPARE_SECONDS  # time for copies in a call
_TURN_EVENTS: Final = 19
_TASK_EVENTS: Final = 9


class CopyModel:
    """Simulates the rounds of one lister.

    Args:
        timing: the lister's durations.
        most: tasks that may run in parallel.
        relay_at_event: event id at which an execution hands over to the next one.
    """

    def __init__(self, timing: Timing, *, most: int, relay_at_event: int) -> None:
        self._timing = timing
        self._relay_at_event = relay_at_event
        self._made = Copying()
        self._now = timing.run_preparation
        loads = timing.workload.copied
        cursors = {name: CopyCursor(0) for name, load in loads.items() if load.objects}
        self._rounds = CopyRounds(timing.run, self, cursors, most)

    def play(self) -> Copying:
        """Simulate rounds until everything is copied."""
        made, rounds = self._made, self._rounds
        self._plan()
        keep_due = dict.fromkeys(rounds.cursors, self._now + KEEP_SECONDS)
        while True:
            work = rounds.next_work(self._now)
            if rounds.finished:
                break
            took = self._copy(work) if work else rounds.wait_seconds(self._now)
            self._now += took + 2 * self._timing.speeds.step
            self._plan()
            self._keep(keep_due)
        events = made.plans * _TURN_EVENTS + made.tasks * _TASK_EVENTS
        made.executions = max(1, math.ceil(events / self._relay_at_event))
        made.seconds = self._now
        return made

    def next_slices(
        self, name: str, page: int, first: int, *, most: int
    ) -> tuple[Sequence[SlicePosition], int | None]:
        """Find the next slices of a class, as :class:`thaw.copy_rounds.ListedPages`."""
        del name  # the classes are spread evenly over the pages
        start = self._index(page, first)
        if start >= self._slices:
            self._made.page_reads += 1
            return [], None
        end = min(start + most, self._listed_slices())
        if end <= start:
            return [], page + first // self._per_page
        positions = [divmod(index, self._per_page) for index in range(start, end)]
        self._made.page_reads += 1 + positions[-1][0] - positions[0][0]
        return positions, None

    def wait(self, name: str, page: int) -> int:
        """Return the seconds until the next check, as :class:`thaw.copy_rounds.ListedPages`."""
        del page
        return copy_wait(name, self._timing.run)

    def _index(self, page: int, number: int) -> int:
        """Return the index of a slice among those of all pages."""
        return page * self._per_page + number

    @cached_property
    def _per_page(self) -> int:
        """The number of slices of a full page."""
        return max(1, self._slices_of(self._timing.plan.page_groups))

    @cached_property
    def _slices(self) -> int:
        """The number of slices of all pages."""
        plan = self._timing.plan
        full, rest = divmod(plan.objects, plan.page_objects or 1)
        if not rest:
            return plan.pages * self._per_page
        last = math.ceil(rest / self._timing.run.group_size)
        return full * self._per_page + self._slices_of(last)

    def _slices_of(self, groups: int) -> int:
        """Count the slices of a page with these groups and with objects that need no request."""
        workload, plan = self._timing.workload, self._timing.plan
        copied = sum(load.objects for load in workload.copied.values())
        others = max(0.0, copied - workload.total) / plan.pages
        groups_of_slice = max(1, MAX_GROUP_SIZE // self._timing.run.group_size)
        return math.ceil(groups / groups_of_slice) + math.ceil(others / MAX_GROUP_SIZE)

    def _readable(self, name: str, page: int, number: int) -> float:
        """Return when the last object of a slice is readable, in seconds since the run's start."""
        timing, sent = self._timing, self._timing.workload.objects.get(name, 0)
        listed = timing.first_page_listed + page * self._page_seconds
        if not sent:
            return listed
        part = (self._index(page, number) + 1) / self._slices
        size = timing.workload.bytes_of(name) * part
        queue = timing.quotas.thawing_seconds(name, sent * part, size)
        return max(listed + self._page_seconds, queue) + thaw_seconds(timing.run, name)

    @cached_property
    def _page_seconds(self) -> float:
        return self._timing.page_seconds

    def _plan(self) -> None:
        took = self._timing.speeds.function + self._timing.speeds.read
        self._made.plans += 1
        self._made.planning += took
        self._now += took

    def _keep(self, due: dict[str, float]) -> None:
        """Simulate the checks of objects that wait for their copies, if they are due."""
        speeds = self._timing.speeds
        for name, cursor in self._rounds.cursors.items():
            slices = self._listed_slices() - self._index(cursor.page, cursor.slice)
            if cursor.end or due[name] > self._now or slices <= 0:
                continue
            due[name] = self._now + KEEP_SECONDS
            of_task = min(KEPT_SLICES_OF_TASK, self._per_page, slices)
            tasks = math.ceil(slices / of_task)
            beside, look = speeds.function + 2 * speeds.read, speeds.read + self._listing
            self._made.tasks += tasks
            self._made.kept += slices
            self._made.page_reads += math.ceil(slices / self._per_page)
            self._made.copying += tasks * beside + slices * look
            for _ in range(math.ceil(tasks / self._rounds.most)):
                self._now += beside + of_task * look + 2 * speeds.step
                self._plan()

    def _listed_slices(self) -> int:
        """Count the slices of the pages listed so far."""
        passed = (self._now - self._timing.first_page_listed) / self._page_seconds
        return min(self._slices, (math.floor(passed) + 1) * self._per_page)

    def _copy(self, work: Sequence[CopyWork]) -> float:
        """Simulate a round's tasks, and return the seconds that the longest one takes."""
        made = self._made
        results: list[CopyResult] = []
        longest, copied_bytes, any_ready = 0.0, 0.0, False
        for task in work:
            name, load = task.storage_class, self._timing.workload.copied[task.storage_class]
            ready = sum(
                self._readable(name, task.page, number) <= self._now
                for number in range(task.slice, task.slice + task.slices)
            )
            waiting = task.slices - ready
            took = self._task_seconds(load, ready, waiting, len(work))
            made.tasks += _calls(took)
            made.copied += ready
            made.looks += waiting
            made.copying += took
            longest = max(longest, took)
            copied_bytes += ready * load.bytes / self._slices
            any_ready = any_ready or ready > 0
            results.append(CopyResult(ready, ("p" if ready else "w") if waiting else "d", 0))
        longest = max(longest, copied_bytes / self._timing.quotas.copied_bytes_per_second)
        made.plans += _calls(longest) - 1
        made.busy += longest * any_ready
        self._note_lags(work, results, self._now + longest)
        self._rounds.apply_results(work, results, self._now + longest)
        return longest

    def _note_lags(
        self, work: Sequence[CopyWork], results: Sequence[CopyResult], now: float
    ) -> None:
        """Note how long the objects that were copied have been readable."""
        lags = self._made.lags
        for task, result in zip(work, results, strict=True):
            if result.done:
                name = task.storage_class
                lag = now - self._readable(name, task.page, task.slice)
                lags[name] = max(lags.get(name, 0.0), lag)

    def _task_seconds(self, load: CopyLoad, ready: int, waiting: int, tasks: int) -> float:
        """Return the seconds of a call with some readable slices and some that are not."""
        run, speeds = self._timing.run, self._timing.speeds
        of_slice = 1 / self._slices
        look = 2 * speeds.read + self._listing
        took = speeds.function + 2 * speeds.read + (ready + waiting) * look
        requests = load.requests * of_slice
        transfer = load.bytes / GIB * of_slice * speeds.copy_gib
        copying = (requests * speeds.copy + transfer) / min(run.workers, max(1.0, requests))
        compared = 2 * COMPARED * load.objects * of_slice * speeds.read * self._is_copy
        copying += (1 + self._is_copy) * self._listing + compared + speeds.write
        if run.objects_per_second:  # the time for listings counts towards the rate
            copying = max(copying, load.objects * of_slice * tasks / run.objects_per_second)
        return took + ready * copying

    @cached_property
    def _listing(self) -> float:
        """The seconds of one ListObjects request for a slice."""
        speeds = self._timing.speeds
        keys = sum(load.objects for load in self._timing.workload.copied.values()) / self._slices
        return speeds.read + (speeds.listing - speeds.read) * min(1.0, keys / MAX_GROUP_SIZE)

    @cached_property
    def _is_copy(self) -> bool:
        return isinstance(self._timing.run.then, CopyTo)


def _calls(seconds: float) -> int:
    """Return the number of calls of a task, which is repeated until its objects are copied."""
    return max(1, math.ceil(seconds / _CALL_SECONDS))
