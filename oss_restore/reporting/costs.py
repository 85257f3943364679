"""The cost of a run, from its ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from oss_restore.planning.forecast.model import forecast
from oss_restore.planning.forecast.workload import Workload, tier_of
from oss_restore.planning.survey import ObjectLoad
from thaw.bills import Bill
from thaw.days import days_of
from thaw.outcomes import Outcome
from thaw.prices import Currency, Prices
from thaw.run_input import RunInput
from thaw.storage_classes import ARCHIVE_CLASSES, SMALLEST_BILLED_BYTES
from thaw.totals import Totals
from thaw.usage import (
    CHARGED_REPLICAS,
    GIB,
    Retrieval,
    Usage,
)

_DAYS_OF_MONTH: Final = 30
_THAWED: Final = (Outcome.REQUESTED, Outcome.UPGRADED)


@dataclass(frozen=True)
class Cost:
    """The bill of a run.

    Attributes:
        bill: its lines.
        sized: whether the ledger records object sizes; without them, what is billed by
            size is not in the bill.
    """

    bill: Bill
    sized: bool


def cost_of(run: RunInput, totals: Totals, prices: Prices, *, currency: Currency = "CNY") -> Cost:
    """Calculate the cost of a run; its steps, calls and ledger requests are estimated.

    Args:
        run: its input.
        totals: what it has come to.
        prices: by which.
        currency: currency of the bill.
    """
    sized = all(totals.bytes[name] for name in ARCHIVE_CLASSES if _objects(totals, name, *_THAWED))
    usage = replace(_own_usage(run, totals), retrievals=tuple(_retrievals(run, totals)))
    made = usage.bill(prices, currency)
    if not sized:
        by_size = ("oss.retrieved_gb.", "oss.replica_gb_months.")
        items = tuple(item for item in made.items if not item.part.startswith(by_size))
        made = replace(made, items=items)
    return Cost(made, sized)


def daily_cost(
    readable: Mapping[str, ObjectLoad], prices: Prices, currency: Currency = "CNY"
) -> float:
    """Calculate the cost of readable copies per day, as far as prices are known.

    Args:
        readable: objects of each class; copies of Archive objects cost nothing.
        prices: by which.
        currency: of the answer.
    """
    charged = ((name, load) for name, load in readable.items() if name in CHARGED_REPLICAS)
    return sum(
        prices.parts[f"oss.replica_gb_months.{name}"].of(
            load.billed_bytes / GIB / _DAYS_OF_MONTH, currency
        )
        or 0
        for name, load in charged
    )


def _retrievals(run: RunInput, totals: Totals) -> Iterator[Retrieval]:
    for name in ARCHIVE_CLASSES:
        for outcomes, frozen in ((_THAWED, True), ((Outcome.EXTENDED,), False)):
            objects = _objects(totals, name, *outcomes)
            if objects:
                yield Retrieval(
                    storage_class=name,
                    tier=tier_of(name, run),
                    objects=objects,
                    gib=objects * _mean_bytes(totals, name) / GIB,
                    days=days_of(run, name),
                    frozen=frozen,
                )


def _mean_bytes(totals: Totals, storage_class: str) -> float:
    planned = totals.planned[storage_class]
    mean = totals.bytes[storage_class] / planned if planned else 0
    return max(mean, SMALLEST_BILLED_BYTES)


def _own_usage(run: RunInput, totals: Totals) -> Usage:
    """Estimate the usage apart from restore requests."""
    objects = {
        name: count
        for name in ARCHIVE_CLASSES
        if (count := _objects(totals, name, *_THAWED, Outcome.EXTENDED))
    }
    if not objects:
        return Usage((), {}, 0, 0, 0, 0)
    total = sum(objects.values())
    return forecast(Workload(objects, others=max(0, totals.scanned - total)), run).usage


def _objects(totals: Totals, storage_class: str, *outcomes: Outcome) -> int:
    found: Mapping[str, int] = totals.by_class.get(storage_class, {})
    return sum(found.get(outcome.value, 0) for outcome in outcomes)
