"""The additional cost of copies, on the local cloud and by the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from localcloud.meters import FC_INVOCATIONS, FNF_TRANSITIONS, OSS_REQUESTS
from oss_restore.clients.control_api import SeedObject
from oss_restore.planning.forecast.model import DeploymentSettings, forecast
from oss_restore.planning.forecast.workload import Workload
from tests.bench.compare import ALLOWANCE
from tests.bench.figures import Figure
from tests.bench.runs import OBJECT_BYTES, UnfinishedThawError
from tests.site import BUCKET, Site, empty
from thaw.run_input_parser import parse_run_input
from thaw.storage_classes import ARCHIVE

DESTINATION: Final = "bench-copies"
# Few looks while the objects thaw, so that their number does not depend on this machine.
_SETTINGS: Final = {"storageClasses": [ARCHIVE], "pollInterval": 21_600}
_COPY: Final = {"copy": {"bucketName": DESTINATION}}
_MOST_REQUESTS: Final = 1.05
_MOST_PERCENT: Final = 5


def of_copies(site: Site, objects: int) -> Iterator[Figure]:
    """Thaw objects, copy as many, and compare both.

    Args:
        site: a deployment that may copy to :data:`DESTINATION`.
        objects: the number of objects of each of the two runs.

    Raises:
        UnfinishedThawError: a run has not reached its goal.
    """
    site.bucket(DESTINATION).create_bucket()
    thawed, copied = (_measure(site, objects, name, then) for name, then in _RUNS)
    for name in (BUCKET, DESTINATION):
        empty(site.bucket(name))
    each = (_requests(copied) - _requests(thawed)) / objects
    yield Figure("requests_per_copied_object", round(each, 3), "1", _MOST_REQUESTS)
    given = {**_SETTINGS, "endpoint": site.endpoints.oss, "bucketName": BUCKET, "then": _COPY}
    run = parse_run_input(given, foreach_limit=100, allowance=ALLOWANCE)
    settings = DeploymentSettings(allowance=ALLOWANCE)
    usage = forecast(Workload({ARCHIVE: objects}, OBJECT_BYTES), run, deployment=settings).usage
    for what, measured, predicted in (
        ("requests", _requests(copied), usage.all_requests),
        ("transitions", copied[FNF_TRANSITIONS], usage.transitions),
        ("invocations", copied[FC_INVOCATIONS], usage.invocations),
    ):
        off = abs(predicted - measured) / measured * 100
        yield Figure(f"model_copies_{what}_off_by", round(off, 1), "%", _MOST_PERCENT)


_RUNS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("thawed/", {}),
    ("copied/", {"then": _COPY}),
)


def _measure(site: Site, objects: int, prefix: str, then: dict[str, Any]) -> Mapping[str, float]:
    """Measure what a run is billed for."""
    site.fill(
        SeedObject(key=f"{prefix}{number:09d}", size=OBJECT_BYTES, storage_class=ARCHIVE)
        for number in range(objects)
    )
    with site.billing() as bill:
        result = site.run(prefix=prefix, **_SETTINGS, **then)
    if result.verdict.exit_code:
        raise UnfinishedThawError(f"{prefix}: {result.verdict.sentence}")
    return bill


def _requests(bill: Mapping[str, float]) -> float:
    return sum(amount for name, amount in bill.items() if name.startswith(OSS_REQUESTS))
