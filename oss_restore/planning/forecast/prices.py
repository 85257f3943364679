"""Prices, and what something costs by them. A price nobody knows stays unknown: it is never 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.model.user_files import FileError, read_yaml
from oss_restore.language import gettext as _
from oss_restore.planning.forecast.usage import Usage

PRICES: Final = Path(__file__).with_name("prices.yaml")

Currency = Literal["CNY", "USD"]
Mark = Literal["verified", "reported", "unknown"]


class Price(BaseModel):
    """Of one part of a bill, see ``prices.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    per: float = Field(gt=0)
    mark: Mark
    source: str = ""
    CNY: float | None = Field(default=None, ge=0)
    USD: float | None = Field(default=None, ge=0)
    free_a_month: float = 0

    def of(self, amount: float, currency: Currency) -> float | None:
        """Money for an amount, nothing of it free; None if the price is unknown."""
        price: float | None = getattr(self, currency)
        return None if price is None else amount / self.per * price


class Prices(BaseModel):
    """A price list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    noted: str
    sources: Mapping[str, str] = {}
    parts: Mapping[str, Price]


@dataclass(frozen=True)
class Item:
    """One line of a bill; ``money`` is None if its price is unknown."""

    part: str
    amount: float
    money: float | None
    mark: Mark


@dataclass(frozen=True)
class Bill:
    """What something costs, as far as prices are known."""

    currency: Currency
    items: tuple[Item, ...]

    @property
    def known(self) -> float:
        """The sum of what is known."""
        return sum(item.money or 0 for item in self.items)

    @property
    def unknown(self) -> tuple[Item, ...]:
        """What comes on top, at prices that are not known."""
        return tuple(item for item in self.items if item.money is None)


class InvalidPricesError(Exception):
    """A price list of somebody's own is none."""


def load_prices(own: Path | None = None) -> Prices:
    """Reads the project's price list.

    Args:
        own: a list of the same form whose prices count in place of the project's; it needs to have
            no more than the parts that differ.

    Raises:
        InvalidPricesError: it cannot be read, or a part in it is unknown.
    """
    prices = _read(PRICES)
    if own is None:
        return prices
    try:
        given = _read(own)
    except FileError as error:
        raise InvalidPricesError(str(error)) from error
    except ValidationError as error:
        raise InvalidPricesError(
            _("{file} is not a price list: {reason}").format(file=own, reason=error)
        ) from error
    if unknown := sorted(given.parts.keys() - prices.parts.keys()):
        raise InvalidPricesError(
            _("{file}: nothing is billed as {parts}").format(file=own, parts=", ".join(unknown))
        )
    return Prices(
        noted=given.noted,
        sources={**prices.sources, **given.sources},
        parts={**prices.parts, **given.parts},
    )


def _read(path: Path) -> Prices:
    return Prices.model_validate(read_yaml(path))


def bill(usage: Usage, prices: Prices, currency: Currency = "CNY") -> Bill:
    """The bill for a usage, in the order of the price list; free quotas are not taken off.

    Raises:
        KeyError: the price list lacks a part.
    """
    amounts = usage.parts()
    for part in amounts:
        prices.parts[part]
    return Bill(
        currency,
        tuple(
            Item(part, amounts[part], price.of(amounts[part], currency), price.mark)
            for part, price in prices.parts.items()
            if amounts.get(part)
        ),
    )
