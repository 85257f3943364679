"""How often a run does what is billed: steps, function calls, requests to OSS.

A run of several listers is as many parts, between a start and an end that they have in common.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from infra.model.environment import FunctionName, Functions
from oss_restore.planning.forecast.timing import PAGE_STEPS, PollLoop, Timing
from oss_restore.planning.forecast.workload import LIST_KEYS
from thaw.limits import vcpu_of

_POLL_STEPS: Final = 3  # Wait, GetJobStatus, CheckJobComplete
_START_STEPS: Final = 2  # init, checkShards
# rollUp, packRelay, relay; the leg's start, checkLeg, summarize, checkTell, success
_RELAY_STEPS: Final = 7 + _START_STEPS
_END_STEPS: Final = 6  # checkLeg, checkAwait, checkLook, summarize, checkTell, success
_TELL_STEPS: Final = 1  # tellEnd, of the root alone
_AWAIT_STEPS: Final = 2  # init, JobSucceeded
# shardForeach, checkListers, summarize, checkTell, success; beside each runShard
_SHARING_STEPS: Final = _START_STEPS + 5
_VERIFY_STEPS: Final = 3  # of each lister: verify, init, success; beside verifyForeach
_VERIFYING_STEPS: Final = 2  # of each call: lookAtPages, checkMore


def transitions(timing: Timing, waits: PollLoop, awaits: int) -> int:
    """Steps that are entered.

    Args:
        timing: of the run.
        waits: of one lister.
        awaits: executions of the awaiting flow that one lister takes.
    """
    made = timing.plan
    each = _START_STEPS + made.pages * PAGE_STEPS + made.groups
    each += waits.looks * _POLL_STEPS + _END_STEPS
    each += (made.legs - 1) * _RELAY_STEPS
    if awaits:
        each += 1 + awaits * _AWAIT_STEPS
    verified = 1 + made.listers * (_VERIFY_STEPS + _VERIFYING_STEPS * timing.last_looks)
    if not made.shards:
        return each + verified + _TELL_STEPS
    return _SHARING_STEPS + verified + _TELL_STEPS + made.shards * (1 + each)


def calls(timing: Timing, waits: PollLoop) -> Mapping[FunctionName, int]:
    """Calls of each function."""
    made = timing.plan
    relays = made.legs - 1
    each: dict[FunctionName, int] = {
        "prepareRun": 1 + relays,
        "listArchiveFiles": 2 * made.pages,  # each page, and ahead while one is sent
        "restore": made.groups,
        "restoreStatus": waits.looks,
        # rollUp and the leg's own; those of the last look
        "summarizeRun": 1 + 2 * relays + timing.last_looks,
    }
    if not made.shards:
        return {**each, "notifyRun": 1}
    # summarize and checkListers
    common: dict[FunctionName, int] = {"prepareRun": 1, "summarizeRun": 2}
    shared = {name: made.shards * count + common.get(name, 0) for name, count in each.items()}
    return {**shared, "notifyRun": 1}


def gb_seconds(timing: Timing, waits: PollLoop, functions: Functions) -> float:
    """Memory of all calls times their duration."""
    seconds = _seconds(timing, waits)
    return sum(functions.size_of(name).memory / 1024 * spent for name, spent in seconds.items())


def vcpu_seconds(timing: Timing, waits: PollLoop, functions: Functions) -> float:
    """The vCPU of all calls times their duration."""
    seconds = _seconds(timing, waits)
    return sum(vcpu_of(functions.size_of(name).memory) * spent for name, spent in seconds.items())


def _seconds(timing: Timing, waits: PollLoop) -> Mapping[FunctionName, float]:
    """What all calls of each function take together."""
    called = calls(timing, waits)
    looks = timing.plan.listers * timing.last_looks
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
