"""The forecast of a run, from its plan, the cloud's quotas and the speed of its calls."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from infra.model.environment import FunctionName, Functions
from oss_restore.durations import rough
from oss_restore.language import gettext as _
from oss_restore.planning.forecast.copying import CopyModel
from oss_restore.planning.forecast.course import Course, OperationsByKind, gb_seconds, vcpu_seconds
from oss_restore.planning.forecast.listers import alone, partitioning, shard_count
from oss_restore.planning.forecast.looks import Looking
from oss_restore.planning.forecast.page_plan import Plan, plan
from oss_restore.planning.forecast.timing import Bound, Copying, Looks, PollLoop, Timing
from oss_restore.planning.forecast.workload import Quotas, Workload
from thaw.after_thaw import STANDARD, Promotion
from thaw.chosen_settings import Allowance, copies_at_once, settle
from thaw.days import SAFE_SECONDS, days_of, extension_days, thaw_seconds
from thaw.own_work import Speeds
from thaw.run_input import RunInput
from thaw.storage_classes import DAY_SECONDS
from thaw.usage import DAYS_OF_MONTH, GIB, Copies, Retrieval, Usage


@dataclass(frozen=True)
class DeploymentSettings:
    """The settings of a deployment's environment that a forecast needs."""

    functions: Functions = field(default_factory=Functions)
    relay_at_event: int = 4_000
    relay_look_at_event: int = 1_700
    copy_relay_at_event: int = 4_000
    allowance: Allowance = field(default_factory=Allowance)


@dataclass(frozen=True)
class Forecast:
    """The forecast of a run. Times are in seconds.

    Attributes:
        run: the run's settings, including automatically chosen ones.
        submit_seconds: time to request all objects, without waits for pages.
        wait_seconds: time spent waiting for thaws, once or page by page.
        total_seconds: time from the start to the end.
        busy_seconds: part of the total in which functions and flows work.
        bound: the bottleneck.
        usage: the billed usage.
        work: the operations of each function.
        concerns: limits that a run of this size would reach.
        copied_seconds: time until the last object is copied or promoted; None if none is.
    """

    run: RunInput
    plan: Plan
    submit_seconds: float
    wait_seconds: float
    total_seconds: float
    busy_seconds: float
    bound: Bound
    usage: Usage
    work: Mapping[FunctionName, OperationsByKind]
    concerns: tuple[str, ...] = ()
    copied_seconds: float | None = None

    @property
    def readable_seconds(self) -> float:
        """The time until the last object is readable, if the run waits for that."""
        return self.submit_seconds + self.wait_seconds


def forecast(
    workload: Workload,
    run: RunInput,
    *,
    quotas: Quotas = Quotas(),  # noqa: B008 - frozen
    speeds: Speeds = Speeds(),  # noqa: B008 - frozen
    deployment: DeploymentSettings = DeploymentSettings(),
) -> Forecast:
    """Predict a run in which nothing fails and nothing was thawed before.

    Args:
        workload: the objects to thaw.
        run: the run's settings; endpoint, bucket and filters do not matter.
        quotas: the account's quotas.
        speeds: the durations of single calls.
        deployment: settings of the deployment that would run it.
    """
    given, allowance = run, deployment.allowance
    shards = shard_count(workload, run, allowance)
    listers = max(1, shards)
    run = settle(given, allowance, listers=listers)
    share, of_lister = workload.share(listers), alone(run, listers)
    lister_plan = replace(
        plan(share, of_lister, relay_at_event=deployment.relay_at_event),
        shards=shards,
        partitioning=partitioning(workload, given, allowance),
    )
    timing = Timing(share, of_lister, quotas.share(listers), speeds, lister_plan)
    looking = Looking(timing, most=allowance.calls, relay_at_event=deployment.relay_look_at_event)
    copies = Copying()
    if run.then is not None and not run.dry_run:
        most = copies_at_once(allowance, listers)
        copies = CopyModel(timing, most=most, relay_at_event=deployment.copy_relay_at_event).play()
    course = Course(
        timing=timing,
        polls=timing.page_polls() if run.wait_for == "page" else PollLoop(0, 0.0),
        awaiting=looking.until_readable() if run.wait_for == "run" and not copies else Looks(),
        last=looking.at_the_end(),
        copies=copies,
    )
    readable = timing.submitting + course.wait_seconds
    spent = course.durations
    usage = Usage(
        retrievals=(*_retrievals(workload, run), *_extensions(workload, run, copies)),
        requests=course.requests,
        transitions=course.work.transitions,
        invocations=sum(course.work.calls.values()),
        vcpu_seconds=vcpu_seconds(spent, deployment.functions),
        gb_seconds=gb_seconds(spent, deployment.functions),
        copies=tuple(_copies_made(workload, run)) if copies else (),
    )
    return Forecast(
        run=run,
        plan=lister_plan,
        submit_seconds=timing.submitting,
        wait_seconds=course.wait_seconds,
        total_seconds=max(readable, copies.seconds) + course.ending,
        busy_seconds=course.busy,
        bound=timing.bound(course.wait_seconds, copies.busy),
        usage=usage,
        work=course.operations,
        concerns=(
            *(_too_late(run, copies) if copies else _too_short(workload, run, readable)),
            *_too_deep(listers * lister_plan.legs + course.awaiting.executions, quotas),
        ),
        copied_seconds=copies.seconds if copies else None,
    )


