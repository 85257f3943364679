"""A forecast compared with the run."""

from __future__ import annotations

from collections import Counter
from typing import Any

import oss2
import pytest

from localcloud.meters import FC_INVOCATIONS, FNF_TRANSITIONS, OSS_REQUESTS
from oss_restore.cli.rehearsal.scenario import ARTICLE_INPUT, CHOSEN_INPUT
from oss_restore.clients.control_api import SeedObject
from oss_restore.planning.forecast.course import CALL
from oss_restore.planning.forecast.model import DeploymentSettings, forecast
from oss_restore.planning.forecast.workload import Workload
from tests.e2e.conftest import RELAY_AT_EVENT
from tests.site import BUCKET, Site
from thaw.run_input_parser import parse_run_input
from thaw.storage_classes import ARCHIVE, ARCHIVE_CLASSES, COLD_ARCHIVE

BULK_INPUT: dict[str, Any] = {"maxKeys": 1000, "groupSize": 50, "workers": 16, "waitFor": "run"}
SMALL_PAGES = {"maxKeys": 1, "groupSize": 1, "waitFor": "none"}


@pytest.mark.parametrize(
    ("objects", "classes", "settings"),
    [
        (150, [ARCHIVE], {**ARTICLE_INPUT, "waitFor": "page"}),
        (110, [COLD_ARCHIVE], {**ARTICLE_INPUT, "waitFor": "page", "days": 9}),
        (180, [ARCHIVE], BULK_INPUT),
        (1_500, [ARCHIVE], BULK_INPUT),
        (1_500, [ARCHIVE], {**BULK_INPUT, "maxKeys": 1_200}),
        (1_500, [ARCHIVE], CHOSEN_INPUT),
        (1_200, list(ARCHIVE_CLASSES), {**BULK_INPUT, "pollInterval": 21_600}),
        (900, [ARCHIVE], {**BULK_INPUT, "maxKeys": 100, "shards": "4"}),
        (200, [ARCHIVE], {**BULK_INPUT, "prefixes": ["folder/object-0000", "folder/object-0001"]}),
    ],
    ids=[
        "article",
        "article cold",
        "bulk",
        "bulk pages",
        "partial page",
        "chosen",
        "mixed",
        "shards",
        "prefixes",
    ],
)
def test_a_forecast_matches_the_run(
    site: Site,
    bucket: oss2.Bucket,
    objects: int,
    classes: list[str],
    settings: dict[str, Any],
) -> None:
    check_forecast(site, objects, classes, settings, DeploymentSettings())


def test_a_forecast_matches_a_run_that_relays(
    site: Site, bucket: oss2.Bucket, short_legs: None
) -> None:
    settings = DeploymentSettings(relay_at_event=RELAY_AT_EVENT)
    check_forecast(site, 50, [ARCHIVE], SMALL_PAGES, settings)


def check_forecast(
    site: Site,
    objects: int,
    classes: list[str],
    settings: dict[str, Any],
    deployment: DeploymentSettings,
) -> None:
    keys = [f"folder/object-{number:06d}" for number in range(objects)]
    site.fill(
        SeedObject(key=key, size=1_000, storage_class=classes[number % len(classes)])
        for number, key in enumerate(keys)
    )
    run_input = {
        **settings,
        "endpoint": site.endpoints.oss,
        "bucketName": BUCKET,
        "storageClasses": classes,
    }
    shares = {name: len(range(index, objects, len(classes))) for index, name in enumerate(classes)}
    run = parse_run_input(run_input, foreach_limit=100)
    prediction = forecast(Workload(shares, object_bytes=1_000), run, deployment=deployment)
    usage = prediction.usage

    with site.billing() as bill, site.working() as done:
        result = site.run(**run_input)
    assert result.execution.status == "Succeeded", result.verdict.sentence
    requests = {
        name.removeprefix(OSS_REQUESTS): amount
        for name, amount in bill.items()
        if name.startswith(OSS_REQUESTS) and amount
    }
    assert requests.pop("RestoreObject") == usage.restores == objects
    slack = 16 if run.shards != "1" else 0  # to find out where to divide, and for uneven parts
    assert requests == {
        name: pytest.approx(n, rel=0.02, abs=slack) for name, n in usage.requests.items()
    }
    assert bill[FNF_TRANSITIONS] == pytest.approx(usage.transitions, rel=0.02)
    assert bill[FC_INVOCATIONS] == pytest.approx(usage.invocations, rel=0.02)
    for name, operations in prediction.work.items():
        assert {CALL: done[name].calls, **+Counter(done[name].requests)} == {
            kind: pytest.approx(operation.count, rel=0.02, abs=slack)
            for kind, operation in operations.items()
            if operation.count
        }, name
