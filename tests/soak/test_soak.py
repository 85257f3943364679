"""Long runs on a local cloud, on demand only: ``make soak``.

The suite has small versions of these (``tests/e2e``, ``tests/functions``); here they are as large
as in production, so that even events that occur once in ten thousand calls do occur.
"""

from __future__ import annotations

import json
import random
import string
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import oss2
import pytest

from localcloud.meters import OSS_RETRIEVALS
from oss_restore.clients.control_api import SeedObject
from tests.site import Site
from thaw.storage_classes import ARCHIVE_CLASSES

pytestmark = pytest.mark.soak

BULK = {"maxKeys": 1000, "groupSize": 50, "workers": 16}
RATE = 0.05

# A read that times out takes half a minute of real time, so there are only a few of those.
TIME_OUTS = {"kind": "delay", "seconds": 60, "times": 30}

TASKS = {"operation": "Task", "rate": RATE}
FUNCTION_TASKS = ("*/restoreTask", "*/listArchiveFiles", "*/lookAtPages")

FAULTS: list[tuple[str, dict[str, object]]] = [
    ("oss", {"operation": "RestoreObject", "rate": RATE, **TIME_OUTS}),
    ("oss", {"rate": RATE, "status": 503, "code": "ServiceUnavailable"}),
    ("oss", {"rate": RATE, "status": 429, "code": "TooManyRequests"}),
    ("oss", {"rate": RATE, "kind": "reset"}),
    ("oss", {"rate": RATE, "kind": "late_error"}),
    ("fc", {"rate": RATE, "kind": "crash"}),
    ("fc", {"rate": RATE, "status": 429, "code": "ResourceExhausted"}),
    ("fc", {"rate": RATE, "kind": "duplicate"}),
    ("fnf", {**TASKS, "target": "*/invokeRestoreFlow", "code": "fnf.ResourceThrottled"}),
    ("fnf", {**TASKS, "kind": "duplicate"}),
    *[("fnf", {**TASKS, "target": task, "code": "FnF.TaskTimeout"}) for task in FUNCTION_TASKS],
]


@pytest.fixture(autouse=True)
def clean(site: Site) -> Iterator[None]:
    yield
    site.control.clear_faults()


def ledger(site: Site, run: str) -> Iterator[Mapping[str, str]]:
    """Return every record of a run."""
    reports = site.bucket(site.outputs["report_bucket"])
    parts = oss2.ObjectIteratorV2(reports, prefix=f"runs/{run}/outcomes/", max_keys=1000)

    def read(key: str) -> list[Mapping[str, str]]:
        return [json.loads(line) for line in reports.get_object(key).read().splitlines()]

    with ThreadPoolExecutor(8) as pool:
        for records in pool.map(read, [part.key for part in parts]):
            yield from records


def retrievals(bill: Mapping[str, float]) -> int:
    """Return the number of billed thaws."""
    return round(sum(n for name, n in bill.items() if name.startswith(OSS_RETRIEVALS)))


def test_a_hundred_thousand_objects_survive_every_kind_of_fault(
    site: Site, bucket: oss2.Bucket
) -> None:
    classes = [*ARCHIVE_CLASSES, "Standard"]
    objects = [
        SeedObject(key=f"data/{n // 1000:03}/{n:07}", size=1, storage_class=classes[n % 4])
        for n in range(100_000)
    ]
    site.fill(objects)
    archived = {o.key for o in objects if o.storage_class != "Standard"}
    for service, rule in FAULTS:
        site.control.add_fault(service=service, **rule)
    with site.billing() as bill:
        result = site.run(**BULK)
    site.control.clear_faults()

    assert result.execution.status == "Succeeded", result.execution.output
    assert result.verdict.exit_code == 0
    assert result.summary["listed"] == result.outcomes.total() == len(archived)
    records = Counter(record["key"] for record in ledger(site, result.execution.name))
    assert records.keys() == archived
    assert set(records.values()) == {1}
    assert retrievals(bill) == len(archived)
    assert site.census().unreadable == []


def test_sixty_thousand_keys_of_a_thousand_bytes_exceed_no_limit(
    site: Site, bucket: oss2.Bucket
) -> None:
    noise = random.Random(7)
    letters = string.ascii_letters + string.digits
    keys = [f"{n:06}" + "".join(noise.choices(letters, k=994)) for n in range(60_000)]
    site.fill(SeedObject(key=key, size=1, storage_class="Archive") for key in keys)
    result = site.run(**BULK)
    assert result.execution.status == "Succeeded", result.execution.output
    assert result.verdict.exit_code == 0
    assert result.outcomes == {"requested": len(keys)}
    assert site.census().unreadable == []
    # The local cloud ends an execution that exceeds a limit; this one did not come close.
    events = site.workflow.events(site.deployment.main_flow, result.execution.name)
    assert sum(1 for _ in events) < 5_000
