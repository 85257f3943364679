"""Settings with which a run would have everything readable much sooner."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from oss_restore.planning.forecast.model import Forecast
from oss_restore.planning.forecast.prices import Bill
from oss_restore.planning.forecast.workload import Quotas, Workload
from oss_restore.planning.plan_inputs import Terms
from thaw.json_reader import camel_case
from thaw.run_input import RunInput
from thaw.run_input_parser import AUTO_SHARDS

_MAX_KEYS: Final = 1000
_GROUP_SIZE: Final = 50
_WORKERS: Final = 16
_MUCH_SOONER: Final = 0.8  # of the time that the run takes as it is
_HARDLY_LATER: Final = 1.2  # than with everything changed


@dataclass(frozen=True)
class Faster:
    """What to change, and what comes of it.

    Attributes:
        settings: that are not as the run has them, by JSON names.
        forecast: of the run with these.
    """

    settings: Mapping[str, object]
    forecast: Forecast
    bill: Bill


def faster(workload: Workload, run: RunInput, asked: Forecast, terms: Terms) -> Faster | None:
    """The fewest changes that make nearly as much of a difference as all; None if none is worth it.

    Args:
        workload: the frozen objects.
        run: what would be asked for. Whoever sets a pace wants that pace.
        asked: what that takes.
        terms: for time and money.
    """
    if run.objects_per_second is not None:
        return None
    found = [
        (changes, terms.forecast(workload, replace(run, **changes)))
        for changes in _changes(run, terms.quotas)
    ]
    best = min((forecast.readable_seconds for _, forecast in found), default=math.inf)
    if best > _MUCH_SOONER * asked.readable_seconds:
        return None
    changes, chosen = next(
        (changes, forecast)
        for changes, forecast in found
        if forecast.readable_seconds <= _HARDLY_LATER * best
    )
    settings = {camel_case(name): value for name, value in changes.items()}
    return Faster(settings, chosen, terms.bill(chosen))


def _changes(run: RunInput, quotas: Quotas) -> Iterator[Mapping[str, Any]]:
    """By how many settings they change; each names only what is not so already."""
    pages = {
        "max_keys": _MAX_KEYS,
        "group_size": max(_GROUP_SIZE, math.ceil(_MAX_KEYS / quotas.foreach)),
        "workers": _WORKERS,
        "wait_for": "run" if run.wait_for == "page" else run.wait_for,
    }
    bulk = {name: value for name, value in pages.items() if getattr(run, name) != value}
    is_one_listing = not run.prefixes and run.shards == RunInput.shards and run.manifest is None
    shards = {"shards": AUTO_SHARDS} if is_one_listing else {}
    for changes in (shards, bulk, {**bulk, **shards}):
        if changes:
            yield changes
