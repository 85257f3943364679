"""Predicts what a run takes, from its plan, the cloud's quotas and the speed of its calls."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from functions.contract import ARCHIVE, DEFAULT_TIER, RunInput
from functions.days import days_of
from functions.waits import first_wait, next_wait
from infra.model import FunctionName, Functions
from oss_restore.forecast.plan import LIST_KEYS, Plan, await_legs, plan
from oss_restore.forecast.usage import GIB, SMALLEST_BILLED_BYTES, Retrieval, Usage
from oss_restore.forecast.workload import THAW_SECONDS, Quotas, Speeds, Workload

RELAY_AT_EVENT: Final = 4_000
_DAY: Final = 86_400
_LEDGER_READERS: Final = 16  # threads of summarizeRun
_LOOK_SECONDS: Final = 120  # of listing, after which a look goes on in the next call
_REPORTED_PARTS: Final = 2_000  # of the ledger, up to which summarizeRun reads them all
_PAGE_STEPS: Final = 9  # 4 in the main flow and 5 in its child, beside the groups
_POLL_STEPS: Final = 3  # Wait, GetJobStatus, CheckJobComplete
_RELAY_STEPS: Final = 7  # rollUp, packRelay, relay; the leg's init, checkLeg, summarize, success
_RELAY_CALLS: Final = 3  # rollUp; the leg's init and summarize
_END_STEPS: Final = 4  # checkLeg, checkAwait, summarize, success
_AWAIT_STEPS: Final = 2  # init, JobSucceeded


class Bound(Enum):
    """What a run mostly waits for."""

    THAW = "the thaw itself: only a faster tier shortens it"
    THAW_QUOTA = "OSS's quota of thaws a second for this class"
    PAGES = "one page after another: larger pages, or more workers, shorten it"
    STEPS = "Serverless Workflow's step entries a second, of the whole account"
    PACE = "objectsPerSecond, which the run's input sets"
    PAGE_THAWS = "the thaw of each page before the next one is sent: waitFor run ends that"


@dataclass(frozen=True)
class Forecast:
    """What a run takes.

    Attributes:
        submit_seconds: until everything has been asked for.
        wait_seconds: from then until everything is readable, or at ``waitFor: page`` the waits
            within ``submit_seconds``' pages, added up.
        total_seconds: from the start to the end.
        busy_seconds: of these, the time in which functions and flows are at work, not waiting.
        bound: what most of that time goes to.
        usage: what is billed.
        concerns: limits that a run of this size would meet.
    """

    plan: Plan
    submit_seconds: float
    wait_seconds: float
    total_seconds: float
    busy_seconds: float
    bound: Bound
    usage: Usage
    concerns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deployment:
    """What a deployment's environment sets, as far as a forecast needs it."""

    functions: Functions = field(default_factory=Functions)
    relay_at_event: int = RELAY_AT_EVENT


def forecast(
    workload: Workload,
    run: RunInput,
    *,
    quotas: Quotas = Quotas(),  # noqa: B008 - frozen
    speeds: Speeds = Speeds(),  # noqa: B008
    deployment: Deployment = Deployment(),
) -> Forecast:
    """Predicts a run in which nothing fails and nothing was thawed before.

    Args:
        workload: what there is to thaw.
        run: its settings; endpoint, bucket and filters do not matter.
        quotas: of the account.
        speeds: of one call each.
        deployment: what runs it.
    """
    return _Model(workload, run, quotas, speeds, deployment).forecast()


@dataclass(frozen=True)
class _Waits:
    """A poll loop: how often it looks, and how long it takes."""

    looks: int
    seconds: float


