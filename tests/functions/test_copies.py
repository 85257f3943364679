"""Runs that copy or promote what they have thawed, over the rendered flows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

import oss2
import pytest

from functions import index
from localcloud.oss.model import ObjectType
from localcloud.oss.restore import RestoreRequest
from oss_restore.cli.rehearsal.objects import AWKWARD_KEYS
from tests.functions.flow import Flow
from tests.functions.scene import BUCKET, RARE_POLLS, REPORTS, Context, Scene
from thaw.errors import InvalidInput, NoSuchBucket, RunError
from thaw.json_reader import MAX_KEY_BYTES
from thaw.storage_classes import ARCHIVE_CLASSES

ELSEWHERE = "elsewhere"
COPY = {"copy": {"bucketName": ELSEWHERE, "prefix": "from/"}}
PROMOTE: dict[str, Any] = {"promote": {}}
GB = 1024**3


@pytest.fixture
def target(scene: Scene, context: Context, monkeypatch: pytest.MonkeyPatch) -> oss2.Bucket:
    """Return the permitted destination, in an environment that also permits promotion."""
    allowed = {
        "promote": [BUCKET],
        "destinations": [{"name": ELSEWHERE, "prefixes": ["from/"], "storageClass": "Standard"}],
    }
    monkeypatch.setenv("AFTER_THAW", json.dumps(allowed))
    bucket = scene.oss.bucket(ELSEWHERE)
    bucket.create_bucket()
    return bucket


def facts(bucket: oss2.Bucket, key: str) -> dict[str, object]:
    """Return what HEAD reports alike for an object and its copy, and the tags."""
    found = bucket.head_object(key)
    headers = {name.lower(): value for name, value in found.headers.items()}
    own = ("content-", "x-oss-meta-", "expires", "cache-")
    return {
        "crc": headers["x-oss-hash-crc64ecma"],
        "size": found.content_length,
        "tags": bucket.get_object_tagging(key).tag_set.tagging_rule,
        "content-type": "application/octet-stream",  # the default, when the writer gave none
        **{name: value for name, value in headers.items() if name.startswith(own)},
    }


def put(scene: Scene, key: str, **headers: str) -> None:
    """Write an Archive object with the given headers."""
    bucket = scene.oss.bucket(BUCKET)
    bucket.put_object(
        key, b"data of " + key.encode(), headers={"x-oss-storage-class": "Archive", **headers}
    )


def fill(scene: Scene) -> list[str]:
    """Put objects of every class and of many kinds, and return their keys."""
    keys = [*AWKWARD_KEYS, "empty", "whole", "parts", *ARCHIVE_CLASSES]
    scene.seed(AWKWARD_KEYS)
    scene.seed(["empty"], size=0)
    scene.seed(["whole"], size=GB)
    scene.seed(["parts"], "ColdArchive", size=12 * GB)
    for storage_class in ARCHIVE_CLASSES:
        scene.seed([storage_class], storage_class)
    put(scene, "tagged", **{"x-oss-tagging": "a=1&b=x%20y", "x-oss-meta-who": "me"})
    put(scene, "typed", **{"Content-Type": "text/plain", "Cache-Control": "no-cache"})
    return [*keys, "tagged", "typed"]


def fill_with_each_kind(scene: Scene) -> None:
    """Put an object for each way of copying."""
    scene.seed(["plain"])
    scene.seed(["parts"], size=2 * GB)
    put(scene, "tagged", **{"x-oss-tagging": "a=1", "x-oss-object-acl": "private"})


def classes(bucket: oss2.Bucket, keys: Iterable[str]) -> set[str]:
    return {bucket.head_object(key).headers["x-oss-storage-class"] for key in keys}


def test_all_objects_are_copied_unchanged(scene: Scene, flow: Flow, target: oss2.Bucket) -> None:
    too_long = [key for key in fill(scene) if len(f"from/{key}".encode()) > MAX_KEY_BYTES]
    for key in too_long:
        scene.oss.bucket(BUCKET).delete_object(key)
    keys = [item.key for item in oss2.ObjectIterator(scene.oss.bucket(BUCKET))]
    summary = flow.run(**RARE_POLLS, then=COPY)
    assert summary["verdict"]["sentence"] == f"All {len(keys)} objects are copied."
    assert summary["verdict"]["exitCode"] == 0
    source = scene.oss.bucket(BUCKET)
    for key in keys:
        assert facts(target, f"from/{key}") == facts(source, key)
    assert classes(target, [f"from/{key}" for key in keys]) == {"Standard"}
    assert target.list_multipart_uploads().upload_list == []


def test_a_key_that_would_be_too_long_is_reported(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    scene.seed(["k" * MAX_KEY_BYTES])
    assert flow.run(then=COPY)["verdict"]["all"] == {"copyFailed": 1}
    assert "KeyTooLong" in scene.report("failures.csv")


def test_all_objects_are_promoted_unchanged(scene: Scene, flow: Flow, target: oss2.Bucket) -> None:
    keys = fill(scene)
    bucket = scene.oss.bucket(BUCKET)
    before = {key: facts(bucket, key) for key in keys}
    summary = flow.run(**RARE_POLLS, then={"promote": {"storageClass": "IA"}})
    assert summary["verdict"]["exitCode"] == 0
    assert summary["verdict"]["all"] == {"promoted": len(keys)}
    assert {key: facts(bucket, key) for key in keys} == before
    assert classes(bucket, keys) == {"IA"}
    assert bucket.list_multipart_uploads().upload_list == []


def test_an_object_is_copied_as_soon_as_it_is_readable(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    scene.seed(["quick"])
    scene.seed(["slow"], "ColdArchive")
    began = scene.now()
    flow.run(then=COPY, tier="Expedited")
    copied = {key: target.head_object(f"from/{key}").last_modified for key in ("quick", "slow")}
    assert copied["quick"] - began < 600
    assert copied["slow"] - began > 3590  # modification times have whole seconds


def test_a_repeated_run_costs_only_listings(scene: Scene, flow: Flow, target: oss2.Bucket) -> None:
    scene.seed(f"{n:03d}" for n in range(10))
    flow.run(then=COPY)
    before = scene.oss.meters()
    again = flow.run(then=COPY)
    assert again["verdict"]["all"] == {"present": 10}
    assert again["verdict"]["exitCode"] == 0
    cost = {name: n - before.get(name, 0) for name, n in scene.oss.meters().items()}
    for operation in ("CopyObject", "RestoreObject", "HeadObject"):
        assert cost.get(f"oss.requests.{operation}", 0) == 0


def test_promoted_objects_are_out_of_scope_for_a_repeated_run(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    scene.seed(["a", "b"])
    flow.run(then=PROMOTE)
    again = flow.run(then=PROMOTE)
    assert (again["listed"], again["verdict"]["exitCode"]) == (0, 0)


@pytest.mark.parametrize("then", [COPY, PROMOTE], ids=["copy", "promote"])
def test_repeated_calls_copy_nothing_twice(
    scene: Scene, context: Context, target: oss2.Bucket, then: dict[str, object]
) -> None:
    scene.seed(f"{n:03d}" for n in range(10))
    flow = Flow(scene, context, calls=2)
    assert flow.run(then=then)["verdict"]["exitCode"] == 0
    assert scene.requests("CopyObject") == 10


@pytest.mark.parametrize("then", [COPY, PROMOTE], ids=["copy", "promote"])
def test_a_copy_made_despite_an_error_response_is_not_made_again(
    scene: Scene, flow: Flow, target: oss2.Bucket, then: dict[str, object]
) -> None:
    scene.seed(["a", "b", "c"])
    scene.fault(operation="CopyObject", kind="late_error", times=2)
    summary = flow.run(then=then)
    assert summary["verdict"]["exitCode"] == 0
    assert scene.requests("CopyObject") <= 3


def test_copies_continue_across_relays_and_listers(
    scene: Scene, context: Context, target: oss2.Bucket
) -> None:
    scene.seed(f"{n:03d}" for n in range(36))
    flow = Flow(scene, context, relay_at_event=40)
    summary = flow.run(then=COPY, maxKeys=6, groupSize=3, shards=3)
    assert summary["verdict"]["all"] == {"copied": 36}
    assert summary["listed"] == 36


def test_another_object_at_the_destination_is_kept_and_reported(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    scene.seed(["a", "b"])
    target.put_object("from/a", b"somebody's")
    summary = flow.run(then=COPY)
    verdict = summary["verdict"]
    assert verdict["exitCode"] == 1
    assert verdict["sentence"] == "1 of 2 objects are copied. 1 could not be copied."
    assert target.get_object("from/a").read() == b"somebody's"
    rows = list(csv.DictReader(io.StringIO(scene.report("failures.csv"))))
    assert [(row["Key"], row["ErrorCode"]) for row in rows] == [("a", "DestinationExists")]
    assert "copied" in scene.report("report.csv")


def test_copying_a_slice_takes_four_listings(scene: Scene, flow: Flow, target: oss2.Bucket) -> None:
    scene.seed([f"{n:03d}" for n in range(150)])  # more than FIRST_KEYS of thaw.lookup
    started = flow.start(then=COPY, shards=1, groupSize=150, maxKeys=150)
    run, (shard,) = started["run"], started["shards"]
    flow.restore(run, flow.list_page(run))
    scene.oss.advance(61)
    (work,) = flow.call(index.planCopies, run=run, shard=shard, atOnce=1, state={}, work=[])["work"]
    before = scene.requests("ListObjects")
    answer = flow.call(index.copyObjects, run=run, shard=shard, atOnce=1, work=work)
    assert answer == {"result": "1d150"}
    # The objects, the existing copies, and the new copies: first a sample, then the others.
    assert scene.requests("ListObjects") - before == 4


def test_an_object_overwritten_in_the_meantime_is_not_copied(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    put(scene, "a")
    started = flow.start(then=COPY, shards=1)
    run, (shard,) = started["run"], started["shards"]
    page = flow.list_page(run)
    flow.restore(run, page)
    scene.oss.advance(61)
    put(scene, "a", **{"x-oss-meta-new": "yes"})
    plan = flow.call(index.planCopies, run=run, shard=shard, atOnce=1, state={}, work=[])
    answers = [
        flow.call(index.copyObjects, run=run, shard=shard, atOnce=1, work=work)["result"]
        for work in plan["work"]
    ]
    assert answers == ["1d1"]
    assert not target.object_exists("from/a")
    assert "SourceChanged" in scene.report("copies/000000000-0000-Archive.jsonl")


def test_already_readable_objects_are_copied_without_a_restore_request(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    scene.seed(["a", "b"])
    scene.thaw("a", "b")
    scene.oss.advance(61)
    restored = scene.requests("RestoreObject")
    assert flow.run(then=COPY)["verdict"]["all"] == {"copied": 2}
    assert scene.requests("RestoreObject") == restored


def test_an_object_that_could_not_be_thawed_is_not_waited_for(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    scene.seed(["a", "b"])
    scene.fault(operation="RestoreObject", target=f"{BUCKET}/a", status=400, code="InvalidArgument")
    summary = flow.run(then=COPY)
    assert summary["verdict"]["all"] == {"copied": 1, "refused": 1}
    assert summary["verdict"]["exitCode"] == 1


def test_a_large_appendable_object_cannot_be_copied_and_the_reason_is_given(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    scene.seed(["log"], size=2 * GB)

    def append() -> None:
        scene.oss.storage.get_object(BUCKET, "log").type = ObjectType.APPENDABLE

    scene.oss.do(append)
    summary = flow.run(then=COPY)
    assert summary["verdict"]["all"] == {"copyFailed": 1}
    assert "AppendableTooLarge" in scene.report("failures.csv")


def test_the_objects_named_by_a_manifest_are_copied(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    scene.seed(["a", "b", "c"])
    scene.thaw("b")
    scene.store(REPORTS).put("list.csv", f"{BUCKET},a\n{BUCKET},b\n".encode())
    summary = flow.run(then=COPY, manifest={"key": "list.csv"})
    assert summary["verdict"]["all"] == {"copied": 2}
    assert [item.key for item in oss2.ObjectIteratorV2(target)] == ["from/a", "from/b"]


def test_a_dry_run_copies_nothing(scene: Scene, flow: Flow, target: oss2.Bucket) -> None:
    scene.seed(["a"])
    assert flow.run(then=COPY, dryRun=True)["verdict"]["exitCode"] == 0
    assert list(oss2.ObjectIteratorV2(target)) == []


def test_nothing_waits_for_the_pages_of_a_failed_lister(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    scene.seed(["a"])
    scene.fault(operation="RestoreObject", status=404, code="NoSuchBucket")
    with pytest.raises(RunError, match=BUCKET) as error:
        flow.run(then=COPY)
    assert type(error.value).__name__ == "NoSuchBucket"


@pytest.mark.parametrize(
    ("then", "message"),
    [
        ({"copy": {"bucketName": ELSEWHERE}}, r"add \{name: elsewhere, prefixes"),
        ({"copy": {"bucketName": "nobodys"}}, r"add \{name: nobodys, prefixes"),
    ],
)
def test_what_the_environment_does_not_permit_is_refused_before_any_request(
    scene: Scene, flow: Flow, target: oss2.Bucket, then: dict[str, object], message: str
) -> None:
    scene.seed(["a"])
    with pytest.raises(InvalidInput, match=message):
        flow.run(then=then)
    assert scene.requests("RestoreObject") == 0


def test_promotion_is_refused_unless_the_environment_permits_it_for_the_bucket(
    scene: Scene, flow: Flow
) -> None:
    with pytest.raises(InvalidInput, match="add promote: true"):
        flow.run(then=PROMOTE)


def test_a_missing_destination_ends_the_run_before_any_request(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    scene.seed(["a"])
    target.delete_bucket()
    with pytest.raises(NoSuchBucket, match=ELSEWHERE):
        flow.run(then=COPY)
    assert scene.requests("RestoreObject") == 0


def test_a_destination_in_another_region_is_refused_with_an_explanation(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    scene.seed(["a"])
    scene.oss.do(lambda: scene.oss.storage.move_bucket(ELSEWHERE, "cn-beijing"))
    with pytest.raises(InvalidInput, match="within a region only"):
        flow.run(then=COPY)
    assert scene.requests("RestoreObject") == 0


@pytest.mark.parametrize(("then", "name"), [(COPY, ELSEWHERE), (PROMOTE, BUCKET)])
def test_a_bucket_under_a_retention_policy_is_refused(
    scene: Scene, flow: Flow, target: oss2.Bucket, then: dict[str, object], name: str
) -> None:
    scene.seed(["a"])
    scene.oss.bucket(name).init_bucket_worm(30)
    with pytest.raises(InvalidInput, match=f"{name} has a retention policy of 30 days"):
        flow.run(then=then)
    assert scene.requests("RestoreObject") == 0


def test_the_run_ends_with_the_required_permissions_when_all_copies_are_refused(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    scene.seed(["a", "b"])
    scene.fault(operation="CopyObject", status=403, code="AccessDenied")
    with pytest.raises(RunError, match="oss:GetObjectTagging") as error:
        flow.run(then=COPY)
    assert type(error.value).__name__ == "AccessDenied"


def test_temporary_faults_do_not_affect_the_outcome(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    scene.seed(f"{n:03d}" for n in range(30))
    scene.seed(["parts"], size=3 * GB)
    scene.fault(operation="CopyObject", kind="error", rate=0.2)
    scene.fault(operation="UploadPartCopy", kind="late_error", rate=0.2)
    assert flow.run(then=COPY)["verdict"]["all"] == {"copied": 31}


def test_the_ledger_has_the_outcome_of_each_copy(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    scene.seed(["a"])
    flow.run(then=COPY)
    (line,) = scene.report("copies/000000000-0000-Archive.jsonl").splitlines()
    assert json.loads(line)["outcome"] == "copied"
    rows = list(csv.DictReader(io.StringIO(scene.report("report.csv"))))
    assert [row["ResultMessage"] for row in rows] == ["requested", "copied"]


def test_no_object_freezes_before_it_is_copied_however_long_copying_takes(
    scene: Scene, flow: Flow, target: oss2.Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSTANCES", "1")
    keys = [f"{n:02d}" for n in range(11)]
    scene.seed(keys[:8], "ColdArchive")
    scene.seed(keys[8:], "Archive")
    scene.thaw(*keys[8:])
    scene.oss.advance(18 * 3600 + 60)  # less than six hours until the readable objects expire
    began, copied_at, copy = scene.now(), list[float](), index.copyObjects

    def slowly(event: bytes, context: object) -> str:
        answer = copy(event, context)
        if not json.loads(event)["work"].get("keeps"):
            scene.oss.advance(5 * 3600 / 2)
            copied_at.append(scene.now())
        return answer

    monkeypatch.setattr(index, "copyObjects", slowly)
    scene.fault(operation="CopyObject", kind="error", rate=0.05)
    scene.fault(operation="RestoreObject", kind="error", rate=0.05)
    summary = flow.run(then=COPY, maxKeys=1, days=1, shards=1, pollInterval=3600)
    assert copied_at[-1] - began > 26 * 3600
    assert summary["verdict"]["all"] == {"copied": len(keys)}, scene.report("failures.csv")


def test_a_copy_takes_little_more_than_one_request(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    def requests_of_copying(keys: list[str], prefix: str) -> float:
        def thaw() -> None:
            storage = scene.oss.storage
            for key in keys:
                storage.thawer.restore(storage.get_object(BUCKET, key), RestoreRequest(), owner="")

        scene.seed(keys)
        scene.oss.do(thaw)
        scene.oss.advance(61)
        before = scene.oss.meters()
        verdict = flow.run(shards=1, then=COPY, prefix=prefix)["verdict"]
        assert verdict["all"] == {"copied": len(keys)}
        return sum(
            n - before.get(name, 0)
            for name, n in scene.oss.meters().items()
            if name.startswith("oss.requests.")
        )

    few = requests_of_copying([f"few/{n:03d}" for n in range(50)], "few/")
    many = requests_of_copying([f"many/{n:03d}" for n in range(450)], "many/")
    assert (many - few) / 400 <= 1.05


def early_deletion(verdict: dict[str, Any]) -> dict[str, float]:
    """Return the billed early deletion by class, in GiB-months."""
    start = "oss.early_deletion_gb_months."
    items = [item for item in verdict["cost"]["items"] if item["part"].startswith(start)]
    return {item["part"].removeprefix(start): item["amount"] for item in items}


def test_a_promotion_is_billed_for_the_rest_of_the_minimum_storage_time(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    scene.seed(["young", "small"], size=10 * 2**20)
    scene.seed(["parts"], "ColdArchive", size=2 * GB)
    scene.oss.advance(50 * 86_400)
    verdict = flow.run(then=PROMOTE, pollInterval=1800)["verdict"]
    assert verdict["all"] == {"promoted": 3}
    found = early_deletion(verdict)
    assert found["Archive"] == pytest.approx(2 * 10 / 1024 * 10 / 30, rel=0.01)
    assert found["ColdArchive"] == pytest.approx(2 * 130 / 30, rel=0.01)
    requests = {item["part"]: item["amount"] for item in verdict["cost"]["items"]}
    assert requests["oss.requests.CopyObject.Standard"] == 2 + (8 + 2)


def test_a_promotion_in_a_versioned_bucket_keeps_the_archived_version(
    scene: Scene, flow: Flow, target: oss2.Bucket
) -> None:
    bucket = scene.oss.bucket(BUCKET)
    bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    put(scene, "a", **{"x-oss-meta-who": "me"})
    verdict = flow.run(then=PROMOTE)["verdict"]
    assert verdict["all"] == {"promoted": 1}
    assert early_deletion(verdict) == {}
    versions = bucket.list_object_versions().versions
    assert [version.storage_class for version in versions] == ["Standard", "Archive"]
    assert bucket.head_object("a").headers["x-oss-meta-who"] == "me"
