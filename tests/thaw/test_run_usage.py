"""What a run is billed for, derived from its results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest

from oss_restore.planning.forecast.model import forecast
from oss_restore.planning.forecast.workload import Workload
from thaw.prices import built_in_prices
from thaw.run_input import RunInput
from thaw.run_usage import usage_of_run
from thaw.totals import Totals
from thaw.usage import Usage

RUN = RunInput(endpoint="oss.example", bucket_name="archive", days=3)
OUTCOMES = {
    "Archive": {"requested": 1_200, "vanished": 2},
    "ColdArchive": {"requested": 340, "already_readable": 50, "rejected": 7},
}
GIB = 2**30


def totals_of(by_class: Mapping[str, Mapping[str, int]], *, size: int = GIB) -> Totals:
    totals = Totals(pages=1, parts=2)
    for name, outcomes in by_class.items():
        totals.by_class[name] = Counter(outcomes)
        totals.listed += sum(outcomes.values())
        totals.planned[name] = sum(n for word, n in outcomes.items() if "already" not in word)
        totals.billed_bytes[name] = totals.planned[name] * size
    totals.scanned = totals.listed
    return totals


def amounts(usage: Usage) -> Mapping[str, float | None]:
    return usage.parts(built_in_prices().compute_units)


def test_only_accepted_requests_are_billed() -> None:
    run = replace(RUN, tier="Bulk", storage_classes=("Archive", "ColdArchive"))
    found = amounts(usage_of_run(run, totals_of(OUTCOMES), seconds=60))
    assert found["oss.requests.RestoreObject.Archive"] == 1_200
    assert found["oss.requests.RestoreObject.ColdArchive.Bulk"] == 340
    assert found["oss.retrieved_gb.ColdArchive.Bulk"] == pytest.approx(340)
    assert found["oss.replica_gb_months.ColdArchive"] == pytest.approx(340 * 3 / 30)
    assert "oss.replica_gb_months.Archive" not in found


def test_an_extension_is_billed_for_storage_and_not_for_retrieval() -> None:
    totals = totals_of({"ColdArchive": {"extended": 10}})
    found = amounts(usage_of_run(RUN, totals, seconds=60))
    assert found["oss.requests.RestoreObject.ColdArchive.Standard"] == 10
    assert found["oss.replica_gb_months.ColdArchive"] == pytest.approx(10 * 3 / 30)
    assert not [part for part in found if part.startswith("oss.retrieved_gb")]


def test_costs_by_size_are_unknown_when_sizes_are_unknown() -> None:
    totals = totals_of(OUTCOMES)
    totals.billed_bytes.clear()
    found = usage_of_run(RUN, totals, seconds=60).bill(built_in_prices())
    assert [str(one) for one in found.without] == [
        "the retrieval of Archive data",
        "the retrieval of ColdArchive data",
        "the readable copies of ColdArchive objects",
    ]


def test_a_run_without_requests_costs_only_its_own_steps_and_calls() -> None:
    found = amounts(usage_of_run(RUN, totals_of({"Archive": {"already_readable": 5}}), seconds=9))
    assert {part for part, amount in found.items() if amount} == {
        "fnf.transitions",
        "fc.compute_units",
        "oss.requests.others",
    }


def test_a_run_that_has_listed_no_page_yet_has_few_steps() -> None:
    assert 0 < usage_of_run(RUN, Totals(), seconds=1).transitions < 30


@pytest.mark.parametrize(
    ("storage_class", "objects"),
    [("Archive", 1_000), ("Archive", 100_000), ("ColdArchive", 5_000), ("DeepColdArchive", 10_000)],
)
def test_a_run_that_goes_as_forecast_costs_what_was_forecast(
    storage_class: str, objects: int
) -> None:
    workload = Workload({storage_class: objects}, object_bytes=2**20)
    run = replace(RUN, chosen=frozenset({"shards", "maxKeys", "groupSize", "objectsPerSecond"}))
    planned = forecast(workload, run)
    made = planned.plan
    totals = totals_of({storage_class: {"requested": objects}}, size=2**20)
    totals.pages, totals.parts = made.listers * made.pages, made.listers * made.groups

    usage = usage_of_run(planned.run, totals, seconds=planned.total_seconds)

    assert usage.transitions == pytest.approx(planned.usage.transitions, rel=0.2)
    assert usage.invocations == pytest.approx(planned.usage.invocations, rel=0.2)
    costs = [one.bill(built_in_prices()).known for one in (usage, planned.usage)]
    assert costs[0] == pytest.approx(costs[1], rel=0.02)
