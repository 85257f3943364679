"""A plan compared with the run that follows, by the cloud's meters and its clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import oss2
import pytest

from localcloud.meters import (
    FC_GB_SECONDS,
    FC_INVOCATIONS,
    FC_VCPU_SECONDS,
    FNF_TRANSITIONS,
    OSS_REQUESTS,
    OSS_RETRIEVED_BYTES,
)
from oss_restore.clients.control_api import SeedObject
from oss_restore.planning.forecast.prices import load_prices
from tests.oss_restore.conftest import Cli
from tests.site import BUCKET, Site
from thaw.storage_classes import ARCHIVE, COLD_ARCHIVE, DEEP_COLD_ARCHIVE
from thaw.usage import GIB, Retrieval, Usage

MIB = 2**20
BULK = ("--max-keys", "1000", "--group-size", "50", "--workers", "16", "--poll-interval", "1800")


def billed(meters: Mapping[str, float], days: Mapping[str, int]) -> float:
    """Return the known costs of the metered quantities. Meters do not wait for replicas to end."""
    requests = {
        name.removeprefix(OSS_REQUESTS): amount
        for name, amount in meters.items()
        if name.startswith(OSS_REQUESTS)
    }
    del requests["RestoreObject"]
    retrievals = []
    for name, size in meters.items():
        if name.startswith(OSS_RETRIEVED_BYTES) and size:
            kind = name.removeprefix(OSS_RETRIEVED_BYTES)
            storage_class, _, tier = kind.partition(".")
            objects = meters[f"oss.retrievals.{kind}"]
            retrievals.append(
                Retrieval(storage_class, tier, objects, size / GIB, days[storage_class])
            )
    usage = Usage(
        retrievals=tuple(retrievals),
        requests=requests,
        transitions=meters[FNF_TRANSITIONS],
        invocations=meters[FC_INVOCATIONS],
        vcpu_seconds=meters[FC_VCPU_SECONDS],
        gb_seconds=meters[FC_GB_SECONDS],
    )
    return usage.bill(load_prices()).known


@pytest.mark.parametrize(
    ("counts", "arguments"),
    [
        ({ARCHIVE: 120}, ()),
        ({ARCHIVE: 300, COLD_ARCHIVE: 500}, (*BULK, "--days", "2")),
        ({COLD_ARCHIVE: 200, DEEP_COLD_ARCHIVE: 100}, (*BULK, "--tier", "Expedited")),
    ],
    ids=["archive", "cold", "expedited"],
)
def test_cost_and_time_agree_with_plan_and_verdict(
    site: Site, bucket: oss2.Bucket, cli: Cli, counts: dict[str, int], arguments: tuple[str, ...]
) -> None:
    for storage_class, count in counts.items():
        site.fill(
            SeedObject(
                key=f"{storage_class}/object-{number:05d}",
                size=MIB * (1 + number % 3),
                storage_class=storage_class,
            )
            for number in range(count)
        )
    site.fill(
        SeedObject(key=f"other/{number:03d}", size=MIB, storage_class="Standard")
        for number in range(50)
    )
    options = (*site.arguments, "--bucket", BUCKET, *arguments)
    shown = cli("plan", *options, "--json")
    assert shown.status == 0
    planned: dict[str, Any] = {c["tier"]: c for c in shown.json["choices"]}
    tier = "Expedited" if "Expedited" in arguments else "Standard" if len(counts) > 1 else ""
    choice = planned[tier]

    started = site.control.now()
    with site.billing() as meters:
        ended = cli("start", *options, "--yes", "--no-plan", "--wait", "--json")
    took = site.control.now() - started
    assert ended.status == 0, ended.err
    assert ended.json["summary"]["outcomes"] == {"requested": sum(counts.values())}
    metered = billed(meters, choice["days"])
    assert choice["total"]["known"] == pytest.approx(metered, rel=0.05)
    assert ended.json["verdict"]["cost"]["known"] == pytest.approx(metered, rel=0.05)
    if COLD_ARCHIVE in counts:  # Archive's minute is as long as this machine needs for its work
        assert choice["totalSeconds"] == pytest.approx(took, rel=0.10)
