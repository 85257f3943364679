from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from oss_restore.planning.forecast.prices import Price, Prices, bill, load_prices
from oss_restore.planning.forecast.usage import Retrieval, Usage
from thaw.storage_classes import ARCHIVE_CLASSES, TIERS


def usage(*retrievals: Retrieval, transitions: float = 0, **rest: Any) -> Usage:
    given: Mapping[str, Any] = {"requests": {}, "invocations": 0, "gb_seconds": 0, **rest}
    return Usage(retrievals=retrievals, transitions=transitions, **given)


def money(found: Usage, part: str, currency: Any = "CNY") -> float | None:
    (item,) = [item for item in bill(found, load_prices(), currency).items if item.part == part]
    return item.money


def test_transitions_cost_what_the_vendor_says() -> None:
    assert money(usage(transitions=20_000), "fnf.transitions") == pytest.approx(3.4)
    assert money(usage(transitions=20_000), "fnf.transitions", "USD") == pytest.approx(0.5)


def test_a_cold_object_costs_its_request_its_bytes_and_its_copy() -> None:
    found = usage(Retrieval("ColdArchive", "Bulk", objects=10_000, gib=100, days=15))
    assert money(found, "oss.requests.RestoreObject.ColdArchive.Bulk") == pytest.approx(0.3)
    assert money(found, "oss.retrieved_gb.ColdArchive.Bulk") == pytest.approx(3)
    assert money(found, "oss.replica_gb_months.ColdArchive") == pytest.approx(6)


def test_an_archive_object_has_no_copy_to_pay_for() -> None:
    found = usage(Retrieval("Archive", "", objects=10_000, gib=100, days=7))
    assert "oss.replica_gb_months.Archive" not in found.parts()
    assert bill(found, load_prices()).known == pytest.approx(0.1 + 6)


def test_a_price_that_nobody_knows_is_said_and_not_counted() -> None:
    found = bill(usage(gb_seconds=1_000, transitions=10_000), load_prices())
    assert [item.part for item in found.unknown] == ["fc.gb_seconds"]
    assert found.known == pytest.approx(1.7)


def test_no_price_is_known_in_dollars_that_is_known_in_yuan_only() -> None:
    found = usage(Retrieval("Archive", "", objects=10_000, gib=100, days=1))
    assert bill(found, load_prices(), "USD").known == 0
    assert len(bill(found, load_prices(), "USD").unknown) == 2


def test_the_list_has_every_part_that_a_bill_can_have() -> None:
    for name in ARCHIVE_CLASSES:
        for tier in TIERS[name] or ("",):
            bill(usage(Retrieval(name, tier, 1, 1, 1)), load_prices())


def test_a_part_that_the_list_lacks_is_an_error() -> None:
    empty = Prices(noted="", sources={}, parts={})
    with pytest.raises(KeyError):
        bill(usage(transitions=1), empty)


@pytest.mark.parametrize("part", load_prices().parts)
def test_every_price_names_its_source_or_is_unknown(part: str) -> None:
    prices = load_prices()
    price = prices.parts[part]
    if price.mark == "unknown":
        assert price.CNY is price.USD is None
    else:
        assert price.source in prices.sources
        assert price.CNY is not None


def test_a_price_list_with_a_typo_is_refused() -> None:
    with pytest.raises(ValidationError, match="CNX"):
        Price.model_validate({"per": 1, "mark": "verified", "CNX": 1})
