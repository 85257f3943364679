"""What a plan says about copies and promotions after the thaw."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oss_restore.planning.choices import Terms, choices
from oss_restore.planning.copies import CopyCosts
from oss_restore.planning.forecast.model import DeploymentSettings
from oss_restore.planning.forecast.prices import load_prices
from oss_restore.planning.forecast.workload import Quotas, Workload
from oss_restore.planning.survey import Survey, Surveyor
from oss_restore.reporting.copy_costs_text import copy_costs_text
from tests.functions.scene import make_run
from thaw.after_thaw import AfterThaw, CopyTo, Promotion
from thaw.prices import Price
from thaw.store import ListedObject

DAY = 86_400
NOW = 1_000 * DAY
GIB = 2**30
COPY: dict[str, object] = {"copy": {"bucketName": "elsewhere", "prefix": "to/"}}
PROMOTE: dict[str, object] = {"promote": {"storageClass": "IA"}}
TERMS = Terms(Quotas(), DeploymentSettings(), load_prices())


def survey(then: dict[str, object], *objects: ListedObject) -> Survey:
    surveyor = Surveyor(make_run(then=then))
    for listed in objects:
        surveyor.see(listed, NOW)
    assert surveyor.survey.has_work == bool(objects)
    return surveyor.survey


def copy_costs(then: AfterThaw, found: Survey, *, stay: bool) -> CopyCosts:
    return CopyCosts(then, found.copies, stay, load_prices(), "CNY")


def archived(
    key: str, storage_class: str, age_days: int, *, size: int = GIB, restore_info: str = ""
) -> ListedObject:
    modified = NOW - age_days * DAY
    return ListedObject(key, size, storage_class, modified, restore_info=restore_info)


def test_copies_and_their_originals_are_both_paid_for() -> None:
    found = survey(
        COPY,
        archived("a", "Archive", 20),
        archived("b", "Archive", 40),
        archived("c", "Archive", 90),
        archived("d", "ColdArchive", 80),
    )
    costs = copy_costs(CopyTo(bucket_name="elsewhere", prefix="to/"), found, stay=True)
    assert costs.copies_monthly.known == pytest.approx(4 * 0.12)
    assert costs.originals_monthly.known == pytest.approx(3 * 0.033 + 0.015)
    assert costs.early_deletion("Archive").known == pytest.approx((40 + 20) / 30 * 0.033)
    assert costs.early_deletion("ColdArchive").known == pytest.approx(100 / 30 * 0.015)
    happens, stays, archive, cold, unsure = copy_costs_text(costs)
    assert "4 objects (4 GiB) are copied to oss://elsewhere/to/ as Standard" in happens
    assert "0.48 CNY a month" in happens
    assert "continue to cost 0.11 CNY a month until you delete them" in stays
    assert "2 Archive objects are younger than 60 days" in archive
    assert "1 ColdArchive object is younger than 180 days" in cold
    assert "costs more than this plan says, never less" in unsure


def test_small_copies_are_billed_by_their_class_rules() -> None:
    found = survey(COPY, *(archived(str(n), "Archive", 90, size=1024) for n in range(16)))
    of_class = {
        name: copy_costs(CopyTo(bucket_name="b", storage_class=name), found, stay=True)
        for name in ("Standard", "IA")
    }
    assert of_class["Standard"].copies_monthly.known == pytest.approx(0.12 * 16 / 2**20)
    assert of_class["IA"].copies_monthly.known == pytest.approx(0.08 / 1024)


@pytest.mark.parametrize("keeps_versions", [False, True])
def test_a_promotion_replaces_the_archived_object_unless_versions_are_kept(
    *, keeps_versions: bool
) -> None:
    found = survey(PROMOTE, archived("a", "Archive", 30), archived("b", "Archive", 90))
    run = make_run(then=PROMOTE)
    workload = Workload(
        {"Archive": 2}, object_bytes=GIB, copies=found.copies, keeps_versions=keeps_versions
    )
    (choice,) = choices(workload, run, TERMS)
    assert choice.bill_of("copies").known == pytest.approx(2 * 0.1 / 10_000)
    early = 0 if keeps_versions else 0.033
    assert choice.bill_of("earlyDeletion").known == pytest.approx(early)
    costs = copy_costs(Promotion(storage_class="IA"), found, stay=keeps_versions)
    words = " ".join(copy_costs_text(costs))
    assert "2 objects (2 GiB) become IA" in words
    assert ("which is in the total" in words) is not keeps_versions
    assert ("The bucket keeps versions" in words) is keeps_versions


def test_unknown_costs_are_reported_as_unknown() -> None:
    run = make_run(then=PROMOTE)
    workload = Workload({"DeepColdArchive": 1_000}, object_bytes=GIB)
    (choice,) = [one for one in choices(workload, run, TERMS) if one.tier == "Standard"]
    without = [str(part) for part in choice.bill_of("earlyDeletion").without]
    assert without == ["the early deletion of DeepColdArchive objects"]
    prices = replace(
        load_prices(),
        parts={**load_prices().parts, "oss.storage_gb_months.IA": Price(1, "unknown")},
    )
    costs = CopyCosts(Promotion(storage_class="IA"), workload.copied, False, prices, "CNY")
    words = " ".join(copy_costs_text(costs))
    assert "without the storage of IA objects, whose cost is not known" in words
    assert "their age is not known here" in words


@pytest.mark.parametrize("then", [COPY, {"promote": {}}])
def test_already_readable_objects_are_also_copied_or_promoted(then: dict[str, object]) -> None:
    info = 'ongoing-request="false", expiry-date="Sun, 16 Apr 2067 08:12:33 GMT"'
    found = survey(then, archived("a", "Archive", 90, restore_info=info))
    workload = Workload({}, others=1, copies=found.copies)
    (choice,) = choices(workload, make_run(then=then), TERMS)
    assert choice.forecast.copied_seconds
    assert choice.forecast.usage.copy_requests == 1
    assert choice.forecast.usage.restores == 0


def test_large_objects_are_copied_in_parts_and_take_time_by_their_bytes() -> None:
    run = make_run(then=COPY)
    small, large = (
        choices(Workload({"Archive": 100}, object_bytes=size), run, TERMS)[0].forecast
        for size in (GIB, 12 * GIB)
    )
    assert small.usage.copy_requests == 100
    assert large.usage.copy_requests == 100 * (48 + 2)
    assert (large.copied_seconds or 0) - large.readable_seconds >= 100 * 12 * GIB / 1.25e9


def test_the_total_includes_extensions_for_objects_that_wait_for_their_copy() -> None:
    terms = replace(TERMS, quotas=Quotas(cold_bytes_per_day=1e18))
    workload = Workload({"ColdArchive": 10_000}, object_bytes=50 * GIB)
    found = {
        days: next(
            one
            for one in choices(
                workload, make_run(then=COPY, days=days, storageClasses=["ColdArchive"]), terms
            )
            if one.tier == "Standard"
        )
        for days in (1, 30)
    }
    (concern,) = found[1].forecast.concerns
    assert "ColdArchive objects wait up to" in concern
    assert not found[30].forecast.concerns
    requests = {days: one.forecast.usage.restores for days, one in found.items()}
    assert requests[1] > requests[30] == 10_000
    replica = {days: one.bill_of("replica").known for days, one in found.items()}
    per_day = 10_000 * 50 * 0.12 / 30
    assert per_day < replica[1] < replica[30] == pytest.approx(30 * per_day)
