"""Checks of a run's pages, as divided among calls of the functions."""

from __future__ import annotations

import pytest
from hypothesis import given

from oss_restore.planning.forecast.model import Forecast, forecast
from tests.oss_restore.planning.forecast.runs import chosen, objects, sizes

HOUR = 3600


def of(count: int, *names: str, **fields: object) -> Forecast:
    return forecast(objects(count, *names), chosen(**fields))


@pytest.mark.parametrize(("count", "hours"), [(10**8, 3.5), (10**9, 33.6)])
def test_large_runs_take_little_longer_than_their_requests(count: int, hours: float) -> None:
    found = of(count)
    assert found.total_seconds <= hours * HOUR
    assert count / 9_000 <= found.submit_seconds


@given(sizes)
def test_a_run_that_does_not_wait_is_also_checked_at_its_end(count: int) -> None:
    waits, sends = of(count), of(count, waitFor="none")
    assert sends.usage.transitions < waits.usage.transitions
    assert sends.usage.requests["PutObject"] == waits.usage.requests["PutObject"]


def test_months_of_polling_stay_within_an_accounts_executions() -> None:
    deep = {"storageClasses": ["DeepColdArchive"], "days": 200}
    assert of(10**9, "DeepColdArchive", **deep).concerns == ()
