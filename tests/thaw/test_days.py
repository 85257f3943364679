"""The number of days for which objects are requested to stay readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.functions.scene import make_run
from thaw.days import days_of
from thaw.storage_classes import ARCHIVE, ARCHIVE_CLASSES, COLD_ARCHIVE, DEEP_COLD_ARCHIVE, MAX_DAYS


def test_the_runs_days_apply_to_every_class() -> None:
    run = make_run(days=5)
    assert {days_of(run, name) for name in ARCHIVE_CLASSES} == {5}


def test_fast_classes_stay_readable_until_the_slowest_has_thawed() -> None:
    run = make_run()
    assert [days_of(run, name) for name in ARCHIVE_CLASSES] == [3, 3, 1]


@pytest.mark.parametrize("storage_class", ARCHIVE_CLASSES)
def test_a_single_class_is_requested_for_one_day(storage_class: str) -> None:
    assert days_of(make_run(storageClasses=[storage_class]), storage_class) == 1


def test_a_faster_tier_requires_fewer_days_for_fast_classes() -> None:
    run = make_run(tier="Expedited")
    assert days_of(run, ARCHIVE) == days_of(run, COLD_ARCHIVE) == 2
    assert days_of(run, DEEP_COLD_ARCHIVE) == 1


@given(st.sets(st.sampled_from(ARCHIVE_CLASSES), min_size=1))
def test_no_class_is_requested_for_more_days_than_it_permits(classes: set[str]) -> None:
    run = make_run(storageClasses=sorted(classes))
    assert all(1 <= days_of(run, name) <= MAX_DAYS[name] for name in classes)


def test_archive_objects_to_copy_stay_readable_as_long_as_it_is_free() -> None:
    run = make_run(then={"promote": {}})
    assert days_of(run, "Archive") == 7
    assert days_of(run, "DeepColdArchive") == 1
    assert days_of(make_run(then={"promote": {}}, days=2), "Archive") == 2
