"""Parallel listers: how many a run has, and what each of them does.

All are assumed to have the same number of objects, and the same part of every quota.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from oss_restore.planning.forecast.page_plan import Partitioning
from oss_restore.planning.forecast.workload import Workload
from thaw.chosen_settings import Allowance, listers_for, most_listers
from thaw.limits import LIST_KEYS
from thaw.partitioning import MAX_LISTINGS
from thaw.run_input import AUTO_SHARDS, ONE_SHARD, RunInput

_LOOKS_FOR_A_LISTING: Final = 2  # about, of one key


def alone(run: RunInput, listers: int) -> RunInput:
    """The settings of one of so many listers."""
    rate = run.objects_per_second
    return replace(
        run,
        prefixes=(),
        shards=ONE_SHARD,
        chosen=frozenset(),
        objects_per_second=None if rate is None else rate / listers,
    )


def shard_count(workload: Workload, run: RunInput, allowance: Allowance) -> int:
    """The number of listers with an execution of their own; 0 if the root lists everything.

    In a run that copies, even a single lister has its own.
    """
    keys = workload.total + workload.others
    if run.prefixes:
        return len(run.prefixes)
    if run.shards != AUTO_SHARDS:
        wanted = min(int(run.shards), max(1, keys))
    elif keys <= LIST_KEYS:
        wanted = 1
    else:  # keys that are only listed count for a quarter (thaw.partitioning)
        archived = workload.total + workload.others / 4
        wanted = listers_for(archived, most_listers(run, allowance))
    return wanted if wanted > 1 or run.then is not None else 0


def partitioning(workload: Workload, run: RunInput, allowance: Allowance) -> Partitioning:
    """What it takes to divide a run's keys into shards, or to find that they are too few."""
    if run.prefixes or run.shards == ONE_SHARD:
        return Partitioning()
    if run.shards == AUTO_SHARDS and most_listers(run, allowance) == 1:
        return Partitioning()
    keys = workload.total + workload.others
    listings = min(MAX_LISTINGS, math.ceil(keys / LIST_KEYS))
    if run.shards == AUTO_SHARDS:
        if keys <= LIST_KEYS:
            return Partitioning(1)
        listings += 1  # whether there is anything to cut
    return Partitioning(listings, _LOOKS_FOR_A_LISTING * listings)
