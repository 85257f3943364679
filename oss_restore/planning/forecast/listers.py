"""Listers side by side: how many a run has, and what falls to each of them.

They are taken to have as many objects each, and to get as much of every quota.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from oss_restore.planning.forecast.page_plan import Partitioning
from oss_restore.planning.forecast.workload import Quotas, Workload
from thaw.chosen_settings import Allowance, listers_for, most_listers
from thaw.limits import LIST_KEYS
from thaw.partitioning import MAX_LISTINGS
from thaw.run_input import AUTO_SHARDS, ONE_SHARD, RunInput

_LOOKS_FOR_A_LISTING: Final = 2  # about, of one key


@dataclass(frozen=True)
class Share:
    """One lister's part of a run.

    Attributes:
        workload: what it thaws.
        run: its settings.
        quotas: of the account, as far as this lister gets them.
    """

    workload: Workload
    run: RunInput
    quotas: Quotas

    @classmethod
    def of(cls, workload: Workload, run: RunInput, quotas: Quotas, listers: int) -> Share:
        """What falls to each of so many listers."""
        part = replace(
            workload,
            objects={name: math.ceil(count / listers) for name, count in workload.objects.items()},
            others=math.ceil(workload.others / listers),
            billed_bytes={name: size / listers for name, size in workload.billed_bytes.items()},
            copies={name: load.share(listers) for name, load in workload.copied.items()},
        )
        rate = run.objects_per_second
        alone = replace(
            run,
            prefixes=(),
            shards=ONE_SHARD,
            chosen=frozenset(),
            objects_per_second=None if rate is None else rate / listers,
        )
        return cls(part, alone, quotas.share(listers))


def shard_count(workload: Workload, run: RunInput, allowance: Allowance) -> int:
    """How many listers have an execution of their own; 0 where the run's own lists everything.

    Beside copies even a single one has.
    """
    return max(_shards(workload, run, allowance), 0 if run.then is None else 1)


def _shards(workload: Workload, run: RunInput, allowance: Allowance) -> int:
    if run.prefixes:
        return len(run.prefixes)
    keys = workload.total + workload.others
    if run.shards == AUTO_SHARDS:
        # Keys that are only listed count for a quarter (thaw.partitioning).
        wanted = (
            listers_for(workload.total + workload.others / 4, most_listers(run, allowance))
            if keys > LIST_KEYS
            else 1
        )
    else:
        wanted = min(int(run.shards), keys)
    return wanted if wanted > 1 else 0


def partitioning(workload: Workload, run: RunInput, allowance: Allowance) -> Partitioning:
    """What it takes to cut a run's keys into shards, or to find that they are too few."""
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
