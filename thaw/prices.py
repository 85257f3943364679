"""Alibaba Cloud's prices, read from ``prices.json``, which also names their sources."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, Literal

_FILE: Final = Path(__file__).with_name("prices.json")

Currency = Literal["CNY", "USD"]
Mark = Literal["verified", "reported", "unknown"]


@dataclass(frozen=True)
class Price:
    """The price of one part of a bill, as in ``prices.json``."""

    per: float
    mark: Mark
    source: str = ""
    CNY: float | None = None
    USD: float | None = None
    note: str = ""

    def of(self, amount: float, currency: Currency) -> float | None:
        """Return the cost of an amount, without free quotas; None if the price is unknown."""
        price = self.CNY if currency == "CNY" else self.USD
        return None if price is None else amount / self.per * price


@dataclass(frozen=True)
class ComputeUnits:
    """Function Compute's conversion to compute units (CU)."""

    per_10000_calls: float
    per_vcpu_second: float
    per_gb_second: float

    def of(self, *, calls: float, vcpu_seconds: float, gb_seconds: float) -> float:
        """Return the CU of function calls; the default disk size is free."""
        return (
            calls / 10_000 * self.per_10000_calls
            + vcpu_seconds * self.per_vcpu_second
            + gb_seconds * self.per_gb_second
        )


@dataclass(frozen=True)
class Prices:
    """A price list.

    Attributes:
        noted: the month of the prices, such as ``2026-11``.
        parts: prices by part of a bill.
        sources: their sources.
    """

    noted: str
    parts: Mapping[str, Price]
    compute_units: ComputeUnits
    sources: Mapping[str, str] = field(default_factory=dict)


@cache
def built_in_prices() -> Prices:
    """Return the project's own price list."""
    data = json.loads(_FILE.read_text(encoding="utf-8"))
    units = {name: value for name, value in data["compute_units"].items() if name != "about"}
    return Prices(
        noted=data["noted"],
        parts={part: Price(**price) for part, price in data["parts"].items()},
        compute_units=ComputeUnits(**units),
        sources=data["sources"],
    )
