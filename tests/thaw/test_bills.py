"""Costs, and what a total does not include."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from thaw.bills import Bill, bill
from thaw.limits import vcpu_of
from thaw.prices import Price, built_in_prices
from thaw.storage_classes import ARCHIVE_CLASSES, TIERS
from thaw.usage import Retrieval, Usage

PRICES = built_in_prices()


def usage(*retrievals: Retrieval, transitions: float = 0, **rest: Any) -> Usage:
    given: Mapping[str, Any] = {
        "requests": {},
        "invocations": 0,
        "vcpu_seconds": 0,
        "gb_seconds": 0,
        **rest,
    }
    return Usage(retrievals=retrievals, transitions=transitions, **given)


def money(found: Usage, part: str, currency: Any = "CNY") -> float | None:
    (item,) = [item for item in found.bill(PRICES, currency).items if item.part == part]
    return item.money


def test_transitions_are_billed_at_the_vendors_price_from_the_first_one() -> None:
    assert money(usage(transitions=20_000), "fnf.transitions") == pytest.approx(3.4)
    assert money(usage(transitions=20_000), "fnf.transitions", "USD") == pytest.approx(0.5)
    assert money(usage(transitions=5_000), "fnf.transitions") == pytest.approx(0.85)


def test_functions_are_billed_in_compute_units_for_calls_vcpu_and_memory() -> None:
    """The vendor's example: 3 million calls of 200 ms with 512 MB and 0.25 vCPU."""
    seconds = 3_000_000 * 0.2
    found = usage(invocations=3_000_000, vcpu_seconds=seconds * 0.25, gb_seconds=seconds * 0.5)
    units = 22_500 + 150_000 + 45_000
    assert found.parts(PRICES.compute_units)["fc.compute_units"] == pytest.approx(units)
    assert money(found, "fc.compute_units") == pytest.approx(units * 0.00011)
    assert money(found, "fc.compute_units", "USD") == pytest.approx(units * 0.00002)


def test_a_function_of_512_mib_has_a_third_of_a_vcpu() -> None:
    assert vcpu_of(512) == 0.35


def test_a_cold_archive_object_costs_request_retrieval_and_readable_copy() -> None:
    found = usage(Retrieval("ColdArchive", "Bulk", objects=10_000, gib=100, days=15))
    assert money(found, "oss.requests.RestoreObject.ColdArchive.Bulk") == pytest.approx(0.3)
    assert money(found, "oss.retrieved_gb.ColdArchive.Bulk") == pytest.approx(3)
    assert money(found, "oss.replica_gb_months.ColdArchive") == pytest.approx(6)
    assert money(found, "oss.replica_gb_months.ColdArchive", "USD") == pytest.approx(0.865)


def test_an_archive_object_has_no_billed_readable_copy() -> None:
    found = usage(Retrieval("Archive", "", objects=10_000, gib=100, days=7))
    assert "oss.replica_gb_months.Archive" not in found.parts(PRICES.compute_units)
    assert found.bill(PRICES).known == pytest.approx(0.1 + 6)


def test_other_requests_are_billed_at_the_price_of_a_standard_bucket() -> None:
    found = usage(requests={"ListObjects": 7_000, "PutObject": 3_000})
    assert money(found, "oss.requests.others") == pytest.approx(0.01)


def test_a_total_names_the_parts_that_it_does_not_include() -> None:
    found = usage(
        Retrieval("DeepColdArchive", "Standard", objects=10, gib=100, days=15), transitions=10_000
    ).bill(PRICES)
    assert found.known == pytest.approx(1.7 + 6)
    assert str(found.total) == (
        "7.70 CNY, without the requests for DeepColdArchive objects, the retrieval of"
        " DeepColdArchive data, whose cost is not known"
    )
    assert str(usage(transitions=10_000).bill(PRICES).total) == "1.70 CNY"


def test_an_unknown_amount_is_reported_and_left_out_of_the_total() -> None:
    found = bill({"fnf.transitions": 10_000, "fc.compute_units": None}, PRICES)
    assert str(found.total) == "1.70 CNY, without function calls, whose cost is not known"


def test_a_price_given_only_in_yuan_is_unknown_in_dollars() -> None:
    found = usage(Retrieval("Archive", "", objects=10_000, gib=100, days=1))
    assert found.bill(PRICES, "USD").known == 0
    assert len(found.bill(PRICES, "USD").unknown) == 2


def test_a_bill_can_be_read_back_from_a_summary() -> None:
    found = usage(
        Retrieval("DeepColdArchive", "Standard", objects=10, gib=100, days=15), transitions=1
    ).bill(PRICES)
    assert Bill.from_json(found.to_json()) == found


def test_the_price_list_describes_every_possible_part_of_a_bill() -> None:
    for name in ARCHIVE_CLASSES:
        for tier in TIERS[name] or ("",):
            found = usage(Retrieval(name, tier, 1, 1, 1), transitions=1, invocations=1)
            words = [str(item.in_words) for item in found.bill(PRICES).items]
            assert not [text for text in words if "{" in text or "." in text]


def test_a_part_missing_from_the_price_list_is_an_error() -> None:
    with pytest.raises(KeyError):
        usage(transitions=1).bill(replace(PRICES, parts={}))


@pytest.mark.parametrize("price", PRICES.parts.values(), ids=PRICES.parts)
def test_every_price_names_its_source_or_is_unknown(price: Price) -> None:
    if price.mark == "unknown":
        assert price.CNY is price.USD is None
    else:
        assert price.source in PRICES.sources
        assert price.CNY is not None
