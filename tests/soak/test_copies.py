"""Copies of realistic size, also when processes are killed repeatedly.

``SOAK_COPIES`` in the environment makes the largest of them smaller than a million objects.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import oss2
import pytest
import yaml

from oss_restore.cli.rehearsal.objects import AWKWARD_KEYS
from oss_restore.clients.control_api import SeedObject
from tests.oss_restore.conftest import Cli
from tests.site import BUCKET, ENVIRONMENT, Deployed, Site, archived, deployed_site
from tests.soak.test_killed import Kept, kept_deployment
from thaw.json_reader import MAX_KEY_BYTES
from thaw.storage_classes import ARCHIVE_CLASSES

pytestmark = pytest.mark.soak

ELSEWHERE: Final = "e2e-elsewhere"
THEN: Final = {"copy": {"bucketName": ELSEWHERE, "prefix": "to/"}}
GB: Final = 1024**3
TB: Final = 1024**4
SMALL: Final = 1_500
TIMES: Final = 6
PATIENCE_SECONDS: Final = 600
MILLION: Final = int(os.environ.get("SOAK_COPIES", "1000000"))


def allow_copies(folder: Path) -> None:
    """Permit the environment's runs to copy to the other bucket and to promote."""
    file = folder / f"{ENVIRONMENT}.yaml"
    document = yaml.safe_load(file.read_text())
    document["buckets"][0]["promote"] = True
    document["destinations"] = [{"name": ELSEWHERE, "prefixes": ["to/"]}]
    file.write_text(yaml.safe_dump(document, sort_keys=False))


def everything() -> list[SeedObject]:
    """Put objects of every class and size, with keys of every kind."""
    sizes = count()
    odd = [key for key in AWKWARD_KEYS if len(f"to/{key}".encode()) <= MAX_KEY_BYTES]
    return [
        *archived(SMALL),
        *(
            SeedObject(key=f"{next(sizes)}/{size}", size=size, storage_class=name)
            for name in ARCHIVE_CLASSES
            for size in (0, 1, GB, GB + 1, 12 * GB)
        ),
        *(SeedObject(key=key, size=7, storage_class="Archive") for key in odd),
    ]


def heads(bucket: oss2.Bucket, prefix: str = "") -> dict[str, tuple[int, int]]:
    """Return size and CRC64 of each object, by its key after the prefix."""
    found = {}
    for one in oss2.ObjectIteratorV2(bucket, prefix=prefix, max_keys=1000):
        head = bucket.head_object(one.key)
        found[one.key.removeprefix(prefix)] = (head.content_length or 0, head.server_crc or 0)
    return found


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    """Return a deployment that copies, on a cloud that keeps its state."""
    with kept_deployment(tmp_path, prepare=allow_copies) as kept:
        kept.deployed.bucket(ELSEWHERE).create_bucket()
        kept.deployed.fill(everything())
        yield kept


def at_copies(kept: Kept, operation: str, numbers: list[int]) -> Iterator[None]:
    """Yield each time that so many copies are made."""
    for number in numbers:
        deadline, deployed = monotonic() + PATIENCE_SECONDS, kept.deployed
        while deployed.control.meters().get(f"oss.requests.{operation}", 0) < number:
            assert monotonic() < deadline, "the run does not go on"
            sleep(0.05)
        yield


