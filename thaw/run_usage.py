"""The billable usage of a run, from its totals.

Requests, data and copies are counted object by object. No run can meter its own steps and
functions: those are worked out from its pages and groups, with speeds that are assumed, and with
the memory that functions have unless an environment gives them another.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final

from thaw.chosen_settings import Allowance
from thaw.days import days_of
from thaw.limits import LIST_KEYS, memory_of, vcpu_of
from thaw.outcomes import Outcome
from thaw.own_work import OwnWork, Speeds, paced_seconds
from thaw.page_ranges import PAGES_AT_ONCE, PageRange, share_out
from thaw.poll_intervals import next_wait
from thaw.run_input import RunInput
from thaw.storage_classes import ARCHIVE_CLASSES
from thaw.totals import Totals
from thaw.usage import GIB, Retrieval, Usage

_THAWED: Final = (Outcome.REQUESTED, Outcome.UPGRADED)
_LOOK_SECONDS: Final = 0.75  # and of what is between two looks
# A Put request each, and for a thousand: three listings, what is read and written, 20 comparisons.
_COPY_REQUESTS: Final = 1.03


def usage_of_run(run: RunInput, totals: Totals, *, seconds: float, copies: int = 0) -> Usage:
    """The billable usage of a run.

    Args:
        run: its input, complete.
        totals: of all of it.
        seconds: its duration.
        copies: number of objects that it has copied or promoted.
    """
    retrievals = tuple(_retrievals(run, totals))
    work = _work(run, totals, seconds)
    calls = sum(work.calls.values())
    busy = _busy_seconds(run, totals, work, sum(one.objects for one in retrievals))
    memory = {name: memory_of(name) for name in busy}
    return Usage(
        retrievals=retrievals,
        requests={"OwnWork": _requests(totals, work), "Copies": copies * _COPY_REQUESTS},
        transitions=work.transitions,
        invocations=calls,
        vcpu_seconds=sum(vcpu_of(memory[name]) * spent for name, spent in busy.items()),
        gb_seconds=sum(memory[name] / 1024 * spent for name, spent in busy.items()),
    )


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
    """The size of so many objects, from the average size of the objects to be requested."""
    planned = totals.planned[storage_class]
    billed = totals.billed_bytes[storage_class]
    return billed / GIB * objects / planned if billed and planned else None


def _work(run: RunInput, totals: Totals, seconds: float) -> OwnWork:
    listers = len(run.prefixes) or (int(run.shards) if run.shards.isdecimal() else 1)
    waits = 0 if run.dry_run or run.wait_for == "none" else _waits(run, totals, seconds)
    together = waits if run.wait_for == "run" else 0
    ranges = len(share_out([PageRange(0, max(1, totals.pages) - 1)], Allowance().calls))
    return OwnWork(
        listers=listers,
        shared=bool(run.prefixes) or listers > 1,
        pages=totals.pages,
        groups=0 if run.dry_run else totals.parts,
        legs=listers,  # a relay takes over after some 170 pages, in 9 steps
        polls=waits - together,
        rounds=together + 1,
        looks=together * listers + ranges,
        looking=min(together, 1) + 1,
    )


def _waits(run: RunInput, totals: Totals, seconds: float) -> int:
    """The number of waits, after everything was sent or after each page."""
    thawing = [name for name in ARCHIVE_CLASSES if totals.of(name, *_THAWED)]
    if not thawing:
        return 1
    sending = sum(totals.planned.values()) / (run.objects_per_second or math.inf)
    slowest = max(thawing, key=lambda name: next_wait(name, run))
    first = next_wait(slowest, run, asked_for=0)  # until its tier can be done
    turn = next_wait(slowest, run) + _LOOK_SECONDS
    return 1 + max(0, math.floor((seconds - sending - first) / turn))


def _busy_seconds(
    run: RunInput, totals: Totals, work: OwnWork, requests: float
) -> Mapping[str, float]:
    """How long the calls of each function run, all together."""
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
    beside = {
        "listArchiveFiles": listing + work.pages * (2 * speeds.read + speeds.write),
        "restore": sending + work.groups * (speeds.read + 2 * speeds.write),
        "restoreStatus": looking + 2 * listing / PAGES_AT_ONCE,
    }
    return {
        name: calls * (speeds.function + speeds.read) + beside.get(name, 0.0)
        for name, calls in work.calls.items()
    }


def _requests(totals: Totals, work: OwnWork) -> float:
    """To OSS, beside those that thaw."""
    listings = 3 * totals.scanned / LIST_KEYS + work.polls + work.looks
    writes = work.pages + 2 * (work.groups + work.listers) + 4  # input, summary, two reports
    reads = 3 * work.pages + 2 * work.groups
    return listings + writes + reads
