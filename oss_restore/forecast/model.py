"""Predicts what a run takes, from its plan, the cloud's quotas and the speed of its calls."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from functions.contract import RunInput
from functions.days import days_of
from infra.model import FunctionName, Functions
from oss_restore.forecast.plan import LIST_KEYS, Plan, await_legs, plan
from oss_restore.forecast.timing import PAGE_STEPS, Bound, Timing, Waits
from oss_restore.forecast.usage import GIB, Retrieval, Usage
from oss_restore.forecast.workload import (
    DAY_SECONDS,
    Quotas,
    Speeds,
    Workload,
    thaw_seconds,
    tier_of,
)
from oss_restore.messages.planning import TOO_DEEP, TOO_SHORT

_POLL_STEPS: Final = 3  # Wait, GetJobStatus, CheckJobComplete
_START_STEPS: Final = 2  # init, checkShards
# rollUp, packRelay, relay; the leg's start, checkLeg, summarize, success
_RELAY_STEPS: Final = 6 + _START_STEPS
_RELAY_CALLS: Final = 3  # rollUp; the leg's init and summarize
_END_STEPS: Final = 4  # checkLeg, checkAwait, summarize, success
_AWAIT_STEPS: Final = 2  # init, JobSucceeded


@dataclass(frozen=True)
class Deployment:
    """What a deployment's environment sets, as far as a forecast needs it."""

    functions: Functions = field(default_factory=Functions)
    relay_at_event: int = 4_000


@dataclass(frozen=True)
class Forecast:
    """What a run takes. Times in seconds.

    Attributes:
        submit_seconds: for asking for everything; waits for pages are not in it.
        wait_seconds: for waiting, be it once or page by page.
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


def forecast(
    workload: Workload,
    run: RunInput,
    *,
    quotas: Quotas = Quotas(),  # noqa: B008 - frozen
    speeds: Speeds = Speeds(),  # noqa: B008 - frozen
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
    relay_at = deployment.relay_at_event
    made = plan(workload, run, foreach_limit=quotas.foreach, relay_at_event=relay_at)
    timing = Timing(workload, run, quotas, speeds, made)
    waits = timing.waits()
    awaits = await_legs(waits.looks, relay_at_event=relay_at) if run.wait_for == "run" else 0
    readable = timing.submitting + waits.seconds
    return Forecast(
        plan=made,
        submit_seconds=timing.submitting,
        wait_seconds=waits.seconds,
        total_seconds=readable + timing.summing_up,
        busy_seconds=timing.busy(waits),
        bound=timing.bound(waits),
        usage=_usage(timing, waits, awaits, deployment.functions),
        concerns=(
            *_too_short(workload, run, readable),
            *_too_deep(made.legs + awaits, quotas),
        ),
    )


def _usage(timing: Timing, waits: Waits, awaits: int, functions: Functions) -> Usage:
    made = timing.plan
    tasks = made.pages + made.groups
    steps = _START_STEPS + made.pages * PAGE_STEPS + made.groups
    steps += waits.looks * _POLL_STEPS + _END_STEPS
    if awaits:
        steps += 1 + awaits * _AWAIT_STEPS
    return Usage(
        retrievals=_retrievals(timing.workload, timing.run),
        requests={
            "ListObjects": _listings(timing, waits),
            "PutObject": 1 + tasks + 3,  # the input; pages and groups; summary and two reports
            "GetObject": made.reported,
        },
        transitions=steps + (made.legs - 1) * _RELAY_STEPS,
        invocations=2 + (made.legs - 1) * _RELAY_CALLS + tasks + waits.looks,
        gb_seconds=_gb_seconds(timing, waits, functions),
    )


def _listings(timing: Timing, waits: Waits) -> int:
    made = timing.plan
    # Every look lists from the cursor on; all looks of a loop together pass every key once.
    looked = 0
    if timing.run.wait_for == "page":
        looked = waits.looks + made.pages * (made.page_listings - 1)
    elif timing.run.wait_for == "run":
        looked = waits.looks - 1 + math.ceil(timing.passed / LIST_KEYS)
    ledger = 1  # its failures; and its pages and parts, where a report is written from them
    if made.reported:
        ledger += math.ceil(made.pages / LIST_KEYS) + math.ceil(made.groups / LIST_KEYS)
    return made.pages * made.page_listings + made.ranges + looked + ledger


def _retrievals(workload: Workload, run: RunInput) -> tuple[Retrieval, ...]:
    return tuple(
        Retrieval(
            storage_class=name,
            tier=tier_of(name, run),
            objects=count,
            gib=workload.bytes_of(name) / GIB,
            days=days_of(run, name),
        )
        for name, count in workload.objects.items()
    )


def _gb_seconds(timing: Timing, waits: Waits, functions: Functions) -> float:
    made = timing.plan
    seconds: dict[FunctionName, float] = {
        "prepareRun": made.legs * timing.starting,
        "listArchiveFiles": made.pages * timing.listing,
        "restore": made.groups * timing.restoring,
        "restoreStatus": waits.looks * timing.looking,
        "summarizeRun": timing.summing_up,
    }
    return sum(functions.size_of(name).memory / 1024 * spent for name, spent in seconds.items())


def _too_short(workload: Workload, run: RunInput, readable: float) -> Iterator[str]:
    for name in workload.objects:
        days = days_of(run, name)
        needed = math.ceil((readable - thaw_seconds(name, run)) / DAY_SECONDS)
        if needed > days:
            yield TOO_SHORT(storage_class=name, needed=needed, days=days)


def _too_deep(executions: int, quotas: Quotas) -> Iterator[str]:
    if executions > quotas.executions:
        yield TOO_DEEP(executions=executions, limit=quotas.executions)
