"""Choose the settings that neither a run's input nor its environment gives.

A run is made as fast as possible within its share of the account's quotas, which the environment
can change. Calls are few and large, since each costs a few requests and a step of the flow: a group
has a thousand objects, as many as one listing returns. There are as many listers as the number of
keys keeps busy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from thaw.flow_steps import PAGE_STEPS
from thaw.limits import MAX_FOREACH, MAX_GROUP_SIZE, MAX_KEYS
from thaw.run_input import AUTO_SHARDS, ONE_SHARD, RunInput

AnyRun = TypeVar("AnyRun", bound=RunInput)

MOST_LISTERS: Final = 8
OBJECTS_OF_LISTER: Final = 20_000  # one page: a lister does not pay off for fewer
SEQUENTIAL_PART: Final = 0.2  # OSS accepts 2,000 of 10,000 requests/s for sequential keys
_SMALLEST_GROUP: Final = 100  # in a page whose size is given
_PAGE_SECONDS: Final = 20  # for a page at a limited rate: its listing must not become outdated


@dataclass(frozen=True)
class Allowance:
    """A run's share of its account's quotas.

    Attributes:
        groups: parallel iterations of a foreach.
        instances: instances of Function Compute; an account has 100 or 300 (docs 357640).
        objects_per_second: RestoreObject requests per second; an account has 10,000 of all kinds
            (docs).
        steps_per_second: steps entered per second; an account has 100 (docs 122093).
    """

    groups: int = MAX_FOREACH
    instances: int = 80
    objects_per_second: float = 9_000
    steps_per_second: float = 50

    @property
    def calls(self) -> int:
        """The number of parallel calls of one function that a run may have."""
        return min(self.groups, self.instances)


def with_defaults(
    run_input: Mapping[str, object], defaults: Mapping[str, object]
) -> dict[str, object]:
    """Merge a run's input with its environment's defaults; null counts as absent."""
    merged = {**defaults, **{name: value for name, value in run_input.items() if value is not None}}
    return {name: value for name, value in merged.items() if value is not None}


def settle(run: AnyRun, allowance: Allowance, *, listers: int | None = None) -> AnyRun:
    """Choose a value for each setting in the run's ``chosen``.

    Args:
        run: the run's input.
        allowance: the run's share of the quotas.
        listers: the number of the run's listers; None while it is unknown.
    """
    free = run.chosen
    shards = run.shards
    if "shards" in free and (run.prefixes or run.manifest is not None):
        shards = ONE_SHARD
    elif "shards" in free and listers is not None:
        shards = str(listers)
    if listers is None:
        listers = len(run.prefixes) or (1 if shards == AUTO_SHARDS else int(shards))
    at_once = max(1, min(allowance.groups, allowance.instances // listers))
    rate = run.objects_per_second
    if "objectsPerSecond" in free:
        rate = allowance.objects_per_second * min(1.0, SEQUENTIAL_PART * listers)
        if run.then is not None:  # readable objects are copied while others are requested
            rate /= 2
    max_keys, group_size = run.max_keys, run.group_size
    if "maxKeys" in free:
        size = MAX_GROUP_SIZE if "groupSize" in free else group_size
        # One task copies a whole page of versions.
        most = MAX_GROUP_SIZE if run.copies_versions else MAX_KEYS
        max_keys = min(most, size * at_once)
        if rate is not None:
            max_keys = max(1, min(max_keys, int(rate / listers * _PAGE_SECONDS)))
    if "groupSize" in free:
        fewest = math.ceil(max_keys / at_once)
        wanted = MAX_GROUP_SIZE if "maxKeys" in free else max(_SMALLEST_GROUP, fewest)
        smallest = math.ceil(max_keys / allowance.groups)
        group_size = min(max(min(wanted, max_keys), smallest), MAX_GROUP_SIZE)
    if rate is not None and "objectsPerSecond" in free:
        steps = 1 / group_size + PAGE_STEPS / max_keys  # per object
        rate = min(rate, allowance.steps_per_second / steps)
    return replace(
        run, max_keys=max_keys, group_size=group_size, objects_per_second=rate, shards=shards
    )


def most_listers(run: RunInput, allowance: Allowance) -> int:
    """Return the maximum number of listers with an instance for each of their groups."""
    groups = 1
    if "maxKeys" not in run.chosen:
        size = MAX_GROUP_SIZE if "groupSize" in run.chosen else run.group_size
        groups = math.ceil(run.max_keys / size)
    return max(1, min(MOST_LISTERS, allowance.instances // groups))


def listers_for(objects: float, most: int = MOST_LISTERS) -> int:
    """Return the number of listers that a number of archived objects keeps busy."""
    return max(1, min(most, math.ceil(objects / OBJECTS_OF_LISTER)))


def copies_at_once(allowance: Allowance, listers: int) -> int:
    """Return the number of parallel copy tasks for each lister of a run.

    It is at most half a foreach, so that an execution has room for the events of a whole round.
    """
    return max(1, min(allowance.groups // 2, allowance.instances // max(1, listers)))
