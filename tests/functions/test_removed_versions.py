"""Runs that promote objects and remove their archived versions."""

from __future__ import annotations

import csv
import io
import json

import oss2
import pytest

from tests.functions.flow import Flow
from tests.functions.scene import BUCKET, RARE_POLLS, Context, Scene
from tests.functions.test_copies import put
from thaw.errors import InvalidInput

GB = 1024**3
PROMOTE = {"promote": {"removeArchived": True}}


@pytest.fixture
def bucket(scene: Scene, context: Context, monkeypatch: pytest.MonkeyPatch) -> oss2.Bucket:
    """Return a versioned bucket, in an environment that permits removing archived versions."""
    allowed = {"promote": [BUCKET], "removeArchived": [BUCKET]}
    monkeypatch.setenv("AFTER_THAW", json.dumps(allowed))
    bucket = scene.oss.bucket(BUCKET)
    bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    return bucket


def fill(scene: Scene, bucket: oss2.Bucket) -> None:
    """Put objects promoted whole and in parts, and older versions out of the run's scope."""
    put(scene, "a", **{"x-oss-meta-who": "older"})
    scene.oss.advance(1)
    put(scene, "a", **{"x-oss-meta-who": "me"})
    scene.seed(["large"], "ColdArchive", size=GB + 1)


def classes(bucket: oss2.Bucket) -> list[tuple[str, str]]:
    found = bucket.list_object_versions().versions
    return [(one.key, one.storage_class) for one in found]


def test_the_archived_version_is_removed_once_the_new_one_is_verified(
    scene: Scene, flow: Flow, bucket: oss2.Bucket
) -> None:
    fill(scene, bucket)
    verdict = flow.run(**RARE_POLLS, then=PROMOTE)["verdict"]
    assert verdict["all"] == {"promoted": 2}
    assert verdict["removed"] == 2
    assert "2 archived versions are removed." in verdict["sentence"]
    assert verdict["exitCode"] == 0
    left = [("a", "Standard"), ("a", "Archive"), ("large", "Standard")]
    assert classes(bucket) == left, "an older version is not the run's"
    assert bucket.head_object("a").headers["x-oss-meta-who"] == "me"
    rows = list(csv.DictReader(io.StringIO(scene.report("report.csv"))))
    messages = [row["ResultMessage"] for row in rows if "promoted" in row["ResultMessage"]]
    assert len(messages) == 2
    assert all("the archived version" in text and "is removed" in text for text in messages)


@pytest.mark.parametrize("operation", ["DeleteObject", "PutObject", "CopyObject"])
def test_repeated_calls_after_faults_remove_nothing_else(
    scene: Scene, context: Context, bucket: oss2.Bucket, operation: str
) -> None:
    fill(scene, bucket)
    scene.fault(operation=operation, target="*", kind="late_error", rate=0.3)
    flow = Flow(scene, context, calls=2)
    assert flow.run(**RARE_POLLS, then=PROMOTE)["verdict"]["all"] == {"promoted": 2}
    left = [("a", "Standard"), ("a", "Archive"), ("large", "Standard")]
    assert classes(bucket) == left


def test_the_archived_version_of_a_damaged_promotion_is_kept(
    scene: Scene, flow: Flow, bucket: oss2.Bucket
) -> None:
    put(scene, "a")
    scene.fault(operation="CopyObject", kind="damage")
    verdict = flow.run(then=PROMOTE)["verdict"]
    assert (verdict["all"], verdict.get("removed")) == ({"copyFailed": 1}, None)
    assert classes(bucket)[-1] == ("a", "Archive")


def test_a_version_that_cannot_be_removed_is_reported(
    scene: Scene, flow: Flow, bucket: oss2.Bucket
) -> None:
    put(scene, "a")
    archived = bucket.head_object("a").versionid
    scene.fault(operation="DeleteObject", status=403, code="AccessDenied")
    assert flow.run(then=PROMOTE)["verdict"]["all"] == {"copyFailed": 1}
    report = scene.report("failures.csv")
    assert "ArchivedNotRemoved" in report
    assert archived in report


def test_removal_is_refused_if_not_permitted_or_the_bucket_is_not_versioned(
    scene: Scene, flow: Flow, bucket: oss2.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(scene, "a")
    scene.oss.bucket("plain").create_bucket()
    allowed = {"promote": ["plain", BUCKET], "removeArchived": ["plain"]}
    monkeypatch.setenv("AFTER_THAW", json.dumps(allowed))
    with pytest.raises(InvalidInput, match="remove_archived: true"):
        flow.run(then=PROMOTE)
    with pytest.raises(InvalidInput, match="does not keep versions"):
        flow.run(then=PROMOTE, bucketName="plain")
    assert scene.requests("RestoreObject") == 0
