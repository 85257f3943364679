from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_restore.planning.forecast.model import Forecast, forecast
from oss_restore.planning.forecast.prices import load_prices
from oss_restore.planning.forecast.timing import Bound
from oss_restore.planning.forecast.workload import Quotas
from tests.oss_restore.planning.forecast.runs import (
    ARTICLE,
    BULK,
    classes,
    objects,
    run,
    settings,
    sizes,
    turn,
)
from thaw.own_work import Speeds
from thaw.storage_classes import (
    ARCHIVE,
    ARCHIVE_CLASSES,
    COLD_ARCHIVE,
    DEEP_COLD_ARCHIVE,
    THAW_SECONDS,
)

HOUR = 3600
PRICES = load_prices()


def amounts(found: Forecast) -> list[float]:
    """Return what grows with a run. Reading does not, as huge runs get no report."""
    usage = found.usage
    money = usage.bill(PRICES).known
    return [usage.requests["PutObject"], usage.transitions, usage.invocations, money]


@given(sizes, sizes, st.sampled_from(ARCHIVE_CLASSES), settings)
def test_more_objects_never_take_less_time_or_cost_less(
    some: int, more: int, name: str, fields: dict[str, Any]
) -> None:
    settled = run(**{**fields, "wait_for": "none"})
    first = forecast(objects(some, name), settled)
    second = forecast(objects(some + more, name), settled)
    assert first.submit_seconds <= second.submit_seconds
    assert all(a <= b for a, b in zip(amounts(first), amounts(second), strict=True))


@given(sizes, sizes, classes, settings)
def test_more_objects_are_never_readable_sooner_by_more_than_a_poll(
    some: int, more: int, names: list[str], fields: dict[str, Any]
) -> None:
    waiting, larger = run(**fields), objects(some + more, *names)
    first, second = forecast(objects(some, *names), waiting), forecast(larger, waiting)
    looks = second.plan.pages if waiting.wait_for == "page" else 1
    slack = turn(larger, waiting) * looks + 60
    assert first.readable_seconds <= second.readable_seconds + slack


@given(sizes, settings, st.integers(1, 100))
def test_more_workers_are_never_slower(count: int, fields: dict[str, Any], workers: int) -> None:
    more = {**fields, "workers": fields["workers"] + workers}
    assert (
        forecast(objects(count), run(**more)).total_seconds
        <= forecast(objects(count), run(**fields)).total_seconds
    )


@given(sizes, classes, settings, st.floats(1.01, 100))
def test_faster_calls_never_take_longer_to_send(
    count: int, names: list[str], fields: dict[str, Any], factor: float
) -> None:
    slow = forecast(objects(count, *names), run(**fields), speeds=Speeds().scaled(factor))
    fast = forecast(objects(count, *names), run(**fields))
    assert fast.submit_seconds <= slow.submit_seconds


@given(sizes, classes, settings)
def test_every_object_is_requested_once_and_belongs_to_a_group(
    count: int, names: list[str], fields: dict[str, Any]
) -> None:
    workload, settled = objects(count, *names), run(**fields)
    found = forecast(workload, settled)
    assert found.usage.restores == workload.total
    assert found.plan.groups * settled.group_size >= workload.total
    assert found.plan.pages * found.plan.page_objects >= workload.total
    assert found.plan.page_objects <= settled.max_keys


@given(sizes, classes, settings)
def test_requests_are_never_sent_faster_than_the_step_quota_permits(
    count: int, names: list[str], fields: dict[str, Any]
) -> None:
    found = forecast(objects(count, *names), run(**fields), quotas=Quotas(steps_per_second=2))
    full_pages = found.plan.pages - 1
    assert found.submit_seconds >= full_pages * found.plan.page_groups / 2


@given(st.integers(100_000, 10**9), st.integers(1, 50))
def test_requests_are_never_sent_faster_than_the_runs_rate(count: int, rate: int) -> None:
    found = forecast(objects(count), run(**BULK, objects_per_second=rate))
    assert found.submit_seconds >= count / rate
    assert found.bound is Bound.PACE


