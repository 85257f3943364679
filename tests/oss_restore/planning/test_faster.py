"""Settings that are advised, since they are much sooner."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from oss_restore.planning.faster import Faster, faster
from oss_restore.planning.forecast.model import Deployment, forecast
from oss_restore.planning.forecast.prices import load_prices
from oss_restore.planning.forecast.workload import Quotas
from oss_restore.planning.plan_inputs import Terms
from tests.oss_restore.planning.forecast.runs import BULK, objects, run, settings, sizes
from thaw.run_input import ManifestInput
from thaw.run_input_parser import parse_run_input
from thaw.storage_classes import ARCHIVE, DEEP_COLD_ARCHIVE

MANIFEST = ManifestInput(bucket="b", key="list.csv", format="csv")
BULK_SETTINGS = {"maxKeys": 1000, "groupSize": 50, "workers": 16}


def advice(
    count: int, fields: dict[str, Any], *, name: str = ARCHIVE, foreach: int = 100
) -> Faster | None:
    asked, workload = run(**fields), objects(count, name)
    terms = Terms(Quotas(foreach=foreach), Deployment(), load_prices())
    return faster(workload, asked, terms.forecast(workload, asked), terms)


@pytest.mark.parametrize(
    ("count", "fields", "settings"),
    [
        (10**7, BULK, {"shards": "auto"}),
        (10**7, {}, {**BULK_SETTINGS, "shards": "auto"}),
        (20_000, {}, BULK_SETTINGS),
        (10**6, {"manifest": MANIFEST}, BULK_SETTINGS),
        (10**7, {"prefixes": ("a/", "b/")}, BULK_SETTINGS),
        (20_000, {"wait_for": "page"}, {**BULK_SETTINGS, "waitFor": "run"}),
    ],
    ids=["bulk", "defaults", "fewer", "manifest", "prefixes", "page"],
)
def test_the_fewest_changes_are_advised_that_make_the_difference(
    count: int, fields: dict[str, Any], settings: dict[str, Any]
) -> None:
    found = advice(count, fields)
    assert found is not None
    assert found.settings == settings


@pytest.mark.parametrize(
    ("count", "fields", "name"),
    [
        (100, {}, ARCHIVE),
        (10**7, {**BULK, "shards": "auto"}, ARCHIVE),
        (10**7, {**BULK, "objects_per_second": 10}, ARCHIVE),
        (10**5, BULK, DEEP_COLD_ARCHIVE),
    ],
    ids=["few", "all set", "paced", "the thaw itself"],
)
def test_nothing_is_advised_where_it_does_not_help(
    count: int, fields: dict[str, Any], name: str
) -> None:
    assert advice(count, fields, name=name) is None


@given(sizes, settings, st.integers(1, 100))
def test_what_is_advised_is_sooner_and_the_functions_take_it(
    count: int, fields: dict[str, Any], foreach: int
) -> None:
    asked, quotas = run(**fields), Quotas(foreach=foreach)
    assume(asked.max_keys <= asked.group_size * foreach)
    found = advice(count, fields, foreach=foreach)
    if found is not None:
        parse_run_input({**asked.to_json(), **found.settings}, foreach_limit=foreach)
        alone = forecast(objects(count), asked, quotas=quotas)
        assert found.forecast.readable_seconds < alone.readable_seconds
