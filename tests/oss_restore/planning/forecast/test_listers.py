"""Runs of several parallel listers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_restore.planning.forecast.listers import shard_count
from oss_restore.planning.forecast.model import forecast
from oss_restore.planning.forecast.timing import Bound
from oss_restore.planning.forecast.workload import Quotas
from tests.oss_restore.planning.forecast.runs import (
    BULK,
    chosen,
    classes,
    objects,
    run,
    settings,
    sizes,
)
from thaw.chosen_settings import Allowance
from thaw.json_reader import camel_case
from thaw.storage_classes import DEEP_COLD_ARCHIVE

listers = st.sampled_from(["1", "2", "8", "32", "auto"])


@given(sizes, classes, settings, listers)
def test_every_object_is_requested_once_with_any_number_of_listers(
    count: int, names: list[str], fields: dict[str, Any], shards: str
) -> None:
    workload, settled = objects(count, *names), run(**fields, shards=shards)
    found = forecast(workload, settled)
    assert found.usage.restores == workload.total
    groups = found.plan.listers * found.plan.groups
    assert groups * settled.group_size >= workload.total


@given(st.integers(10**7, 10**9), st.sampled_from(["8", "32", "auto"]))
def test_several_listers_are_limited_by_the_clouds_quota(count: int, shards: str) -> None:
    alone = forecast(objects(count), run(**BULK))
    several = forecast(objects(count), run(**BULK, shards=shards))
    assert (alone.bound, several.bound) == (Bound.PAGES, Bound.STEPS)
    assert several.submit_seconds < alone.submit_seconds / 3
    steps = several.usage.transitions / several.submit_seconds
    assert steps <= Quotas().steps_per_second * 1.01


@given(sizes, listers)
def test_no_number_of_listers_exceeds_the_thaw_quota(count: int, shards: str) -> None:
    workload = objects(count, DEEP_COLD_ARCHIVE)
    size = workload.bytes_of(DEEP_COLD_ARCHIVE)
    queue = Quotas().thawing_seconds(DEEP_COLD_ARCHIVE, count, size)
    assert forecast(workload, run(**BULK, shards=shards)).readable_seconds >= queue


@given(st.integers(100_000, 10**9), st.integers(1, 50), listers)
def test_listers_share_the_runs_rate(count: int, rate: int, shards: str) -> None:
    found = forecast(objects(count), run(**BULK, objects_per_second=rate, shards=shards))
    assert found.submit_seconds >= count / rate
    assert found.bound is Bound.PACE


@pytest.mark.parametrize(
    ("count", "fields", "shards"),
    [
        (10_000, {}, 0),
        (1_000, {"shards": "auto"}, 0),
        (1_001, {"shards": "auto"}, 0),
        (20_001, {}, 2),
        (100_000, {}, 5),
        (10**7, {}, 8),
        (10**7, {"max_keys": 100, "group_size": 1}, 0),
        (10_000, {"shards": "3"}, 3),
        (2, {"shards": "3"}, 2),
        (1, {"shards": "3"}, 0),
        (10_000, {"prefixes": ("a/",)}, 1),
        (10_000, {"prefixes": ("a/", "b/")}, 2),
    ],
)
def test_the_forecast_has_as_many_listers_as_the_functions_use(
    count: int, fields: dict[str, Any], shards: int
) -> None:
    asked = chosen(
        **{camel_case(n): [*v] if isinstance(v, tuple) else v for n, v in fields.items()}
    )
    assert shard_count(objects(count), asked, Allowance()) == shards


def test_dividing_the_keys_costs_little() -> None:
    alone, several = (forecast(objects(10**6), run(**BULK, shards=n)) for n in ("1", "auto"))
    extra = several.usage.all_requests - alone.usage.all_requests
    assert 0 < extra < 0.005 * 10**6
