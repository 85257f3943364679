"""Incremental reading of the histories of a run's executions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from oss_restore.clients.flow_executions import FlowExecution
from oss_restore.clients.workflow import WorkflowClient
from oss_restore.runs.counts import Counts, sum_of
from oss_restore.runs.executions import (
    Leg,
    copies_of,
    copy_flow,
    latest_legs,
    leg_of,
    look_flow,
    run_of_wait,
)
from oss_restore.runs.progress import (
    AWAIT,
    LAST_LOOK,
    SHARE_OUT,
    SUCCESS,
    SUMMARIZE,
    CopyProgress,
    FailedAttempt,
    LegProgress,
    PageResults,
    Point,
    Progress,
    WaitProgress,
    readable_over_time,
)
from thaw.totals import Totals

_AFTER_REQUESTS = frozenset({SHARE_OUT, AWAIT, LAST_LOOK, SUMMARIZE, SUCCESS})
# The most legs whose pages are all read; with more legs, only the latest of each lister.
_LEGS_READ_BACK = 8


@dataclass
class RunHistory:
    """The executions of a run, as far as their histories have been read.

    Args:
        workflow: client of the service where they run.
        root: the execution that an operator started.
    """

    workflow: WorkflowClient
    root: FlowExecution
    _legs: dict[str, Leg] = field(default_factory=dict)
    _progress: dict[str, LegProgress] = field(default_factory=dict)
    _waits: dict[str, WaitProgress] = field(default_factory=dict)
    _copies: dict[str, CopyProgress] = field(default_factory=dict)
    _ended: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._legs[self.root.name] = leg_of(self.root)

    def read(self, *, back: bool = False) -> None:
        """Read new events, with only a few calls even for a long run.

        Args:
            back: whether to read the pages of earlier legs, too.
        """
        self._read_leg(self._legs[self.root.name])
        if self.root_progress.hands_over:
            self._find_legs()
            latest = list(latest_legs(self._listers()).values())
            few = len(self._legs) <= _LEGS_READ_BACK
            for leg in self._listers() if back and few else latest:
                self._read_leg(leg)
        if back or self.is_waiting:
            self._read_waits()
        if self.root_progress.run.get("then"):
            self._read_copies()

    @property
    def root_progress(self) -> LegProgress:
        """The progress of the root execution."""
        return self._progress[self.root.name]

    @property
    def steps(self) -> list[str]:
        """The current step of each lister, or of the root once they are done."""
        if self.sent:
            return [self.root_progress.step]
        return [self._progress[leg.execution.name].step for leg in self._latest()]

    @property
    def sent(self) -> bool:
        """Whether everything has been requested."""
        return self.root_progress.step in _AFTER_REQUESTS

    @property
    def is_waiting(self) -> bool:
        """Whether the run is only waiting."""
        return self.root_progress.step == AWAIT

    @property
    def leg_count(self) -> int:
        """The number of executions that list pages."""
        return len(self._listers())

    @property
    def shard_count(self) -> int:
        """The number of listers."""
        return len(self._latest())

    @property
    def totals(self) -> Totals:
        """The totals so far."""
        return sum_of(self._progress[leg.execution.name].totals for leg in self._latest())

    def submitted(self) -> list[Point]:
        """Return the number of requested objects over time."""
        submissions: list[tuple[datetime, int, int]] = []
        for leg in self._listers():
            pages = [(leg.started, leg.totals)]
            if leg.execution.name in self._progress:
                pages += self._progress[leg.execution.name].points
            submissions += [(moment, leg.shard, Counts.of(at).submitted) for moment, at in pages]
        by_shard: dict[int, int] = {}
        points = []
        for moment, shard, objects in sorted(submissions):
            by_shard[shard] = objects
            points.append(Point(moment, sum(by_shard.values())))
        return points

    def readable(self) -> list[Point]:
        """Return the number of objects known to be readable after each look."""
        return readable_over_time(look for wait in self._waits.values() for look in wait.looks)

    def copied(self) -> int | None:
        """Return the number of objects with finished copies; None if nothing is copied."""
        if not self.root_progress.run.get("then"):
            return None
        by_lister: dict[int, int] = {}
        for progress in self._copies.values():
            most = max(progress.objects, by_lister.get(progress.lister, 0))
            by_lister[progress.lister] = most
        return sum(by_lister.values())

    def take_failed_attempts(self) -> list[FailedAttempt]:
        """Return the tasks that have failed since the last call."""
        attempts = []
        read: list[Progress] = [
            *self._progress.values(),
            *self._waits.values(),
            *self._copies.values(),
        ]
        for progress in read:
            attempts += progress.failed_attempts
            progress.failed_attempts = []
        return attempts

    def take_results(self) -> list[PageResults]:
        """Return the pages that were finished since the last call."""
        results = []
        for progress in self._progress.values():
            results += progress.results
            progress.results = []
        return results

    def _listers(self) -> list[Leg]:
        """Return the legs that list pages, without a root that only waits for them."""
        legs = list(self._legs.values())
        return legs[1:] if self.root_progress.shares_out else legs

    def _latest(self) -> list[Leg]:
        legs = latest_legs(self._listers())
        return [leg for _, leg in sorted(legs.items()) if leg.execution.name in self._progress]

    def _find_legs(self) -> None:
        for execution in self._executions(self.root.flow):
            leg = leg_of(execution)
            if leg.run == self.root.name and not leg.is_root:
                self._legs.setdefault(execution.name, leg)

    def _read_leg(self, leg: Leg) -> None:
        progress = self._progress.setdefault(leg.execution.name, LegProgress(leg.totals))
        self._read_new(leg.execution, progress)

    def _read_waits(self) -> None:
        for execution in self._executions(look_flow(self.root.flow)):
            if run_of_wait(execution) == self.root.name:
                self._read_new(execution, self._waits.setdefault(execution.name, WaitProgress()))

    def _read_copies(self) -> None:
        for execution in self._executions(copy_flow(self.root.flow)):
            run, lister = copies_of(execution)
            if run == self.root.name:
                progress = self._copies.setdefault(execution.name, CopyProgress(lister))
                self._read_new(execution, progress)

    def _executions(self, flow: str) -> Iterator[FlowExecution]:
        """Yield a flow's executions since the run's start that are not completely read yet."""
        for page in self.workflow.executions(flow, started_from=self.root.started_at):
            for execution in page:
                if (flow, execution.name) not in self._ended:
                    yield execution

    def _read_new(self, execution: FlowExecution, progress: Progress) -> None:
        """Read the new events since the last call."""
        for event in self.workflow.events(
            execution.flow, execution.name, after=progress.last_event
        ):
            progress.add(event)
        if execution.ended:
            self._ended.add((execution.flow, execution.name))
