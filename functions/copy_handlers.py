"""The functions that copy what is readable: ``planCopies`` and ``copyObjects``."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from functions.copiers import object_copier, part_copier, target_store_at
from functions.copy_plan import CopyPlan
from functions.copy_target import check_place
from functions.copy_task import CopyTask, SliceProgress
from functions.handling import caught_error, handler
from functions.invocation import Invocation
from functions.rate_limit import Pacer
from thaw.copy_slices import CopySlice, copy_slices
from thaw.copy_work import CopyResult, CopyWork
from thaw.errors import InvalidInput
from thaw.json_reader import Reader
from thaw.limits import MAX_FOREACH
from thaw.shards import Shard, shard_of_page

_LISTING_SECONDS: Final = 3.0  # of a slice, before and after its objects are copied


@handler
def plan_copies(invocation: Invocation) -> dict[str, object]:
    """Plan copies: ``{run, shard, atOnce, state, work, results}`` -> ``{state, work, tasks, …}``.

    ``results`` has the result of ``copyObjects`` for each item of ``work``. The response has the
    ``work`` of the next round, with ``tasks`` items; if there are none, the next call is due in
    ``waitSeconds``, or ``end`` is true. ``recorded`` is the
    number of objects with a recorded outcome.

    ``{place: {endpoint, bucketName, prefix, versions}}`` -> the conditions for copies to a place,
    see :class:`functions.copy_target.PlaceFindings`; nothing is planned.
    """
    event = invocation.event
    if (place := event.value("place")) is not None:
        return _check_place(Reader(place, "place"), invocation)
    run = invocation.run()
    shard = Shard.parse(Reader(event.value("shard"), "the shard"))
    most = event.integer("atOnce", 1, 1, MAX_FOREACH)
    completed, state = _works(event.value("work")), event.value("state")
    results = [CopyResult.parse(text) for text in event.texts("results", ())]
    event.finish(allow_unknown=True)
    if len(results) != len(completed):
        raise InvalidInput("results must have the result of copyObjects for each item of work")
    ledger = invocation.ledger(run)
    now = ledger.check_stop()
    plan = CopyPlan.resume(
        ledger, shard.of(run), state, first_page=shard.first_page, most=most, now=now
    )
    plan.apply_results(completed, results)
    if ledger.has_died(shard.number):  # what it has not sent will never be readable
        plan.rounds.stop()
    work = plan.next_work()
    return {
        "state": plan.to_json(),
        "work": [task.to_json() for task in work],
        "tasks": len(work),
        "waitSeconds": plan.rounds.wait_seconds(now),
        "recorded": plan.recorded,
        "end": "true" if plan.rounds.finished else "false",
    }


def _check_place(place: Reader, invocation: Invocation) -> dict[str, object]:
    endpoint, name = place.required("endpoint"), place.required("bucketName")
    prefix, versions = place.text("prefix", ""), place.flag("versions", default=False)
    place.finish()
    key = f"{prefix}{secrets.token_hex(16)}"
    target = target_store_at(invocation, endpoint, name)
    findings = check_place(target, prefix, key=key, versions=versions).to_json()
    invocation.log.info("place checked", bucket=name, **findings)
    return findings


def _works(value: object) -> list[CopyWork]:
    return [CopyWork.from_json(item) for item in value] if isinstance(value, list) else []


@handler
def copy_objects(invocation: Invocation) -> dict[str, object]:
    """Copy slices: ``{run, shard, atOnce, work}`` -> ``{result}``, see :class:`CopyResult`.

    Copies the readable objects of some slices of a page, one slice after the other, or only keeps
    objects readable if ``work`` says so. With ``failure: {error, cause}``, copies nothing, and
    records the slices on which the flow has given up.
    """
    event = invocation.event
    run = invocation.run()
    shard = Shard.parse(Reader(event.value("shard"), "the shard"))
    most = event.integer("atOnce", 1, 1, MAX_FOREACH)
    (work,) = _works([event.value("work")])
    failure = event.value("failure")
    event.finish(allow_unknown=True)
    ledger = invocation.ledger(run)
    ledger.check_stop()
    mine = shard.of(run)
    pacer = Pacer(mine.objects_per_second, 1 / most, 0, catch_up_seconds=_LISTING_SECONDS)
    copier = object_copier(invocation, mine)
    parts = part_copier(invocation, mine, copier)
    task = CopyTask(mine, ledger, copier, parts, pacer, mine.prefix)
    page_slices = copy_slices(ledger.known_page(work.page), work.storage_class)
    slices = page_slices[work.slice : work.slice + work.slices]
    finished = CopyResult(len(slices), "d", 0)
    if work.keeps:
        for copies in slices if failure is None else ():
            extended = task.keep(copies, work.storage_class)
            invocation.log.info(
                "slice kept readable",
                run=run.run_id,
                page=copies.page,
                slice=copies.number,
                objects=extended,
            )
        return {"result": str(finished)}
    if failure is not None:
        error, cause = caught_error(Reader(failure, "failure"))
        for copies in slices:
            task.give_up(copies, work.storage_class, error=error, cause=cause)
        return {"result": str(finished)}
    progress = [_copy(invocation, task, copies, work.storage_class) for copies in slices]
    return {"result": str(_result(progress))}


def _copy(
    invocation: Invocation, task: CopyTask, copies: CopySlice, storage_class: str
) -> SliceProgress:
    progress = task.do(copies, storage_class)
    invocation.log.info(
        "slice copied",
        run=task.run.run_id,
        page=copies.page,
        slice=copies.number,
        shard=shard_of_page(copies.page),
        storage_class=storage_class,
        **vars(progress),
    )
    return progress


def _result(progress: Sequence[SliceProgress]) -> CopyResult:
    done = len(list(takewhile(lambda copies: not copies.left, progress)))
    recorded = sum(copies.recorded for copies in progress)
    if done == len(progress):
        return CopyResult(done, "d", recorded)
    if any(copies.ready for copies in progress):
        return CopyResult(done, "m", recorded)
    return CopyResult(done, "p" if recorded else "w", recorded)