class _Model:
    def __init__(
        self,
        workload: Workload,
        run: RunInput,
        quotas: Quotas,
        speeds: Speeds,
        deployment: Deployment,
    ) -> None:
        self.workload, self.run, self.quotas = workload, run, quotas
        self.speeds, self.deployment = speeds, deployment
        self.plan = plan(
            workload,
            run,
            foreach_limit=quotas.foreach,
            relay_at_event=deployment.relay_at_event,
        )

    @property
    def _passed(self) -> int:
        """Objects that a listing of everything passes."""
        return self.workload.total + self.workload.others

    def forecast(self) -> Forecast:
        page_bounds = self._page_bounds()
        page_seconds = max(page_bounds.values())
        pages, waits_by_page = self.plan.pages, self.run.wait_for == "page"
        submit = self._start_seconds() + pages * page_seconds
        if waits_by_page:
            each = self._waits(self._thaws(page_seconds, self.plan.page_objects), first=None)
            waits = _Waits(each.looks * pages, each.seconds * pages)
        elif self.run.wait_for == "run":
            thaws = self._thaws(submit, self.workload.total)
            waits = self._waits(thaws, first=float(self.run.poll_interval))
            waits = self._at_least_one_listing(waits)
        else:
            waits = _Waits(0, 0.0)
        end = self._summary_seconds()
        return Forecast(
            plan=self.plan,
            submit_seconds=submit,
            wait_seconds=waits.seconds,
            total_seconds=submit + waits.seconds + end,
            busy_seconds=self._start_seconds()
            + pages * page_bounds[Bound.PAGES]
            + waits.looks * self._look_seconds()
            + end,
            bound=self._bound(page_bounds, submit, waits),
            usage=self._usage(waits),
            concerns=tuple(self._concerns(waits, submit + waits.seconds)),
        )

    # --- time

    def _start_seconds(self) -> float:
        return self.speeds.function + self.speeds.write

    def _page_bounds(self) -> Mapping[Bound, float]:
        """Seconds that a full page takes at the least, by what makes it take them."""
        steps = _PAGE_STEPS + self.plan.page_groups
        pace = self.run.objects_per_second
        at_once = min(self.quotas.foreach, self.quotas.instances)
        waves = math.ceil(self.plan.page_groups / at_once)
        return {
            Bound.PAGES: self._listing_seconds()
            + waves * self._group_seconds()
            + _PAGE_STEPS * self.speeds.step,
            Bound.STEPS: steps / self.quotas.steps_per_second,
            Bound.PACE: self.plan.page_objects / pace if pace else 0.0,
        }

    def _listing_seconds(self) -> float:
        """Duration of one ``listArchiveFiles``."""
        listing = self.plan.page_listings * self.speeds.listing
        return self.speeds.function + listing + self.speeds.write

    def _group_seconds(self) -> float:
        """Duration of one ``restore``, with a full group."""
        objects = min(self.run.group_size, max(1, self.plan.page_objects))
        turns = math.ceil(objects / min(self.run.workers, objects))
        listing = self.speeds.read if self.plan.ranges else 0.0
        return self.speeds.function + listing + turns * self.speeds.restore + self.speeds.write

    def _look_seconds(self) -> float:
        """Duration of a ``restoreStatus`` that finds the first object still thawing."""
        return self.speeds.function + self.speeds.listing

    def _thaws(self, submitting: float, objects: int) -> list[tuple[float, str]]:
        """For each class, seconds from the end of submission until its last object is readable."""
        found = []
        for name, count in self.workload.objects.items():
            if not count:
                continue
            share = objects * count / self.workload.total
            rate = self.quotas.thaws_per_second(name)
            queue = 0.0 if rate is None else max(0.0, share / rate - submitting)
            found.append((queue + THAW_SECONDS[name, self._tier(name)], name))
        return sorted(found)

    def _waits(self, thaws: list[tuple[float, str]], *, first: float | None) -> _Waits:
        """The poll loop after a submission: the class that is still thawing says how often."""
        if not thaws:
            return _Waits(0, 0.0)
        names = [name for _, name in thaws]
        now = first_wait(names, (), self.run) if first is None else first
        looks, look = 1, self._look_seconds()
        now += look
        for seconds, name in thaws:
            turn = next_wait([name], self.run) + look
            more = max(0, math.ceil((seconds + look - now) / turn))
            looks, now = looks + more, now + more * turn
        return _Waits(looks, now)

    def _at_least_one_listing(self, waits: _Waits) -> _Waits:
        """A run is listed about once while it is awaited, in calls of two minutes."""
        listings = self._passed / LIST_KEYS * self.speeds.listing
        calls = math.floor(listings / _LOOK_SECONDS)
        return _Waits(waits.looks + calls, max(waits.seconds, listings + calls))

    @property
    def _reported(self) -> int:
        """Objects of the ledger that the report is written from; none where they are too many."""
        made = self.plan
        return made.pages + made.groups if made.groups <= _REPORTED_PARTS else 0

    def _summary_seconds(self) -> float:
        reading = math.ceil(self._reported / _LEDGER_READERS) * self.speeds.read
        return self.speeds.function + reading + 3 * self.speeds.write

    def _bound(self, pages: Mapping[Bound, float], submit: float, waits: _Waits) -> Bound:
        """Whichever would take longest if it were alone."""
        alone = {max(pages, key=lambda bound: pages[bound]): submit}
        if self.run.wait_for == "page":
            alone[Bound.PAGE_THAWS] = waits.seconds
        elif self.run.wait_for == "run":
            classes = [(name, count) for name, count in self.workload.objects.items() if count]
            alone[Bound.THAW] = max(THAW_SECONDS[name, self._tier(name)] for name, _ in classes)
            alone[Bound.THAW_QUOTA] = max(
                count / (self.quotas.thaws_per_second(name) or math.inf) for name, count in classes
            )
        return max(alone, key=lambda bound: alone[bound])

    # --- what is billed

    def _usage(self, waits: _Waits) -> Usage:
        made = self.plan
        # Every look lists from the cursor on; all looks of a loop pass every key once.
        looked, awaits = 0, 0
        if self.run.wait_for == "page":
            looked = waits.looks + made.pages * (made.page_listings - 1)
        elif self.run.wait_for == "run":
            looked = waits.looks - 1 + math.ceil(self._passed / LIST_KEYS)
            awaits = await_legs(waits.looks, relay_at_event=self.deployment.relay_at_event)
        steps = (
            1
            + made.pages * _PAGE_STEPS
            + made.groups
            + (made.legs - 1) * _RELAY_STEPS
            + waits.looks * _POLL_STEPS
            + _END_STEPS
        )
        if awaits:
            steps += 1 + awaits * _AWAIT_STEPS
        listings = made.pages * made.page_listings + made.ranges
        return Usage(
            retrievals=self._retrievals(),
            requests={
                "ListObjects": listings + looked + self._ledger_listings(),
                "PutObject": 1 + made.pages + made.groups + 3,
                "GetObject": self._reported,
            },
            transitions=steps,
            invocations=2 + (made.legs - 1) * _RELAY_CALLS + made.pages + made.groups + waits.looks,
            gb_seconds=self._gb_seconds(waits),
        )

    def _ledger_listings(self) -> int:
        """Of the failures always; of the pages and parts where a report is written from them."""
        if not self._reported:
            return 1
        made = self.plan
        return 1 + math.ceil(made.pages / LIST_KEYS) + math.ceil(made.groups / LIST_KEYS)

    def _retrievals(self) -> tuple[Retrieval, ...]:
        size = max(self.workload.object_bytes, SMALLEST_BILLED_BYTES)
        return tuple(
            Retrieval(
                storage_class=name,
                tier=self._tier(name),
                objects=count,
                gib=count * size / GIB,
                days=days_of(self.run, name),
            )
            for name, count in self.workload.objects.items()
            if count
        )

    def _gb_seconds(self, waits: _Waits) -> float:
        made = self.plan
        seconds: dict[FunctionName, float] = {
            "prepareRun": made.legs * self._start_seconds(),
            "listArchiveFiles": made.pages * self._listing_seconds(),
            "restore": made.groups * self._group_seconds(),
            "restoreStatus": waits.looks * self._look_seconds(),
            "summarizeRun": self._summary_seconds(),
        }
        functions = self.deployment.functions
        return sum(
            functions.size_of(name).memory / 1024 * duration for name, duration in seconds.items()
        )

    # --- limits

    def _concerns(self, waits: _Waits, until_readable: float) -> list[str]:
        found = []
        for name in self.workload.objects:
            days = days_of(self.run, name)
            needed = math.ceil((until_readable - THAW_SECONDS[name, self._tier(name)]) / _DAY)
            if needed > days:
                found.append(
                    f"the first {name} objects are frozen again before the last ones are readable:"
                    f" ask for {needed} days, not {days}"
                )
        nested = self.plan.legs + await_legs(
            waits.looks, relay_at_event=self.deployment.relay_at_event
        )
        if nested > self.quotas.executions:
            found.append(
                f"{nested:,} executions would wait for one another, more than the"
                f" {self.quotas.executions:,} that an account may have running"
            )
        return found

    def _tier(self, storage_class: str) -> str:
        return "" if storage_class == ARCHIVE else self.run.tier or DEFAULT_TIER
