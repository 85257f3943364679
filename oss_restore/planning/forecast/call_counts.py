"""How often a run does what is billed: steps, function calls, requests to OSS.

A run of several listers is as many parts, between a start and an end that they have in common.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from infra.model.environment import FunctionName, Functions
from oss_restore.planning.forecast.timing import PollLoop, Timing
from oss_restore.planning.forecast.workload import LIST_KEYS
from thaw.limits import vcpu_of
from thaw.own_work import OwnWork


def own_work(timing: Timing, waits: PollLoop, awaits: int) -> OwnWork:
    """What the run's listers do together.

    Args:
        timing: of the run.
        waits: of one lister.
        awaits: executions of the awaiting flow that one lister takes.
    """
    made = timing.plan
    return OwnWork(
        listers=made.listers,
        shared=made.shards > 0,
        pages=made.listers * made.pages,
        groups=made.listers * made.groups,
        legs=made.listers * made.legs,
        looks=made.listers * waits.looks,
        awaits=made.listers * awaits,
        last_looks=made.listers * timing.last_looks,
    )


def gb_seconds(timing: Timing, work: OwnWork, functions: Functions) -> float:
    """Memory of all calls times their duration."""
    seconds = _seconds(timing, work)
    return sum(functions.size_of(name).memory / 1024 * spent for name, spent in seconds.items())


def vcpu_seconds(timing: Timing, work: OwnWork, functions: Functions) -> float:
    """The vCPU of all calls times their duration."""
    seconds = _seconds(timing, work)
    return sum(vcpu_of(functions.size_of(name).memory) * spent for name, spent in seconds.items())


def _seconds(timing: Timing, work: OwnWork) -> Mapping[FunctionName, float]:
    """What all calls of each function take together."""
    called, looks = work.calls, work.last_looks
    return {
        "prepareRun": timing.run_preparation + (called["prepareRun"] - 1) * timing.leg_preparation,
        "listArchiveFiles": called["listArchiveFiles"] / 2 * (timing.listing + timing.finding),
        "restore": called["restore"] * timing.restoring,
        "restoreStatus": called["restoreStatus"] * timing.looking,
        "summarizeRun": timing.run_summary
        + (called["summarizeRun"] - looks - 1) * timing.leg_summary
        + looks * timing.last_look,
        "notifyRun": timing.speeds.function,
    }


def requests(timing: Timing, waits: PollLoop) -> Mapping[str, float]:
    """Requests to OSS by operation; those that thaw are counted with their objects."""
    made = timing.plan
    pages, groups = made.listers * made.pages, made.listers * made.groups
    # The index of each page: for listing ahead of it, and once it was listed ahead; and of the
    # page that is waited for, at each look.
    indexes = 2 * pages - made.listers
    if timing.run.wait_for == "page":
        indexes += made.listers * waits.looks
    return {
        "ListObjects": made.listers * _listings(timing, waits) + _common_listings(timing),
        # The input; pages; tasks' marks and parts; what each lister found, and where it stands at
        # the end; summary, two reports.
        "PutObject": 1 + pages + 2 * groups + made.shards + made.listers + 3,
        # Each page once more for the last look, and what that found.
        "GetObject": indexes + groups + made.reported + made.shards + pages + made.listers,
    }


def _listings(timing: Timing, waits: PollLoop) -> int:
    """Of one lister."""
    made = timing.plan
    # Every look lists from the cursor on; all looks of a loop together pass every key once.
    looked = 0
    if timing.run.wait_for == "page":
        looked = waits.looks + made.pages * (made.page_listings - 1)
    elif timing.run.wait_for == "run":
        looked = waits.looks - 1 + math.ceil(timing.passed / LIST_KEYS)
    return 2 * made.pages * made.page_listings + looked  # for its page, and for the last look


def _common_listings(timing: Timing) -> int:
    """Of the run: where to cut its keys, and the ledger."""
    made = timing.plan
    # Its failures, where objects stand; what each lister found; pages and parts, where a report is
    # written.
    ledger = 2
    if made.shards:
        ledger += 1
    if made.reported:
        ledger += math.ceil(made.listers * made.pages / LIST_KEYS)
        ledger += math.ceil(made.listers * made.groups / LIST_KEYS)
    return made.partitioning.listings + made.partitioning.looks + ledger
