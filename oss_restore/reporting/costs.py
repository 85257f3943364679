"""The cost of readable copies."""

from __future__ import annotations

from collections.abc import Mapping

from thaw.page_chunks import Tally
from thaw.prices import Currency, Prices
from thaw.usage import CHARGED_REPLICAS, DAYS_OF_MONTH, GIB


def daily_cost(readable: Mapping[str, Tally], prices: Prices, currency: Currency = "CNY") -> float:
    """Calculate the cost of readable copies per day, as far as prices are known.

    Args:
        readable: readable objects by class; copies of Archive objects are free.
        prices: the price list.
        currency: currency of the result.
    """
    charged = ((name, load) for name, load in readable.items() if name in CHARGED_REPLICAS)
    return sum(
        prices.parts[f"oss.replica_gb_months.{name}"].of(
            load.billed / GIB / DAYS_OF_MONTH, currency
        )
        or 0
        for name, load in charged
    )
