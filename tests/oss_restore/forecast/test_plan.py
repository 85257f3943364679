from __future__ import annotations

from functions import pages, store
from oss_restore.forecast.plan import LIST_KEYS, PAGE_BYTES, await_legs, plan
from tests.oss_restore.forecast.runs import ARTICLE, BULK, objects, run

RELAY_AT = 4_000


def test_the_limits_are_the_functions_own() -> None:
    assert pages.GROUPS_BYTES == PAGE_BYTES
    assert store.LIST_KEYS == LIST_KEYS


def test_the_articles_page_has_100_groups_of_one_object() -> None:
    found = plan(objects(1_050, key_bytes=50), run(**ARTICLE), relay_at_event=RELAY_AT)
    assert (found.pages, found.groups, found.page_groups) == (11, 1_050, 100)


def test_a_group_of_one_object_is_never_shared_by_classes() -> None:
    mixed = objects(500, "Archive", "ColdArchive", "DeepColdArchive", key_bytes=30)
    found = plan(mixed, run(**ARTICLE), relay_at_event=RELAY_AT)
    assert found.groups == 1_500
    assert found.page_groups == 100


def test_a_run_that_outgrows_an_executions_events_has_several_legs() -> None:
    few = plan(objects(1_000), run(**ARTICLE), relay_at_event=RELAY_AT)
    many = plan(objects(1_000_000), run(**ARTICLE), relay_at_event=RELAY_AT)
    assert few.legs == 1
    assert many.legs > 1
    assert many.legs * RELAY_AT >= many.pages * 20


def test_a_page_lists_on_over_what_needs_no_thaw() -> None:
    dense = plan(objects(1_000), run(**BULK), relay_at_event=RELAY_AT)
    sparse = plan(objects(1_000, others=1_000_000), run(**BULK), relay_at_event=RELAY_AT)
    assert dense.page_listings == 1
    assert sparse.page_listings > 100


def test_two_days_of_looks_fit_into_one_execution_and_a_month_does_not() -> None:
    assert await_legs(192, relay_at_event=RELAY_AT) == 1
    assert await_legs(30 * 96, relay_at_event=RELAY_AT) > 1
