"""The choices that a plan offers, with their time and cost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_restore.planning.choices import KINDS, Terms, choices
from oss_restore.planning.forecast.model import DeploymentSettings
from oss_restore.planning.forecast.prices import load_prices
from oss_restore.planning.forecast.workload import Quotas, Workload
from tests.oss_restore.planning.forecast.runs import run
from thaw.run_input_parser import parse_run_input
from thaw.storage_classes import ARCHIVE, ARCHIVE_CLASSES, COLD_ARCHIVE, DEEP_COLD_ARCHIVE, TIERS

TERMS = Terms(Quotas(), DeploymentSettings(), load_prices())


@given(
    st.dictionaries(st.sampled_from(ARCHIVE_CLASSES), st.integers(1, 10**6), min_size=1),
    st.sampled_from([None, "Expedited", "Standard"]),
)
def test_a_choice_is_a_valid_run_that_thaws_the_objects_it_states(
    objects: dict[str, int], tier: str | None
) -> None:
    found = choices(Workload(objects), run(tier=tier), TERMS)
    assert found
    for choice in found:
        parse_run_input(choice.run.to_json(), foreach_limit=100)
        assert choice.objects.keys() | set(choice.leaves) == objects.keys()
        assert set(choice.objects) <= set(choice.run.storage_classes)
        assert choice.forecast.usage.restores == sum(choice.objects.values())
        billed = sum(choice.bill_of(kind).known for kind in KINDS)
        assert billed == pytest.approx(choice.bill.known)


@pytest.mark.parametrize(
    ("classes", "tiers"),
    [
        ([ARCHIVE], [""]),
        ([COLD_ARCHIVE], ["Expedited", "Standard", "Bulk"]),
        ([ARCHIVE, DEEP_COLD_ARCHIVE], ["Expedited", "Standard"]),
        (list(ARCHIVE_CLASSES), ["Expedited", "Standard", "Bulk"]),
    ],
)
def test_every_tier_that_the_frozen_objects_permit_is_offered(
    classes: list[str], tiers: list[str]
) -> None:
    found = choices(Workload(dict.fromkeys(classes, 10)), run(), TERMS)
    assert [choice.tier for choice in found] == tiers
    for choice in found:
        cannot = [n for n in classes if n != ARCHIVE and choice.tier not in TIERS[n]]
        assert list(choice.leaves) == (cannot if choice.tier else [])


@pytest.mark.parametrize(("fields", "tier"), [({}, "Standard"), ({"tier": "Bulk"}, "Bulk")])
def test_the_run_is_unchanged_if_no_choice_is_offered(fields: dict[str, Any], tier: str) -> None:
    asked = run(storage_classes=(COLD_ARCHIVE,), **fields)
    (choice,) = choices(Workload({COLD_ARCHIVE: 5}), asked, TERMS, as_given=True)
    assert choice.tier == tier
    assert choice.run == asked


def test_slower_tiers_are_cheaper_and_finish_later() -> None:
    workload = Workload({COLD_ARCHIVE: 100_000})
    fast, usual, slow = choices(workload, run(), TERMS)
    assert fast.bill.known > usual.bill.known > slow.bill.known
    times = [choice.forecast.total_seconds for choice in (fast, usual, slow)]
    assert times == sorted(times)


def test_retrieval_is_billed_by_the_billed_size_of_objects() -> None:
    known = Workload({COLD_ARCHIVE: 2}, billed_bytes={COLD_ARCHIVE: 2**30})
    (choice,) = choices(known, run(), TERMS, as_given=True)
    (retrieval,) = choice.forecast.usage.retrievals
    assert retrieval.gib == 1


def test_the_quota_of_bytes_applies_to_large_objects() -> None:
    large = Workload({DEEP_COLD_ARCHIVE: 1_000}, object_bytes=100 * 2**30)  # 107 TB at 10 TB a day
    (choice,) = choices(large, run(), TERMS, as_given=True)
    assert choice.forecast.total_seconds > 10 * 86_400
