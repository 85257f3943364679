"""Settings that are not given are chosen; those that are given are kept."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thaw.chosen_settings import Allowance, listers_for, most_listers, settle, with_defaults
from thaw.errors import InvalidInput
from thaw.flow_steps import PAGE_STEPS
from thaw.run_input import CHOSEN, RunInput
from thaw.run_input_parser import parse_run_input

BUCKET = {"endpoint": "oss-cn-hangzhou.aliyuncs.com", "bucketName": "my-archive"}


def settled(
    allowance: Allowance = Allowance(),  # noqa: B008 - frozen
    listers: int | None = None,
    **fields: Any,
) -> RunInput:
    run = parse_run_input({**BUCKET, **fields}, foreach_limit=allowance.groups, allowance=allowance)
    return settle(run, allowance, listers=listers)


@pytest.mark.parametrize(
    ("listers", "expected"),
    [
        (1, (20_000, 1_000, 1_800)),
        (4, (20_000, 1_000, 7_200)),
        (8, (10_000, 1_000, 9_000)),
    ],
)
def test_a_run_given_only_its_bucket_is_as_fast_as_permitted(
    listers: int, expected: tuple[int, int, float]
) -> None:
    run = settled(listers=listers)
    assert (run.max_keys, run.group_size, run.objects_per_second) == expected
    assert (run.shards, run.workers) == (str(listers), 16)
    assert run.chosen == {"maxKeys", "groupSize", "workers", "shards", "objectsPerSecond"}


def test_the_articles_input_keeps_its_settings_and_gets_one_lister() -> None:
    run = settled(listers=None, maxKeys=100, groupSize=1, workers=10)
    assert (run.max_keys, run.group_size, run.workers) == (100, 1, 10)
    assert most_listers(run, Allowance()) == 1
    steps = 100 + PAGE_STEPS  # per page: a group is a step, and a run may make 50 a second
    assert run.objects_per_second == pytest.approx(100 * 50 / steps)


given_settings = st.fixed_dictionaries(
    {},
    optional={
        "maxKeys": st.integers(1, 20_000),
        "groupSize": st.integers(1, 1000),
        "workers": st.integers(1, 100),
        "shards": st.integers(1, 32),
        "objectsPerSecond": st.integers(1, 100_000),
    },
)
allowances = st.builds(
    Allowance,
    groups=st.integers(1, 100),
    instances=st.integers(1, 400),
    objects_per_second=st.floats(1, 1e5),
    steps_per_second=st.floats(1, 1e3),
)


@given(given_settings, allowances, st.integers(1, 32))
def test_given_settings_are_kept_and_chosen_ones_respect_every_limit(
    fields: dict[str, Any], allowance: Allowance, listers: int
) -> None:
    try:
        run = settled(allowance, listers, **fields)
    except InvalidInput:  # the given page size is too large for the groups or for the rate
        assert "maxKeys" in fields
        return
    settings = run.to_json()
    assert all(float(str(settings[name])) == value for name, value in fields.items())
    assert run.chosen == set(CHOSEN) - fields.keys()
    assert 1 <= run.max_keys <= 20_000
    assert 1 <= run.group_size <= 1_000
    assert math.ceil(run.max_keys / run.group_size) <= allowance.groups
    if "objectsPerSecond" in run.chosen:
        assert run.objects_per_second is not None
        assert run.objects_per_second <= allowance.objects_per_second
        of_object = 1 / run.group_size + PAGE_STEPS / run.max_keys
        steps = run.objects_per_second * of_object
        assert steps <= allowance.steps_per_second * 1.001
    if "maxKeys" in run.chosen and listers <= allowance.instances:
        groups = math.ceil(run.max_keys / run.group_size)
        assert groups * listers <= allowance.instances


@given(given_settings, allowances)
def test_chosen_listers_never_run_more_groups_in_total_than_instances(
    fields: dict[str, Any], allowance: Allowance
) -> None:
    fields.pop("shards", None)
    fields.pop("objectsPerSecond", None)
    try:
        first = settled(allowance, **fields)
    except InvalidInput:
        return
    listers = most_listers(first, allowance)
    run = settle(first, allowance, listers=listers)
    groups = math.ceil(run.max_keys / run.group_size)
    assert listers == 1 or groups * listers <= allowance.instances


def test_a_given_rate_makes_pages_small_enough_to_be_sent_soon_after_listing() -> None:
    run = settled(objectsPerSecond=10)
    assert (run.max_keys, run.group_size) == (200, 200)


@pytest.mark.parametrize("fields", [{"prefixes": ["a/", "b/"]}, {"manifest": {"key": "m.csv"}}])
def test_no_listers_are_chosen_when_other_fields_determine_them(fields: dict[str, Any]) -> None:
    assert settled(**fields).shards == "1"


def test_auto_counts_as_a_chosen_setting() -> None:
    assert "shards" in settled(shards="auto").chosen


@pytest.mark.parametrize(
    ("objects", "listers"), [(0, 1), (20_000, 1), (20_001, 2), (100_000, 5), (10**9, 8)]
)
def test_the_number_of_listers_depends_on_the_number_of_objects(objects: int, listers: int) -> None:
    assert listers_for(objects) == listers


def test_the_input_overrides_defaults_and_null_removes_them() -> None:
    merged = with_defaults({"maxKeys": 5, "workers": None}, {"maxKeys": 9, "groupSize": None})
    assert merged == {"maxKeys": 5}
