"""A deployment copies all versions of objects, and removes archived ones, as in docs/after.md."""

from __future__ import annotations

from collections.abc import Iterator

import oss2
import pytest

from tests.oss_restore.conftest import Cli
from tests.site import BUCKET, Site
from tests.site_state import redeployed_site

ELSEWHERE = "e2e-elsewhere"


@pytest.fixture(scope="module")
def shared_site(shared_site: Site) -> Iterator[Site]:
    """Deploy an environment that permits copying and removing versions."""
    source = {"name": BUCKET, "versions": True, "promote": True, "remove_archived": True}
    destination = {"name": ELSEWHERE, "versions": True}
    with redeployed_site(shared_site, buckets=[source], destinations=[destination]):
        yield shared_site


@pytest.fixture
def copying(site: Site) -> Site:
    """Return the deployment with buckets that keep versions."""
    for name in (BUCKET, ELSEWHERE):
        bucket = site.bucket(name)
        bucket.create_bucket()
        bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    return site


def put_versions(bucket: oss2.Bucket, key: str, *classes: str) -> None:
    """Put a version of each class, which its metadata and tags identify."""
    for number, storage_class in enumerate(classes):
        headers = {
            "x-oss-storage-class": storage_class,
            "x-oss-meta-number": str(number),
            "x-oss-tagging": f"number={number}",
        }
        bucket.put_object(key, b"%d" % number, headers=headers)


def versions(bucket: oss2.Bucket, prefix: str = "") -> list[tuple[str, str, str]]:
    """List key, number and class of each version, those of a key newest first."""
    return [
        (
            one.key,
            bucket.head_object(one.key, params={"versionId": one.versionid}).headers[
                "x-oss-meta-number"
            ],
            one.storage_class,
        )
        for one in bucket.list_object_versions(prefix=prefix).versions
    ]


def test_all_versions_are_moved_in_their_order(copying: Site, cli: Cli) -> None:
    source, target = copying.bucket(), copying.bucket(ELSEWHERE)
    put_versions(source, "moved/a+b %", "DeepColdArchive", "Archive", "ColdArchive", "Standard")
    put_versions(source, "moved/gone", "Archive", "Archive")
    source.delete_object("moved/gone")
    copying.control.add_fault(service="oss", operation="CopyObject", kind="late_error", rate=0.2)
    command = (
        *("start", *copying.arguments, "--bucket", BUCKET, "--prefix", "moved/"),
        *("--versions", "all", "--then", f"copy:oss://{ELSEWHERE}/to/"),
        *("--yes", "--wait", "--json"),
    )
    for outcome in ("copied", "present"):
        done = cli(*command)
        assert done.status == 0, done.err
        assert done.json["verdict"]["all"] == {outcome: 6}
    copying.control.clear_faults()
    numbers = [(key.removeprefix("to/"), number) for key, number, _ in versions(target)]
    assert numbers == [(key, number) for key, number, _ in versions(source, "moved/")]
    assert not target.object_exists("to/moved/gone")
    assert target.get_object("to/moved/a+b %").read() == b"3"


def test_archived_versions_are_removed_on_request(copying: Site, cli: Cli) -> None:
    bucket = copying.bucket()
    put_versions(bucket, "promoted/a", "Archive", "Archive")
    done = cli(
        *("start", *copying.arguments, "--bucket", BUCKET, "--prefix", "promoted/"),
        *("--then", "promote:remove-archived", "--yes", "--wait", "--json"),
    )
    assert done.status == 0, done.err
    assert "archived version is removed" in done.json["verdict"]["sentence"]
    assert "archived versions stay" not in done.err
    left = [("promoted/a", "1", "Standard"), ("promoted/a", "0", "Archive")]
    assert versions(bucket, "promoted/") == left
