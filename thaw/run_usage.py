"""The billable usage of a run, computed from its totals.

Requests, data and copies are counted object by object. A run cannot meter its own steps and
functions: these are derived from its pages and groups, with assumed speeds and the default memory
of the functions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from thaw.after_thaw import STANDARD
from thaw.chosen_settings import Allowance
from thaw.days import days_of
from thaw.limits import LIST_KEYS, MAX_GROUP_SIZE, memory_of, vcpu_of
from thaw.outcomes import Outcome
from thaw.own_work import CopyingWork, OwnWork, Speeds, paced_seconds
from thaw.page_ranges import PAGES_AT_ONCE, PageRange, share_out
from thaw.poll_intervals import copy_wait, next_wait
from thaw.run_input import RunInput
from thaw.standings import CopyTally
from thaw.storage_classes import ARCHIVE_CLASSES
from thaw.totals import Totals
from thaw.usage import DAYS_OF_MONTH, GIB, Copies, Retrieval, Usage

_THAWED: Final = (Outcome.REQUESTED, Outcome.UPGRADED)
_LOOK_SECONDS: Final = 0.75  # duration of a look, and of the steps between two looks
# Further requests per copy: three listings, reads and writes, and 20 comparisons per thousand.
_FURTHER_REQUESTS: Final = 0.03


def usage_of_run(
    run: RunInput,
    totals: Totals,
    *,
    seconds: float,
    copies: Mapping[str, CopyTally] = MappingProxyType({}),
) -> Usage:
    """Compute the billable usage of a run.

    Args:
        run: the run's complete input.
        totals: the totals of the whole run.
        seconds: its duration.
        copies: the copies that it has made, by class.
    """
    retrievals = tuple(_retrievals(run, totals))
    copied = sum(tally.objects for tally in copies.values())
    work = _work(run, totals, seconds)
    calls = sum(work.calls.values())
    busy = _busy_seconds(run, totals, work, sum(retrieval.objects for retrieval in retrievals))
    memory = {name: memory_of(name) for name in busy}
    return Usage(
        retrievals=retrievals,
        requests={"OwnWork": _requests(totals, work), "Copying": copied * _FURTHER_REQUESTS},
        transitions=work.transitions,
        invocations=calls,
        vcpu_seconds=sum(vcpu_of(memory[name]) * spent for name, spent in busy.items()),
        gb_seconds=sum(memory[name] / 1024 * spent for name, spent in busy.items()),
        copies=tuple(_copies(run, copies)),
    )


def _copies(run: RunInput, copies: Mapping[str, CopyTally]) -> Iterator[Copies]:
    into = (run.then.storage_class if run.then else "") or STANDARD
    for name, tally in copies.items():
        months = tally.ended_byte_days / GIB / DAYS_OF_MONTH
        yield Copies(name, into, tally.requests, months)


def _retrievals(run: RunInput, totals: Totals) -> Iterator[Retrieval]:
    for name in ARCHIVE_CLASSES:
        for outcomes, frozen in ((_THAWED, True), ((Outcome.EXTENDED,), False)):
            objects = totals.of(name, *outcomes)
            if objects:
                yield Retrieval(
                    storage_class=name,
                    tier=run.tier_of(name),
                    objects=objects,
                    gib=_gib(totals, name, objects),
                    days=days_of(run, name),
                    frozen=frozen,
                )


def _gib(totals: Totals, storage_class: str, objects: int) -> float | None:
    """Estimate the size of some objects from the average size of those to be requested."""
    planned = totals.planned[storage_class]
    billed = totals.billed_bytes[storage_class]
    return billed / GIB * objects / planned if billed and planned else None


def _work(run: RunInput, totals: Totals, seconds: float) -> OwnWork:
    listers = len(run.prefixes) or (int(run.shards) if run.shards.isdecimal() else 1)
    waits = 0 if run.dry_run or run.wait_for == "none" else _waits(run, totals, seconds)
    together = waits if run.wait_for == "run" and run.then is None else 0
    ranges = len(share_out([PageRange(0, max(1, totals.pages) - 1)], Allowance().calls))
    return OwnWork(
        listers=listers,
        shared=bool(run.prefixes) or listers > 1 or run.then is not None,
        pages=totals.pages,
        groups=0 if run.dry_run else totals.parts,
        legs=listers,  # a relay takes over after some 170 pages, in 9 steps
        polls=waits if run.wait_for == "page" else 0,
        rounds=together + 1,
        looks=together * listers + ranges,
        looking=min(together, 1) + 1,
        copying=None if run.then is None or run.dry_run else _copying(totals, listers, waits),
    )


def _copying(totals: Totals, listers: int, waits: int) -> CopyingWork:
    """Estimate the work of copying.

    Rounds double until they hold all slices, and a look at the first slice follows each wait.
    """
    slices = math.ceil(totals.listed / MAX_GROUP_SIZE)
    turns = listers * (1 + math.ceil(math.log2(1 + slices / listers)))
    looks = listers * (waits - 1)
    return CopyingWork(
        listers=listers,
        executions=listers,
        plans=turns + 2 * looks + listers,
        tasks=slices + looks,
    )


def _waits(run: RunInput, totals: Totals, seconds: float) -> int:
    """Return the number of waits, after everything was sent or after each page."""
    thawing = [name for name in ARCHIVE_CLASSES if totals.of(name, *_THAWED)]
    if not thawing:
        return 1
    sending = sum(totals.planned.values()) / (run.objects_per_second or math.inf)
    slowest = max(thawing, key=lambda name: next_wait(name, run))
    if run.then is not None:
        return 1 + math.floor(seconds / (copy_wait(slowest, run) + _LOOK_SECONDS))
    first = next_wait(slowest, run, requested_ago=0)  # until the earliest end of its tier
    turn = next_wait(slowest, run) + _LOOK_SECONDS
    return 1 + max(0, math.floor((seconds - sending - first) / turn))


def _busy_seconds(
    run: RunInput, totals: Totals, work: OwnWork, requests: float
) -> Mapping[str, float]:
    """Return the total duration of the calls, by function."""
    speeds = Speeds()
    listing = totals.scanned / LIST_KEYS * speeds.listing
    sending = requests * speeds.restore / run.workers
    if run.objects_per_second:
        paced = work.listers * paced_seconds(
            math.ceil(requests / work.listers),
            max_keys=run.max_keys,
            group_size=run.group_size,
            pace=run.objects_per_second / work.listers,
        )
        sending = max(sending, paced)
    looking = (work.polls + work.looks) * (speeds.read + speeds.listing)
    copying = totals.listed * speeds.copy / run.workers if work.copying else 0.0
    if run.objects_per_second:
        copying = max(copying, totals.listed / run.objects_per_second)
    further_seconds = {
        "copyObjects": copying + 4 * listing,
        "listArchiveFiles": listing + work.pages * (2 * speeds.read + speeds.write),
        "restore": sending + work.groups * (speeds.read + 2 * speeds.write),
        "restoreStatus": looking + 2 * listing / PAGES_AT_ONCE,
    }
    return {
        name: calls * (speeds.function + speeds.read) + further_seconds.get(name, 0.0)
        for name, calls in work.calls.items()
    }


def _requests(totals: Totals, work: OwnWork) -> float:
    """Return the number of requests to OSS, without those that thaw."""
    listings = 3 * totals.scanned / LIST_KEYS + work.polls + work.looks
    writes = work.pages + 2 * (work.groups + work.listers) + 4  # input, summary, two reports
    reads = 3 * work.pages + 2 * work.groups
    return listings + writes + reads
