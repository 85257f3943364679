"""What a run has cost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oss_restore.planning.forecast.prices import load_prices
from oss_restore.planning.survey import ObjectLoad
from oss_restore.reporting.costs import cost_of, daily_cost
from tests.oss_restore.reporting.scene import OUTCOMES, RUN, totals_of

PRICES = load_prices()


def amounts(cost: object) -> dict[str, float]:
    return {item.part: item.amount for item in cost.bill.items}  # type: ignore[attr-defined]


def test_only_what_was_accepted_is_billed() -> None:
    run = replace(RUN, tier="Bulk", days=3, storage_classes=("Archive", "ColdArchive"))
    found = amounts(cost_of(run, totals_of(OUTCOMES), PRICES))
    assert found["oss.requests.RestoreObject.Archive"] == 1_200
    assert found["oss.requests.RestoreObject.ColdArchive.Bulk"] == 340
    assert found["oss.retrieved_gb.ColdArchive.Bulk"] == pytest.approx(340)
    assert found["oss.replica_gb_months.ColdArchive"] == pytest.approx(340 * 3 / 30)
    assert "oss.replica_gb_months.Archive" not in found


def test_what_was_extended_is_kept_for_longer_and_not_retrieved_again() -> None:
    found = amounts(cost_of(RUN, totals_of({"ColdArchive": {"extended": 10}}), PRICES))
    assert found["oss.requests.RestoreObject.ColdArchive.Standard"] == 10
    assert found["oss.replica_gb_months.ColdArchive"] > 0
    assert not [part for part in found if part.startswith("oss.retrieved_gb")]


def test_without_sizes_nothing_that_is_billed_by_size_is_told() -> None:
    totals = totals_of(OUTCOMES)
    totals.bytes.clear()
    cost = cost_of(RUN, totals, PRICES)
    assert not cost.sized
    assert not [part for part in amounts(cost) if "_gb" in part and part.startswith("oss")]
    assert amounts(cost)["oss.requests.RestoreObject.Archive"] == 1_200


def test_small_objects_are_billed_as_64_kib() -> None:
    totals = totals_of({"Archive": {"requested": 16}}, size=1)
    assert amounts(cost_of(RUN, totals, PRICES))["oss.retrieved_gb.Archive"] == 2**20 / 2**30


def test_a_run_that_asked_for_nothing_costs_nothing() -> None:
    cost = cost_of(RUN, totals_of({"Archive": {"already_readable": 5}}), PRICES)
    assert cost.bill.items == ()


def test_a_day_of_readable_copies_costs_what_the_price_list_says() -> None:
    gib = 2**30
    readable = {
        "ColdArchive": ObjectLoad(1, 30 * gib, 30 * gib),
        "Archive": ObjectLoad(1, 10**15, 10**15),
    }
    assert daily_cost(readable, PRICES) == pytest.approx(0.12)
