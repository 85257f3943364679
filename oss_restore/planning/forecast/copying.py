"""A simulation of the rounds in which copyFlow copies thawed objects (functions.copy_plan)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from oss_restore.planning.forecast.timing import COMPARED, Copying, Timing
from thaw.after_thaw import CopyTo
from thaw.copy_load import CopyLoad
from thaw.days import thaw_seconds
from thaw.limits import MAX_GROUP_SIZE
from thaw.poll_intervals import copy_wait
from thaw.usage import GIB

_SLICES_OF_TASK: Final = 5
_TURN_SECONDS: Final = 30
_KEEP_SECONDS: Final = 3 * 3600
_KEPT_SLICES_OF_TASK: Final = 20
_PAGE_SECONDS: Final = 5
_CALL_SECONDS: Final = 360  # time for copies in a call (functions.invocation, functions.copy_task)
_TURN_EVENTS: Final = 19
_TASK_EVENTS: Final = 9


@dataclass
class _Lane:
    """The slices of one storage class.

    Attributes:
        name: the storage class.
        load: its objects.
        place: index of the first slice that is not copied.
        width: slices to assign in the next round.
        due: when to go on, in seconds since the run's start.
        keep_due: when to check the waiting objects, in seconds since the run's start.
        end: whether nothing is left.
    """

    name: str
    load: CopyLoad
    place: int = 0
    width: int = 1
    due: float = 0.0
    keep_due: float = math.inf
    end: bool = False


class CopyModel:
    """Simulates the rounds of one lister.

    Args:
        timing: the lister's durations.
        most: tasks that may run in parallel.
        relay_at_event: event id at which an execution hands over to the next one.
    """

    def __init__(self, timing: Timing, *, most: int, relay_at_event: int) -> None:
        self._timing = timing
        self._most = most
        self._relay_at_event = relay_at_event
        self._made = Copying()
        self._now = timing.run_preparation

    def play(self) -> Copying:
        """Simulate rounds until everything is copied."""
        workload, made = self._timing.workload, self._made
        lanes = [_Lane(name, load) for name, load in workload.copied.items() if load.objects]
        self._plan()
        for lane in lanes:
            lane.keep_due = self._now + _KEEP_SECONDS
        while True:
            due = [lane for lane in lanes if not lane.end and lane.due <= self._now]
            slots = max(1, self._most // max(1, len(due)))
            work = [(lane, task) for lane in due for task in self._tasks(lane, slots)]
            left = [lane for lane in lanes if not lane.end]
            if not left:
                break
            if work:
                took = self._copy(work[: self._most])
            else:
                took = max(1, math.ceil(min(lane.due for lane in left) - self._now))
            self._now += took + 2 * self._timing.speeds.step
            self._plan()
            self._keep(lanes)
        events = made.plans * _TURN_EVENTS + made.tasks * _TASK_EVENTS
        made.executions = max(1, math.ceil(events / self._relay_at_event))
        made.seconds = self._now
        return made

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

    def _readable(self, lane: _Lane, place: int) -> float:
        """Return when the last object of a slice is readable, in seconds since the run's start."""
        timing, sent = self._timing, self._timing.workload.objects.get(lane.name, 0)
        listed = timing.first_page_listed + place // self._per_page * self._page_seconds
        if not sent:
            return listed
        part = (place + 1) / self._slices
        size = timing.workload.bytes_of(lane.name) * part
        queue = timing.quotas.thawing_seconds(lane.name, sent * part, size)
        return max(listed + self._page_seconds, queue) + thaw_seconds(timing.run, lane.name)

    @cached_property
    def _most_slices(self) -> int:
        pace = self._timing.run.objects_per_second or math.inf
        in_time = min(pace * _TURN_SECONDS / MAX_GROUP_SIZE, _SLICES_OF_TASK * self._most)
        return math.ceil(max(1, in_time))

    @cached_property
    def _page_seconds(self) -> float:
        return self._timing.page_seconds

    def _plan(self) -> None:
        took = self._timing.speeds.function + self._timing.speeds.read
        self._made.plans += 1
        self._made.planning += took
        self._now += took

    def _keep(self, lanes: list[_Lane]) -> None:
        """Simulate the checks of objects that wait for their copies, if they are due."""
        speeds = self._timing.speeds
        for lane in lanes:
            slices = self._listed_slices() - lane.place
            if lane.end or lane.keep_due > self._now or slices <= 0:
                continue
            lane.keep_due = self._now + _KEEP_SECONDS
            of_task = min(_KEPT_SLICES_OF_TASK, self._per_page, slices)
            tasks = math.ceil(slices / of_task)
            beside, look = speeds.function + 2 * speeds.read, speeds.read + self._listing
            self._made.tasks += tasks
            self._made.kept += slices
            self._made.page_reads += math.ceil(slices / self._per_page)
            self._made.copying += tasks * beside + slices * look
            for _ in range(math.ceil(tasks / self._most)):
                self._now += beside + of_task * look + 2 * speeds.step
                self._plan()

    def _listed_slices(self) -> int:
        """Count the slices of the pages listed so far."""
        passed = (self._now - self._timing.first_page_listed) / self._page_seconds
        return min(self._slices, (math.floor(passed) + 1) * self._per_page)

    def _tasks(self, lane: _Lane, slots: int) -> list[range]:
        """Return a class's next tasks: ranges of slices, each within a page."""
        if lane.place >= self._slices:
            self._made.page_reads += 1
            lane.end = True
            return []
        count = min(lane.width, self._listed_slices() - lane.place)
        if count <= 0:
            lane.due = self._now + _PAGE_SECONDS
            return []
        pages = (lane.place + count - 1) // self._per_page - lane.place // self._per_page
        self._made.page_reads += 1 + pages
        return list(self._cut(lane.place, count, math.ceil(count / slots)))[:slots]

    def _cut(self, first: int, count: int, size: int) -> Iterator[range]:
        place, behind = first, first + count
        while place < behind:
            page_end = (place // self._per_page + 1) * self._per_page
            end = min(place + size, page_end, behind)
            yield range(place, end)
            place = end

    def _copy(self, work: list[tuple[_Lane, range]]) -> float:
        """Simulate a round's tasks, and return the seconds that the longest one takes."""
        made = self._made
        done: dict[str, list[tuple[range, int]]] = {}
        longest, copied_bytes, any_ready = 0.0, 0.0, False
        for lane, task in work:
            ready = sum(self._readable(lane, place) <= self._now for place in task)
            took = self._task_seconds(lane, ready, len(task) - ready, len(work))
            made.tasks += _calls(took)
            made.copied += ready
            made.looks += len(task) - ready
            made.copying += took
            longest = max(longest, took)
            copied_bytes += ready * lane.load.bytes / self._slices
            any_ready = any_ready or ready > 0
            done.setdefault(lane.name, []).append((task, ready))
        longest = max(longest, copied_bytes / self._timing.quotas.copied_bytes_per_second)
        made.plans += _calls(longest) - 1
        made.busy += longest * any_ready
        for lane in {lane.name: lane for lane, _ in work}.values():
            self._move(lane, done[lane.name], self._now + longest)
        return longest

    def _move(self, lane: _Lane, done: list[tuple[range, int]], now: float) -> None:
        """Move past the copied slices of a class."""
        lags = self._made.lags
        for task, ready in done:
            if ready:
                lag = now - self._readable(lane, task.start)
                lags[lane.name] = max(lags.get(lane.name, 0.0), lag)
            lane.place = task.start + ready
            if ready < len(task):
                break
        if all(ready == len(task) for task, ready in done):
            lane.width, lane.due = min(2 * lane.width, self._most_slices), now
            return
        if not done[0][1]:
            lane.width = 1
        lane.due = now + copy_wait(lane.name, self._timing.run)

    def _task_seconds(self, lane: _Lane, ready: int, waiting: int, tasks: int) -> float:
        """Return the seconds of a call with some readable slices and some that are not."""
        run, speeds = self._timing.run, self._timing.speeds
        load, of_slice = lane.load, 1 / self._slices
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
