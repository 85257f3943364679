"""The number of a run's parallel listers, and the settings of each.

All are assumed to have the same number of objects and the same share of every quota.
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

_LOOKS_FOR_A_LISTING: Final = 2  # approximately; each lists one key


def alone(run: RunInput, listers: int) -> RunInput:
    """Return the settings of a single one of the run's listers."""
    rate = run.objects_per_second
    return replace(
        run,
        prefixes=(),
        shards=ONE_SHARD,
        chosen=frozenset(),
        objects_per_second=None if rate is None else rate / listers,
    )


def shard_count(workload: Workload, run: RunInput, allowance: Allowance) -> int:
    """Return the number of listers with their own executions; 0 if the root lists everything.

    In a run that copies, even a single lister has its own execution.
    """
    keys = workload.total + workload.others
    if run.prefixes:
        return len(run.prefixes)
    if run.shards != AUTO_SHARDS:
        count = min(int(run.shards), max(1, keys))
    elif keys <= LIST_KEYS:
        count = 1
    else:  # keys that are only listed count for a quarter (thaw.partitioning)
        archived = workload.total + workload.others / 4
        count = listers_for(archived, most_listers(run, allowance))
    return count if count > 1 or run.then is not None else 0


def partitioning(workload: Workload, run: RunInput, allowance: Allowance) -> Partitioning:
    """Return the requests for dividing a run's keys into shards, or finding them too few."""
    if run.prefixes or run.shards == ONE_SHARD:
        return Partitioning()
    if run.shards == AUTO_SHARDS and most_listers(run, allowance) == 1:
        return Partitioning()
    keys = workload.total + workload.others
    listings = min(MAX_LISTINGS, math.ceil(keys / LIST_KEYS))
    if run.shards == AUTO_SHARDS:
        if keys <= LIST_KEYS:
            return Partitioning(1)
        listings += 1  # finds out whether there are enough keys to divide
    return Partitioning(listings, _LOOKS_FOR_A_LISTING * listings)
