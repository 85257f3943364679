"""Runs that copy all versions of each key, in order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import oss2
import pytest

from tests.functions.flow import Flow
from tests.functions.scene import BUCKET, RARE_POLLS, Context, Scene
from thaw.errors import InvalidInput

ELSEWHERE = "elsewhere"
COPY = {"copy": {"bucketName": ELSEWHERE, "prefix": "from/"}}
ALL: Mapping[str, Any] = {**RARE_POLLS, "then": COPY, "versions": "all"}
GB = 1024**3
CLASSES = ("Archive", "ColdArchive", "Standard", "DeepColdArchive")


def keep_versions(bucket: oss2.Bucket) -> oss2.Bucket:
    bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    return bucket


@pytest.fixture
def source(scene: Scene) -> oss2.Bucket:
    return keep_versions(scene.oss.bucket(BUCKET))


@pytest.fixture
def target(scene: Scene, context: Context, monkeypatch: pytest.MonkeyPatch) -> oss2.Bucket:
    """Return the destination, which keeps versions."""
    place = {"name": ELSEWHERE, "prefixes": [], "storageClass": "Standard", "versions": True}
    monkeypatch.setenv("AFTER_THAW", json.dumps({"promote": [BUCKET], "destinations": [place]}))
    bucket = scene.oss.bucket(ELSEWHERE)
    bucket.create_bucket()
    return keep_versions(bucket)


def put(bucket: oss2.Bucket, key: str, *data: str, storage_class: str = "Archive") -> None:
    """Put versions of a key, one after the other."""
    for one in data:
        headers = {
            "x-oss-storage-class": storage_class,
            "x-oss-meta-version": one,
            "x-oss-tagging": f"version={one}",
        }
        bucket.put_object(key, one.encode(), headers=headers)


def put_each_class(bucket: oss2.Bucket) -> None:
    """Put a key with a version of each class, and the same data twice in a row."""
    for storage_class in CLASSES:
        put(bucket, "k", storage_class, storage_class=storage_class)
    put(bucket, "k", "same", "same")


def versions(bucket: oss2.Bucket, key: str) -> list[str]:
    """Return how each version of a key is marked in metadata and tags, oldest first."""
    found = []
    for one in reversed(bucket.list_object_versions(prefix=key).versions):
        named = {"versionId": one.versionid}
        meta = bucket.head_object(one.key, params=named).headers["x-oss-meta-version"]
        tags = bucket.get_object_tagging(one.key, params=named).tag_set.tagging_rule
        assert tags == {"version": meta}
        found.append(meta)
    return found


def test_versions_of_every_class_are_copied_in_order(
    scene: Scene, flow: Flow, source: oss2.Bucket, target: oss2.Bucket
) -> None:
    put_each_class(source)
    put(source, "other", "1", "2")
    put(source, "not archived", "1", storage_class="Standard")
    verdict = flow.run(**ALL)["verdict"]
    assert verdict["all"] == {"copied": 8}
    assert verdict["exitCode"] == 0
    for key in ("k", "other"):
        assert versions(target, f"from/{key}") == versions(source, key)
    assert target.get_object("from/k").read() == b"same"
    assert not target.object_exists("from/not archived")
    before = scene.requests("CopyObject")
    again = flow.run(**ALL)["verdict"]
    assert (again["all"], again["exitCode"]) == ({"present": 8}, 0)
    assert scene.requests("CopyObject") == before


def test_versions_added_since_the_last_run_are_copied_after_the_existing_ones(
    scene: Scene, flow: Flow, source: oss2.Bucket, target: oss2.Bucket
) -> None:
    put(source, "k", "1", "2")
    flow.run(**ALL)
    scene.oss.advance(61)
    put(source, "k", "3")
    verdict = flow.run(**ALL)["verdict"]
    assert verdict["all"] == {"present": 2, "copied": 1}
    assert versions(target, "from/k") == ["1", "2", "3"]


def test_deletions_in_the_source_are_repeated_in_the_destination(
    flow: Flow, scene: Scene, source: oss2.Bucket, target: oss2.Bucket
) -> None:
    put(source, "gone", "1", "2")
    source.delete_object("gone")
    put(source, "back", "1")
    source.delete_object("back")
    put(source, "back", "2")
    for _ in range(2):
        assert flow.run(**ALL)["verdict"]["exitCode"] == 0
        markers = target.list_object_versions().delete_marker
        assert [(one.key, one.is_latest) for one in markers] == [("from/gone", True)]
        assert versions(target, "from/gone") == ["1", "2"]
        assert versions(target, "from/back") == ["1", "2"]


def test_a_key_may_have_more_versions_than_a_page_or_a_listing(
    scene: Scene, flow: Flow, source: oss2.Bucket, target: oss2.Bucket
) -> None:
    data = [str(n) for n in range(70)]  # more than FIRST_KEYS of thaw.lookup
    put(source, "a", *data)
    put(source, "b", "1", "2")
    summary = flow.run(then=COPY, versions="all", maxKeys=10, groupSize=4, shards=1)
    assert summary["verdict"]["all"] == {"copied": 72}
    assert versions(target, "from/a") == data
    assert versions(target, "from/b") == ["1", "2"]


@pytest.mark.parametrize("kind", ["late_error", "error"])
def test_no_version_is_copied_twice_however_calls_fail(
    scene: Scene, context: Context, source: oss2.Bucket, target: oss2.Bucket, kind: str
) -> None:
    put_each_class(source)
    scene.fault(operation="CopyObject", kind=kind, rate=0.4)
    flow = Flow(scene, context, calls=2)
    assert flow.run(**ALL)["verdict"]["exitCode"] == 0
    assert versions(target, "from/k") == versions(source, "k")


def test_large_versions_are_copied_in_parts_in_order(
    scene: Scene, flow: Flow, source: oss2.Bucket, target: oss2.Bucket
) -> None:
    for size in (2 * GB, 10, 3 * GB):
        scene.seed(["k"], size=size)
    scene.fault(operation="CompleteMultipartUpload", kind="late_error", times=2)
    assert flow.run(**ALL)["verdict"]["all"] == {"copied": 3}
    sizes = [one.size for one in target.list_object_versions().versions]
    assert sizes == [3 * GB, 10, 2 * GB]


def test_newer_versions_are_not_copied_before_one_that_cannot_be_copied(
    scene: Scene, flow: Flow, source: oss2.Bucket, target: oss2.Bucket
) -> None:
    put(source, "k", "1", "2", "3")
    put(source, "other", "1")
    scene.fault(
        operation="RestoreObject", target=f"{BUCKET}/k", status=400, code="InvalidArgument", times=2
    )
    verdict = flow.run(then=COPY, versions="all", workers=1)["verdict"]
    assert verdict["exitCode"] == 1
    assert verdict["all"]["copied"] == 2
    assert "OlderVersionFailed" in scene.report("failures.csv")
    again = flow.run(**ALL)["verdict"]
    assert again["exitCode"] == 0
    assert versions(target, "from/k") == ["1", "2", "3"]


def test_nothing_is_copied_onto_a_version_of_somebody_else(
    scene: Scene, flow: Flow, source: oss2.Bucket, target: oss2.Bucket
) -> None:
    put(source, "k", "1", "2")
    put(target, "from/k", "theirs", storage_class="Standard")
    verdict = flow.run(**ALL)["verdict"]
    assert verdict["all"] == {"copyFailed": 2}
    assert scene.report("failures.csv").count("DestinationExists") == 2
    assert versions(target, "from/k") == ["theirs"]


def test_a_damaged_version_is_followed_by_a_correct_one(
    scene: Scene, flow: Flow, source: oss2.Bucket, target: oss2.Bucket
) -> None:
    put(source, "k", "1", "2")
    scene.fault(operation="CopyObject", kind="damage", times=1)
    assert flow.run(**ALL)["verdict"]["all"] == {"copied": 2}
    assert versions(target, "from/k") == ["1", "1", "2"]
    assert flow.run(**ALL)["verdict"]["all"] == {"present": 2}


@pytest.mark.parametrize(
    ("change", "fields", "message"),
    [
        ("Suspended", {}, "does not keep versions"),
        ("Enabled", {"then": {"promote": {}}}, "current versions only"),
        ("Enabled", {"manifest": {"key": "list.csv"}}, "a manifest does not keep"),
    ],
)
def test_a_run_that_cannot_keep_the_order_is_refused_before_any_request(
    scene: Scene,
    flow: Flow,
    source: oss2.Bucket,
    target: oss2.Bucket,
    change: str,
    fields: dict[str, object],
    message: str,
) -> None:
    put(source, "k", "1")
    target.put_bucket_versioning(oss2.models.BucketVersioningConfig(change))
    with pytest.raises(InvalidInput, match=message):
        flow.run(**{"then": COPY, "versions": "all", **fields})
    assert scene.requests("RestoreObject") == 0


def test_versions_are_copied_only_where_the_environment_permits_it(
    scene: Scene,
    flow: Flow,
    source: oss2.Bucket,
    target: oss2.Bucket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = {"name": ELSEWHERE, "prefixes": [], "storageClass": "Standard"}
    monkeypatch.setenv("AFTER_THAW", json.dumps({"destinations": [place]}))
    with pytest.raises(InvalidInput, match="versions: true"):
        flow.run(**ALL)