@given(sizes, st.sampled_from([key for key in THAW_SECONDS if key[1]]))
def test_no_run_ends_before_its_last_thaw(count: int, kind: tuple[str, str]) -> None:
    name, tier = kind
    found = forecast(objects(count, name), run(**BULK, tier=tier, storage_classes=(name,)))
    assert found.total_seconds >= THAW_SECONDS[kind]
    size = objects(count, name).bytes_of(name)
    assert found.total_seconds >= Quotas().thawing_seconds(name, count, size) > 0


def test_each_page_that_waits_for_its_thaw_takes_as_long_as_the_thaw() -> None:
    found = forecast(objects(10_000, COLD_ARCHIVE), run(**ARTICLE))
    assert found.plan.pages == 100
    assert found.wait_seconds >= 100 * 5 * HOUR
    assert found.bound is Bound.PAGE_THAWS


@pytest.mark.parametrize(
    ("count", "names", "fields", "bound"),
    [
        (1_000, [ARCHIVE], BULK, Bound.THAW),
        (10_000_000, [ARCHIVE], BULK, Bound.PAGES),
        (10_000, [DEEP_COLD_ARCHIVE], BULK, Bound.THAW),
        (1_000, [ARCHIVE], ARTICLE, Bound.PAGE_THAWS),
    ],
)
def test_the_forecast_names_what_takes_longest(
    count: int, names: list[str], fields: dict[str, Any], bound: Bound
) -> None:
    assert forecast(objects(count, *names), run(**fields)).bound is bound


def test_the_thaw_quota_takes_longest_if_it_is_far_below_the_sending_rate() -> None:
    found = forecast(
        objects(1_000_000, DEEP_COLD_ARCHIVE), run(**BULK), quotas=Quotas(deep_cold_per_second=1)
    )
    assert found.bound is Bound.THAW_QUOTA
    assert found.total_seconds >= 1_000_000 + 48 * HOUR


def test_step_entries_take_longest_if_their_quota_is_low() -> None:
    found = forecast(objects(10_000_000), run(**BULK), quotas=Quotas(steps_per_second=1))
    assert found.bound is Bound.STEPS


def test_a_run_longer_than_its_objects_stay_readable_is_a_concern() -> None:
    cold = {"tier": "Expedited", "storage_classes": (COLD_ARCHIVE,)}
    concerned = forecast(objects(200_000_000, COLD_ARCHIVE), run(**BULK, **cold))
    (concern,) = concerned.concerns
    days = int(concern.partition("use ")[2].split()[0])
    assert days > 1
    enough = run(**BULK, **cold, days=days)
    assert forecast(objects(200_000_000, COLD_ARCHIVE), enough).concerns == ()


def test_more_nested_executions_than_the_quota_permits_are_a_concern() -> None:
    found = forecast(objects(10_000_000), run(**BULK, days=7), quotas=Quotas(executions=10))
    assert any("executions" in concern for concern in found.concerns)


def test_objects_that_need_no_thaw_cost_listings_but_no_restore() -> None:
    alone = forecast(objects(10_000), run(**BULK))
    among = forecast(objects(10_000, others=1_000_000), run(**BULK))
    assert among.usage.restores == alone.usage.restores
    listed = among.usage.requests["ListObjects"] - alone.usage.requests["ListObjects"]
    assert listed >= 2 * 1_000_000 / 1000 - 10


def test_a_listing_with_few_remaining_keys_takes_less_time() -> None:
    """A page of 100 is listed with all keys that follow it, up to a thousand."""
    few, many = (forecast(objects(count), run(**ARTICLE)) for count in (1_000, 100_000))
    assert few.plan.page_objects == many.plan.page_objects == 100
    each = [found.usage.gb_seconds / found.plan.pages for found in (few, many)]
    assert each[0] < each[1]


@given(st.floats(0, 10**12))
def test_cost_grows_with_size_from_the_smallest_billed_size(
    size: float,
) -> None:
    def known(object_bytes: float) -> float:
        workload = objects(1_000, object_bytes=object_bytes)
        return forecast(workload, run(**BULK)).usage.bill(PRICES).known

    assert known(size) >= known(0) > 0
    assert known(size) <= known(2 * size)
    assert math.isclose(known(0), known(64 * 1024))