@pytest.mark.parametrize("then", [THEN, {"promote": {}}], ids=["copy", "promote"])
@pytest.mark.parametrize(
    "harm", [Kept.kill_and_start, Kept.kill_functions], ids=["cloud", "functions"]
)
def test_copies_are_complete_however_often_processes_are_killed(
    kept: Kept, harm: Callable[[Kept], None], then: dict[str, object]
) -> None:
    before = heads(kept.deployed.bucket())
    for operation in ("*Copy*", "CompleteMultipartUpload", "ListObjects"):
        for kind in ("error", "late_error"):
            rule = {"operation": operation, "kind": kind, "rate": 0.025}
            kept.deployed.control.add_fault(service="oss", **rule)
    name = kept.deployed.start(then=then, maxKeys=200, groupSize=50, workers=4, pollInterval=3_600)
    numbers = sorted(kept.random.sample(range(1, SMALL // 2), TIMES))
    for _ in at_copies(kept, "CopyObject", numbers):
        harm(kept)
    for _ in at_copies(kept, "UploadPartCopy", [5, 60]):
        harm(kept)
    result = kept.deployed.wait(name)
    assert result.execution.status == "Succeeded", result.verdict.sentence
    assert result.verdict.exit_code == 0, result.verdict.sentence
    promotes = "promote" in then
    place, prefix = (BUCKET, "") if promotes else (ELSEWHERE, "to/")
    kept.deployed.control.clear_faults()
    target = kept.deployed.bucket(place)
    assert heads(target, prefix) == before
    assert target.list_multipart_uploads().upload_list == []


@pytest.fixture(scope="module")
def copying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a deployment that copies."""
    with deployed_site(tmp_path_factory.mktemp("copies")) as site:
        allow_copies(site.environments)
        site.outputs.update(site.deployer.deploy(ENVIRONMENT))
        for name in (BUCKET, ELSEWHERE):
            site.bucket(name).create_bucket()
        yield site


def copied_parts(deployed: Deployed) -> float:
    return deployed.control.meters().get("oss.requests.UploadPartCopy", 0)


def copy_some_parts(copying: Site, prefix: str) -> str:
    """Start a run, and return it while it copies an object of 5 TB."""
    copying.fill([SeedObject(key=f"{prefix}one", size=5 * TB, storage_class="ColdArchive")])
    before, name = copied_parts(copying), copying.start(then=THEN, prefix=prefix)
    deadline = monotonic() + PATIENCE_SECONDS
    while copied_parts(copying) < before + 500:
        assert monotonic() < deadline, "the run does not go on"
        sleep(0.05)
    return name


def test_a_stopped_run_leaves_no_billed_parts(copying: Site, cli: Cli) -> None:
    name = copy_some_parts(copying, "stopped/")
    stopped = cli("stop", *copying.arguments, "--run", name, "--yes")
    assert stopped.status == 0, stopped.err
    target = copying.bucket(ELSEWHERE)
    assert target.list_multipart_uploads(prefix="to/stopped/").upload_list == []


def test_an_object_of_five_terabytes_is_copied_by_several_calls_and_runs(copying: Site) -> None:
    begun = "oss.requests.InitiateMultipartUpload"
    with copying.billing() as bill:
        copying.stop(copy_some_parts(copying, "huge/"))  # as in the service's console
        result = copying.run(then=THEN, prefix="huge/")
    assert result.verdict.exit_code == 0, result.verdict.sentence
    assert bill[begun] == 1
    assert bill["oss.requests.UploadPartCopy"] <= 10_000 + 500
    source, target = copying.bucket(), copying.bucket(ELSEWHERE)
    assert heads(target, "to/huge/") == {"one": heads(source, "huge/")["one"]}
    assert target.list_multipart_uploads().upload_list == []


def test_a_million_small_objects_are_copied(copying: Site) -> None:
    copying.fill(
        SeedObject(key=f"small/{n // 1000:04}/{n:07}", size=n % 100, storage_class="Archive")
        for n in range(MILLION)
    )
    with copying.billing() as bill:
        result = copying.run(then=THEN, prefix="small/")
    assert result.verdict.exit_code == 0, result.verdict.sentence
    assert result.verdict.to_json()["all"] == {"copied": MILLION}
    requests = sum(n for name, n in bill.items() if name.startswith("oss.requests."))
    assert bill["oss.requests.CopyObject"] == MILLION
    assert requests <= 2.1 * MILLION, "a thaw and a copy of each, and hardly anything else"
    found = oss2.ObjectIteratorV2(copying.bucket(ELSEWHERE), prefix="to/small/", max_keys=1000)
    assert sum(1 for _ in found) == MILLION
