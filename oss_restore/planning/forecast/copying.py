"""How copies follow the thaw: turn by turn, as copyFlow makes them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from oss_restore.planning.forecast.copy_turns import COMPARED, Copying
from oss_restore.planning.forecast.timing import Timing
from thaw.after_thaw import CopyTo
from thaw.copy_load import CopyLoad
from thaw.days import thaw_seconds
from thaw.limits import MAX_GROUP_SIZE
from thaw.poll_intervals import copy_wait
from thaw.usage import GIB

_SLICES_OF_TASK: Final = 5  # functions.copy_plan
_TURN_SECONDS: Final = 30
_PAGE_SECONDS: Final = 5
_CALL_SECONDS: Final = 360  # of one call, for copies (functions.invocation, functions.copy_task)


@dataclass
class _Lane:
    """The slices of one class.

    Attributes:
        load: all of its objects.
        place: the first slice that is not copied.
        width: slices to hand out.
        due: when to look at them.
    """

    name: str
    load: CopyLoad
    place: int = 0
    width: int = 1
    due: float = 0.0
    end: bool = False


@dataclass(frozen=True)
class CopyModel:
    """Works out the turns of one lister.

    Args:
        timing: of the lister.
        most: tasks side by side.
    """

    timing: Timing
    most: int

    @cached_property
    def per_page(self) -> int:
        """Slices of a page."""
        run, plan = self.timing.run, self.timing.plan
        groups = max(1, MAX_GROUP_SIZE // run.group_size)
        return max(1, math.ceil(plan.page_groups / groups) + self._sorted_out)

    @cached_property
    def slices(self) -> int:
        """Slices of all pages."""
        plan = self.timing.plan
        full, rest = divmod(plan.objects, plan.page_objects or 1)
        if not rest:
            return plan.pages * self.per_page
        groups = max(1, MAX_GROUP_SIZE // self.timing.run.group_size)
        last = math.ceil(math.ceil(rest / self.timing.run.group_size) / groups)
        return full * self.per_page + last + self._sorted_out

    def play(self) -> Copying:
        """Copy everything."""
        timing = self.timing
        lanes = [_Lane(name, load) for name, load in timing.workload.copied.items() if load.objects]
        made, now = Copying(), timing.run_preparation
        while True:
            now += self._plan(made)
            due = [lane for lane in lanes if not lane.end and lane.due <= now]
            slots = max(1, self.most // max(1, len(due)))
            work = [(lane, task) for lane in due for task in self._tasks(lane, slots, now, made)]
            if all(lane.end for lane in lanes):
                made.seconds = now
                return made
            if work:
                took = self._copy(work[: self.most], now, made)
            else:
                took = max(1, math.ceil(min(one.due for one in lanes if not one.end) - now))
            now += took + 2 * timing.speeds.step

    def readable(self, lane: _Lane, place: int) -> float:
        """When the last object of a slice is, from the start of the run."""
        timing, sent = self.timing, self.timing.workload.objects.get(lane.name, 0)
        begun = self._listed(place) + self._page_seconds
        if not sent:
            return self._listed(place)
        part = (place + 1) / self.slices
        size = timing.workload.bytes_of(lane.name) * part
        queue = timing.quotas.thawing_seconds(lane.name, sent * part, size)
        return max(begun, queue) + thaw_seconds(timing.run, lane.name)

    @cached_property
    def _most_slices(self) -> int:
        pace = self.timing.run.objects_per_second or math.inf
        in_time = min(pace * _TURN_SECONDS / MAX_GROUP_SIZE, _SLICES_OF_TASK * self.most)
        return math.ceil(max(1, in_time))

    @cached_property
    def _sorted_out(self) -> int:
        """Slices of a page with what needs no request."""
        workload, plan = self.timing.workload, self.timing.plan
        copied = sum(load.objects for load in workload.copied.values())
        return math.ceil(max(0.0, copied - workload.total) / plan.pages / MAX_GROUP_SIZE)

    @cached_property
    def _page_seconds(self) -> float:
        return self.timing.page_seconds

    def _listed(self, place: int) -> float:
        return self.timing.first_page_listed + place // self.per_page * self._page_seconds

    def _plan(self, made: Copying) -> float:
        made.plans += 1
        took = self.timing.speeds.function + self.timing.speeds.read
        made.planning += took
        return took

    def _tasks(self, lane: _Lane, slots: int, now: float, made: Copying) -> list[range]:
        """What to do next of a class: ranges of slices, none of them beyond its page."""
        if lane.place >= self.slices:
            lane.end = True
            made.page_reads += 1
            return []
        listed = math.floor((now - self.timing.first_page_listed) / self._page_seconds) + 1
        count = min(lane.width, min(self.slices, listed * self.per_page) - lane.place)
        if count <= 0:
            lane.due = now + _PAGE_SECONDS
            return []
        made.page_reads += (lane.place + count - 1) // self.per_page - lane.place // self.per_page
        made.page_reads += 1
        return list(self._cut(lane.place, count, math.ceil(count / slots)))[:slots]

    def _cut(self, first: int, count: int, size: int) -> Iterator[range]:
        place, behind = first, first + count
        while place < behind:
            page_end = (place // self.per_page + 1) * self.per_page
            end = min(place + size, page_end, behind)
            yield range(place, end)
            place = end

    def _copy(self, work: list[tuple[_Lane, range]], now: float, made: Copying) -> float:
        """Do a turn's tasks, and return how long the longest of them takes."""
        done: dict[str, list[tuple[range, int]]] = {}
        longest, copied_bytes = 0.0, 0.0
        lanes = {lane.name: lane for lane, _ in work}
        for lane, task in work:
            ready = sum(self.readable(lane, place) <= now for place in task)
            took = self._task_seconds(lane, ready, len(task) - ready, len(work))
            made.tasks += _calls(took)
            made.copied += ready
            made.looks += len(task) - ready
            made.copying += took
            longest = max(longest, took)
            copied_bytes += ready * lane.load.bytes / self.slices
            done.setdefault(lane.name, []).append((task, ready))
        longest = max(longest, copied_bytes / self.timing.quotas.copied_bytes_per_second)
        made.plans += _calls(longest) - 1
        if copied_bytes or any(ready for told in done.values() for _, ready in told):
            made.busy += longest
        for name, told in done.items():
            self._move(lanes[name], told, now + longest, made)
        return longest

    def _move(self, lane: _Lane, told: list[tuple[range, int]], now: float, made: Copying) -> None:
        for task, ready in told:
            if ready:
                lag = now - self.readable(lane, task.start)
                made.lags[lane.name] = max(made.lags.get(lane.name, 0.0), lag)
            lane.place = task.start + ready
            if ready < len(task):
                break
        if all(ready == len(task) for task, ready in told):
            lane.width, lane.due = min(2 * lane.width, self._most_slices), now
            return
        if not told[0][1]:
            lane.width = 1
        lane.due = now + copy_wait(lane.name, self.timing.run)

    def _task_seconds(self, lane: _Lane, ready: int, waiting: int, tasks: int) -> float:
        """One call, with slices that are readable and others that are not."""
        run, speeds = self.timing.run, self.timing.speeds
        load, of_slice = lane.load, 1 / self.slices
        look = 2 * speeds.read + self._listing
        took = speeds.function + 2 * speeds.read + (ready + waiting) * look
        requests = load.requests * of_slice
        transfer = load.bytes / GIB * of_slice * speeds.copy_gib
        copying = (requests * speeds.copy + transfer) / min(run.workers, max(1.0, requests))
        compared = 2 * COMPARED * load.objects * of_slice * speeds.read * self._is_copy
        copying += (1 + self._is_copy) * self._listing + compared + speeds.write
        if run.objects_per_second:  # listings are made up for
            copying = max(copying, load.objects * of_slice * tasks / run.objects_per_second)
        return took + ready * copying

    @cached_property
    def _listing(self) -> float:
        """One ListObjects of a slice."""
        speeds = self.timing.speeds
        keys = sum(load.objects for load in self.timing.workload.copied.values()) / self.slices
        return speeds.read + (speeds.listing - speeds.read) * min(1.0, keys / MAX_GROUP_SIZE)

    @cached_property
    def _is_copy(self) -> bool:
        return isinstance(self.timing.run.then, CopyTo)


def _calls(seconds: float) -> int:
    """How many calls a task takes that goes on until its objects are copied."""
    return max(1, math.ceil(seconds / _CALL_SECONDS))
