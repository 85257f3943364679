from __future__ import annotations

import pytest

from functions import groups, pages, summary
from oss_restore.planning.forecast.listers import CUTTING_LISTINGS, CUTTING_READERS, SHARDS_OF_AUTO
from oss_restore.planning.forecast.page_plan import (
    PACKED_SIZE,
    PAGE_BYTES,
    RANGE_KEYS,
    RANGE_SIZE,
    REPORTED_PARTS,
    Plan,
    await_legs,
    plan,
)
from oss_restore.planning.forecast.workload import LIST_KEYS, Workload
from tests.oss_restore.planning.forecast.runs import ARTICLE, BULK, objects, run
from thaw import partitioning, shards, store
from thaw.run_input import RunInput

RELAY_AT = 4_000


def cut(workload: Workload, settings: RunInput) -> Plan:
    return plan(workload, settings, foreach_limit=100, relay_at_event=RELAY_AT)


def test_the_limits_are_the_functions_own() -> None:
    assert pages.GROUPS_BYTES == PAGE_BYTES
    assert store.LIST_KEYS == LIST_KEYS
    assert groups.RANGE_KEYS == RANGE_KEYS
    assert groups.MIN_PACKED_SIZE == PACKED_SIZE
    assert groups.MIN_RANGE_SIZE == RANGE_SIZE
    assert summary.MAX_REPORTED_PARTS == REPORTED_PARTS
    assert shards.SHARDS_OF_AUTO == SHARDS_OF_AUTO
    assert (partitioning.READERS, partitioning.MAX_LISTINGS) == (CUTTING_READERS, CUTTING_LISTINGS)


def test_keys_that_fit_travel_as_keys_if_need_be_packed_and_others_as_ranges() -> None:
    few = cut(objects(100, key_bytes=50), run(**BULK))
    alike = cut(objects(10_000, key_bytes=50), run(**BULK))
    unlike = cut(objects(10_000, key_bytes=50, packed_key_bytes=30), run(**BULK))
    assert (few.ranges, few.pages, few.groups) == (0, 1, 2)
    assert (alike.ranges, alike.pages, alike.groups) == (0, 10, 200)
    assert (unlike.ranges, unlike.pages, unlike.groups) == (200, 10, 200)


def test_a_packed_page_is_what_the_functions_make_of_such_keys() -> None:
    keys = [f"archive/folder-{n // 1000:06}/object-{n:09}.bin" for n in range(2_000)]
    lists = groups.PackedGroups(size=50, limit=100, room=PAGE_BYTES)
    for key in keys:
        if (lists.bytes_with("Archive", key, to_send=True) or 0) > PAGE_BYTES:
            break
        lists.add("Archive", key, to_send=True)
    taken = sum(group.objects for group in lists)
    forecast = cut(objects(2_000), run(max_keys=2_000, group_size=50))
    assert forecast.page_objects == pytest.approx(taken, rel=0.15)


def test_long_keys_make_pages_of_fewer_ranges() -> None:
    found = cut(objects(60_000, key_bytes=1_000, packed_key_bytes=700), run(**BULK))
    assert found.ranges == found.groups
    assert found.page_groups < 10
    assert found.groups == 1_200


def test_ranges_are_shared_by_classes_and_lists_are_not() -> None:
    classes = ("Archive", "ColdArchive", "DeepColdArchive")
    mixed = objects(5_000, *classes, packed_key_bytes=30)
    assert cut(mixed, run(**BULK)).groups == 300
    last_page_fits = objects(400, *classes, key_bytes=20, packed_key_bytes=30)
    assert cut(last_page_fits, run(**BULK)).groups == 20 + 3 * 2
    lists = run(max_keys=30, group_size=20)
    assert cut(mixed, lists).page_groups == 3


def test_the_articles_page_has_100_groups_of_one_object() -> None:
    found = cut(objects(1_050, key_bytes=50), run(**ARTICLE))
    assert (found.pages, found.groups, found.page_groups) == (11, 1_050, 100)


def test_a_group_of_one_object_is_never_shared_by_classes() -> None:
    mixed = objects(500, "Archive", "ColdArchive", "DeepColdArchive", key_bytes=30)
    found = cut(mixed, run(**ARTICLE))
    assert found.groups == 1_500
    assert found.page_groups == 100


def test_a_run_that_outgrows_an_executions_events_has_several_legs() -> None:
    few = cut(objects(1_000), run(**ARTICLE))
    many = cut(objects(1_000_000), run(**ARTICLE))
    assert few.legs == 1
    assert many.legs > 1
    assert many.legs * RELAY_AT >= many.pages * 20


def test_a_page_lists_on_over_what_needs_no_thaw() -> None:
    dense = cut(objects(1_000), run(**BULK))
    sparse = cut(objects(1_000, others=1_000_000), run(**BULK))
    assert dense.page_listings == 1
    assert sparse.page_listings > 100


def test_two_days_of_looks_fit_into_one_execution_and_a_month_does_not() -> None:
    assert await_legs(192, relay_at_event=RELAY_AT) == 1
    assert await_legs(30 * 96, relay_at_event=RELAY_AT) > 1


def test_where_hardly_anything_is_archived_a_page_is_no_longer_ranges() -> None:
    sparse = cut(objects(10_000, others=100_000_000), run(**BULK))
    assert sparse.ranges == 0
    assert sparse.page_groups <= 100
