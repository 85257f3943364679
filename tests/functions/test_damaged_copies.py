"""Damaged copies are retried, then reported as failed, and never counted as copied."""

from __future__ import annotations

import csv
import io

import oss2
import pytest

from tests.functions.flow import Flow
from tests.functions.scene import BUCKET, Scene
from tests.functions.test_copies import COPY, PROMOTE, facts, put, target
from thaw.outcomes import Outcome

__all__ = ["target"]

GB = 1024**3


def versioned(scene: Scene) -> oss2.Bucket:
    bucket = scene.oss.bucket(BUCKET)
    bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    return bucket


def fill(scene: Scene) -> None:
    """Put an object copied whole, a multipart one copied whole, and one copied in parts."""
    put(scene, "a", **{"x-oss-meta-who": "me"})
    scene.seed(["large"], size=GB + 1)
    upload = scene.oss.bucket(BUCKET).init_multipart_upload(
        "parts", headers={"x-oss-storage-class": "Archive"}
    )
    part = scene.oss.bucket(BUCKET).upload_part("parts", upload.upload_id, 1, b"data")
    parts = [oss2.models.PartInfo(1, part.etag)]
    scene.oss.bucket(BUCKET).complete_multipart_upload("parts", upload.upload_id, parts)


def failed(scene: Scene) -> list[tuple[str, str]]:
    rows = csv.DictReader(io.StringIO(scene.report("failures.csv")))
    return [(row["Key"], row["ErrorCode"]) for row in rows]


@pytest.mark.parametrize(
    ("operation", "kind", "key"),
    [
        ("CopyObject", "damage", "a"),
        ("CopyObject", "drop_metadata", "a"),
        ("CopyObject", "damage", "parts"),
        ("UploadPartCopy", "damage", "large"),
        ("InitiateMultipartUpload", "drop_metadata", "large"),
    ],
)
@pytest.mark.parametrize("times", [1, None], ids=["once", "always"])
def test_a_damaged_copy_is_retried_and_fails_if_it_stays_damaged(
    scene: Scene,
    flow: Flow,
    target: oss2.Bucket,
    operation: str,
    kind: str,
    key: str,
    times: int | None,
) -> None:
    fill(scene)
    if key == "large":
        scene.oss.do(lambda: give_metadata(scene))
    scene.fault(operation=operation, target=f"elsewhere/from/{key}", kind=kind, times=times)
    verdict = flow.run(then=COPY)["verdict"]
    if times:
        assert verdict["all"] == {"copied": 3}
        assert verdict["exitCode"] == 0
        assert facts(target, f"from/{key}") == facts(scene.oss.bucket(BUCKET), key)
    else:
        assert verdict["all"] == {"copied": 2, "copyFailed": 1}
        assert verdict["exitCode"] == 1
        assert failed(scene) == [(key, "CopyDiffers")]
        assert f"{key},,failed,CopyDiffers" in scene.report("report.csv")
    assert target.list_multipart_uploads().upload_list == []


def give_metadata(scene: Scene) -> None:
    scene.oss.storage.get_object(BUCKET, "large").headers = {"x-oss-meta-who": "me"}


def test_all_copies_of_a_slice_are_compared_in_full_if_one_lacks_metadata(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    keys = [f"{n:02d}" for n in range(30)]
    for key in keys:
        put(scene, key, **{"x-oss-meta-key": key})
    for place, times in (("00", 1), ("2*", 10)):
        rule = {"operation": "CopyObject", "kind": "drop_metadata", "times": times}
        scene.fault(target=f"elsewhere/from/{place}", **rule)
    assert flow.run(then=COPY)["verdict"]["all"] == {"copied": 30}
    source = scene.oss.bucket(BUCKET)
    assert all(facts(target, f"from/{key}") == facts(source, key) for key in keys)


@pytest.mark.parametrize("key", ["a", "large", "parts"])
def test_a_damaged_promotion_is_reported_and_never_replaces_a_multipart_object(
    scene: Scene, flow: Flow, target: oss2.Bucket, key: str
) -> None:
    fill(scene)
    bucket = scene.oss.bucket(BUCKET)
    before = facts(bucket, key)
    scene.fault(operation="*Copy*", target=f"{BUCKET}/{key}", kind="damage")
    verdict = flow.run(then=PROMOTE)["verdict"]
    assert verdict["all"] == {"copyFailed": 1, "promoted": 2}
    assert verdict["exitCode"] == 1
    assert failed(scene) == [(key, "CopyDiffers")]
    assert (facts(bucket, key) == before) is (key != "a")
    assert scene.requests("CopyObject") == 1, "a second one would have copied what is damaged"
    assert bucket.list_multipart_uploads().upload_list == []


@pytest.mark.parametrize("key", ["a", "large", "parts"])
def test_a_damaged_promotion_is_repaired_in_a_versioned_bucket(
    scene: Scene, flow: Flow, target: oss2.Bucket, key: str
) -> None:
    bucket = versioned(scene)
    fill(scene)
    before = facts(bucket, key)
    scene.fault(operation="*Copy*", target=f"{BUCKET}/{key}", kind="damage", times=1)
    assert flow.run(then=PROMOTE)["verdict"]["all"] == {"promoted": 3}
    assert facts(bucket, key) == before


def test_the_archived_version_survives_damaged_promotions_in_a_versioned_bucket(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    bucket = versioned(scene)
    put(scene, "a")
    scene.fault(operation="CopyObject", target=f"{BUCKET}/a", kind="damage")
    assert flow.run(then=PROMOTE)["verdict"]["all"] == {"copyFailed": 1}
    archived = bucket.list_object_versions().versions[-1]
    assert archived.storage_class == "Archive"
    assert bucket.get_object("a", params={"versionId": archived.versionid}).read() == b"data of a"


def test_an_upload_aborted_by_somebody_else_is_restarted(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    scene.seed(["large"], size=3 * GB)
    scene.fault(operation="CompleteMultipartUpload", status=404, code="NoSuchUpload", times=1)
    assert flow.run(then=COPY)["verdict"]["all"] == {Outcome.COPIED.value: 1}
    assert target.head_object("from/large").content_length == 3 * GB


@pytest.mark.parametrize("operation", ["CompleteMultipartUpload", "PutObject"])
def test_a_promotion_in_parts_is_recognized_after_its_call_has_died(
    scene: Scene, flow: Flow, target: oss2.Bucket, operation: str
) -> None:
    scene.seed(["large"], size=GB + 1)
    scene.fault(operation=operation, target="*large*", kind="late_error", times=20)
    scene.fault(operation="HeadObject", target=f"{BUCKET}/large", times=1)
    assert flow.run(then=PROMOTE)["verdict"]["all"] == {"promoted": 1}
