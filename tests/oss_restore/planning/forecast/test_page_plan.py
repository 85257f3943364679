from __future__ import annotations

import pytest

from oss_restore.planning.forecast.page_plan import Plan, plan
from oss_restore.planning.forecast.workload import Workload
from tests.oss_restore.planning.forecast.runs import ARTICLE, BULK, objects, run
from thaw.run_input import RunInput

RELAY_AT = 4_000


def cut(workload: Workload, settings: RunInput) -> Plan:
    return plan(workload, settings, relay_at_event=RELAY_AT)


@pytest.mark.parametrize(
    ("count", "max_keys", "group_size", "expected"),
    [
        (2_500, 1_000, 50, (3, 50, 20, 1, 3)),
        (2_500, 20_000, 1_000, (1, 3, 3, 3, 3)),
        (40_001, 20_000, 200, (3, 201, 100, 20, 41)),
        (10, 100, 3, (1, 4, 4, 1, 1)),
    ],
)
def test_pages_and_groups_are_as_large_as_the_run_specifies(
    count: int, max_keys: int, group_size: int, expected: tuple[int, ...]
) -> None:
    found = cut(objects(count), run(max_keys=max_keys, group_size=group_size))
    pages = (found.pages, found.groups, found.page_groups)
    assert (*pages, found.page_listings, found.listings) == expected


def test_classes_share_pages_and_groups() -> None:
    mixed = objects(1_000, "Archive", "ColdArchive", "DeepColdArchive")
    assert cut(mixed, run(**BULK)).groups == 60


def test_the_articles_page_has_100_groups_of_one_object() -> None:
    found = cut(objects(1_050), run(**ARTICLE))
    assert (found.pages, found.groups, found.page_groups) == (11, 1_050, 100)


def test_a_run_with_more_events_than_an_execution_permits_has_several_legs() -> None:
    few = cut(objects(1_000), run(**ARTICLE))
    many = cut(objects(1_000_000), run(**ARTICLE))
    assert few.legs == 1
    assert many.legs > 1
    assert many.legs * RELAY_AT >= many.pages * 20


def test_listing_a_page_continues_past_objects_that_need_no_thaw() -> None:
    dense = cut(objects(1_000), run(**BULK))
    sparse = cut(objects(1_000, others=1_000_000), run(**BULK))
    assert dense.page_listings == 1
    assert sparse.page_listings > 100
