"""Bills for usage, by a price list. An unknown price stays unknown: it is never taken as 0.

Both the cost of runs and the forecasts of the command line are computed here, so they agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from thaw.phrases import Phrase
from thaw.prices import Currency, Mark, Price, Prices

_CENT: Final = 0.01

TOTAL: Final = Phrase("{money} {currency}")
TOTAL_WITHOUT: Final = Phrase("{money} {currency}, without {parts}, whose cost is not known")
# Keyed by the start of a part's name; the rest of the name begins with the storage class.
PARTS_IN_WORDS: Final[Mapping[str, Phrase]] = {
    "oss.requests.RestoreObject": Phrase("the requests for {storage_class} objects"),
    "oss.retrieved_gb": Phrase("the retrieval of {storage_class} data"),
    "oss.replica_gb_months": Phrase("the readable copies of {storage_class} objects"),
    "oss.requests.CopyObject": Phrase("the requests for {storage_class} copies"),
    "oss.early_deletion_gb_months": Phrase("the early deletion of {storage_class} objects"),
    "oss.storage_gb_months": Phrase("the storage of {storage_class} objects"),
    "oss.requests.others": Phrase("other requests to OSS"),
    "fnf.transitions": Phrase("workflow steps"),
    "fc.compute_units": Phrase("function calls"),
}


@dataclass(frozen=True)
class Item:
    """One line of a bill.

    Attributes:
        amount: None if it is unknown.
        money: None if the amount or its price is unknown.
    """

    part: str
    amount: float | None
    money: float | None
    mark: Mark

    @property
    def in_words(self) -> Phrase:
        """The item in words, such as ``the retrieval of DeepColdArchive data``."""
        start = next(start for start in PARTS_IN_WORDS if self.part.startswith(start))
        storage_class = self.part.removeprefix(start).strip(".").partition(".")[0]
        return PARTS_IN_WORDS[start].filled(storage_class=storage_class)


@dataclass(frozen=True)
class Bill:
    """A bill, as far as prices are known.

    Attributes:
        noted: the month of the prices, such as ``2026-11``.
    """

    currency: Currency
    items: tuple[Item, ...] = ()
    noted: str = ""

    @property
    def known(self) -> float:
        """The sum of the known items."""
        return sum(item.money or 0 for item in self.items)

    @property
    def unknown(self) -> tuple[Item, ...]:
        """The items without a known price or amount, which the sum does not include."""
        return tuple(item for item in self.items if item.money is None)

    @property
    def without(self) -> list[Phrase]:
        """The unknown items in words, without duplicates."""
        by_text = {str(item.in_words): item.in_words for item in self.unknown}
        return list(by_text.values())

    @property
    def total(self) -> Phrase:
        """The sum of the known items, and the names of the unknown ones."""
        parts = ", ".join(map(str, self.without))
        total = TOTAL_WITHOUT if parts else TOTAL
        return total.filled(money=money(self.known), currency=self.currency, parts=parts)

    def by(self, prices: Prices) -> Bill:
        """Return the same bill by another price list."""
        return bill({item.part: item.amount for item in self.items}, prices, self.currency)

    def to_json(self) -> dict[str, object]:
        """Return the bill as in a verdict."""
        return {
            "sentence": str(self.total),
            "currency": self.currency,
            "known": round(self.known, 6),
            "without": [str(phrase) for phrase in self.without],
            "pricesNoted": self.noted,
            "items": [vars(item) for item in self.items],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Bill:
        """Parse what :meth:`to_json` returned.

        Raises:
            KeyError: a field is missing.
            TypeError: an item has missing or unknown fields.
        """
        items = tuple(Item(**item) for item in data["items"])
        return cls(data["currency"], items, str(data["pricesNoted"]))


def bill(amounts: Mapping[str, float | None], prices: Prices, currency: Currency = "CNY") -> Bill:
    """Compute the bill for usage, in the order of the price list; free quotas are not deducted.

    Args:
        amounts: the amount used, by part of a bill; None if unknown.
        prices: the price list.
        currency: the currency of the bill.

    Raises:
        KeyError: the price list lacks a part.
    """
    for part in amounts:
        prices.parts[part]
    return Bill(
        currency,
        tuple(
            Item(part, amount, _money(amount, price, currency), price.mark)
            for part, price in prices.parts.items()
            if (amount := amounts.get(part, 0)) is None or amount
        ),
        prices.noted,
    )


def _money(amount: float | None, price: Price, currency: Currency) -> float | None:
    return None if amount is None else price.of(amount, currency)


def money(value: float) -> str:
    """Format an amount of money with two decimals; a small amount is never shown as 0."""
    return f"{value:,.2f}" if value >= _CENT or not value else f"< {_CENT}"