def _copies_made(workload: Workload, run: RunInput) -> Iterator[Copies]:
    assert run.then is not None
    ends = isinstance(run.then, Promotion) and not workload.keeps_versions
    into = run.then.storage_class or STANDARD
    for name, load in workload.copied.items():
        ended: float | None = 0.0
        if ends:
            months = load.young_byte_days / GIB / DAYS_OF_MONTH
            ended = None if load.young is None else months
        yield Copies(name, into, load.requests, ended)


def _retrievals(workload: Workload, run: RunInput) -> tuple[Retrieval, ...]:
    return tuple(
        Retrieval(name, run.tier_of(name), objects, size / GIB, days_of(run, name), frozen)
        for name, count in workload.objects.items()
        for readable, readable_bytes in [
            (workload.readable.get(name, 0), workload.readable_bytes.get(name, 0))
        ]
        for objects, size, frozen in (
            (count - readable, workload.bytes_of(name) - readable_bytes, True),
            (readable, readable_bytes, False),
        )
        if objects
    )


def _too_short(workload: Workload, run: RunInput, readable: float) -> Iterator[str]:
    for name in workload.objects:
        days = days_of(run, name)
        needed = math.ceil((readable - thaw_seconds(run, name)) / DAY_SECONDS)
        if needed > days:
            yield _(
                "the first {storage_class} objects freeze again before the last "
                "ones are readable: use {needed} days, not {days}"
            ).format(storage_class=name, needed=needed, days=days)


def _extensions(workload: Workload, run: RunInput, copies: Copying) -> Iterator[Retrieval]:
    """Yield the extensions of objects that would expire before they are copied."""
    for name, waits in copies.lags.items():
        late = waits - (days_of(run, name) * DAY_SECONDS - SAFE_SECONDS)
        if late <= 0:
            continue
        days = extension_days(run, name)
        # The waiting time grows from the first object to the last.
        times = late / waits * (1 + math.ceil(late / (days * DAY_SECONDS))) / 2
        load = workload.copied[name]
        yield Retrieval(
            name,
            run.tier_of(name),
            load.objects * times,
            load.billed_bytes / GIB * times,
            days,
            frozen=False,
        )


def _too_late(run: RunInput, copies: Copying) -> Iterator[str]:
    for name, waits in copies.lags.items():
        days = days_of(run, name)
        if waits > days * DAY_SECONDS - SAFE_SECONDS:
            yield _(
                "{storage_class} objects wait up to {time} for their copies, but are requested for"
                " {days} days only: they are extended until they are copied, and the total includes"
                " that"
            ).format(storage_class=name, time=rough(waits), days=days)


def _too_deep(executions: int, quotas: Quotas) -> Iterator[str]:
    if executions > quotas.executions:
        yield _(
            "{executions:,} executions would wait for one another, but an "
            "account may have only {limit:,} running"
        ).format(executions=executions, limit=quotas.executions)
