"""A deployment copies what it has thawed, or promotes it, as in docs/after.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import oss2
import pytest

from infra.environment_files import load_environments
from infra.policies.runtime import functions_policy
from localcloud.meters import FC_INVOCATIONS, FNF_TRANSITIONS, OSS_REQUESTS
from oss_restore.cli.rehearsal.objects import AWKWARD_KEYS
from oss_restore.clients.control_api import SeedObject
from tests.oss_restore.clients.test_context import changed
from tests.oss_restore.conftest import Cli, Finished
from tests.ram import Ram
from tests.site import BUCKET, Site, archived
from tests.site_state import redeployed_site

ELSEWHERE = "e2e-elsewhere"
GB = 1024**3


@pytest.fixture(scope="module")
def shared_site(shared_site: Site) -> Iterator[Site]:
    """Deploy an environment that names a destination and permits promotion."""
    with redeployed_site(
        shared_site,
        buckets=[{"name": BUCKET, "promote": True}],
        destinations=[{"name": ELSEWHERE, "prefixes": ["to/"]}],
    ):
        yield shared_site


@pytest.fixture
def copying(site: Site) -> Iterator[Site]:
    """Yield the deployment with empty buckets, then check that no upload is left behind."""
    buckets = [site.bucket(name) for name in (BUCKET, ELSEWHERE)]
    for bucket in buckets:
        bucket.create_bucket()
    yield site
    left = [
        upload.key for bucket in buckets for upload in bucket.list_multipart_uploads().upload_list
    ]
    assert left == []


@pytest.fixture
def keys(copying: Site) -> list[str]:
    """Put objects of every class and size up to 12 GB, with keys of every kind; return the keys."""
    sizes = {"empty": 0, "whole": GB, "parts": GB + 1, "large": 12 * GB}
    objects = [
        *archived(12),
        *(SeedObject(key=key, size=7, storage_class="Archive") for key in AWKWARD_KEYS),
        *(SeedObject(key=key, size=n, storage_class="ColdArchive") for key, n in sizes.items()),
    ]
    copying.fill(objects)
    return [one.key for one in objects]


def data(bucket: oss2.Bucket, key: str) -> tuple[int, str, str]:
    found = bucket.head_object(key)
    return found.content_length, found.headers["x-oss-hash-crc64ecma"], found.content_type or ""


def test_an_archive_is_moved_to_another_bucket_while_oss_fails_now_and_then(
    copying: Site, cli: Cli, keys: list[str]
) -> None:
    fits = [key for key in keys if len(f"to/{key}".encode()) <= 1023]
    for key in set(keys) - set(fits):
        copying.bucket().delete_object(key)
    copying.control.add_fault(service="oss", operation="*Copy*", kind="error", rate=0.05)
    copying.control.add_fault(service="oss", operation="CopyObject", kind="late_error", rate=0.05)
    copy = f"copy:oss://{ELSEWHERE}/to/"
    command = ("start", *copying.arguments, "--bucket", BUCKET, "--then", copy)
    done = cli(*command, "--yes", "--wait", "--json")
    assert done.status == 0, done.err
    assert f"are copied to oss://{ELSEWHERE}/to/" in done.err
    verdict = json.loads(done.out)["verdict"]
    assert verdict["sentence"] == f"All {len(fits)} objects are copied."
    source, target = copying.bucket(), copying.bucket(ELSEWHERE)
    for key in fits:
        assert data(target, f"to/{key}")[:2] == data(source, key)[:2]
    assert target.list_multipart_uploads().upload_list == []
    with copying.billing() as bill:
        again = cli(*command, "--yes", "--wait", "--json")
    assert again.status == 0, again.err
    assert json.loads(again.out)["verdict"]["all"] == {"present": len(fits)}
    assert bill.get("oss.requests.CopyObject", 0) == 0
    assert bill.get("oss.requests.RestoreObject", 0) == 0


def test_a_bucket_gets_out_of_the_archive_for_good(
    copying: Site, cli: Cli, keys: list[str]
) -> None:
    bucket = copying.bucket()
    before = {key: data(bucket, key)[:2] for key in keys}
    command = ("start", *copying.arguments, "--bucket", BUCKET, "--then", "promote")
    done = cli(*command, "--yes", "--wait", "--json")
    assert done.status == 0, done.err
    assert json.loads(done.out)["verdict"]["all"] == {"promoted": len(keys)}
    listed = {item.key: item.storage_class for item in oss2.ObjectIteratorV2(bucket)}
    assert listed == dict.fromkeys(keys, "Standard")
    assert {key: data(bucket, key)[:2] for key in keys} == before


@pytest.mark.parametrize(
    ("then", "storage_class"),
    [
        ({"copy": {"bucketName": ELSEWHERE, "prefix": "to/"}}, "ColdArchive"),
        ({"promote": {}}, "Archive"),
    ],
    ids=["copies", "promotions"],
)
def test_a_plan_includes_time_and_cost_of_copies(
    copying: Site, cli: Cli, then: dict[str, Any], storage_class: str
) -> None:
    objects = 1_000
    copying.fill(
        SeedObject(key=f"folder/{number:06d}", size=70_000, storage_class=storage_class)
        for number in range(objects)
    )
    # Few polls, so that the time of the first one makes no difference.
    settings = {"pollInterval": 21_600, "storageClasses": [storage_class], "days": 2}
    run_input = {"bucketName": BUCKET, **settings, "then": then}
    plan = json.loads(
        cli("plan", *copying.arguments, "--input", json.dumps(run_input), "--json").out
    )
    (choice,) = [one for one in plan["choices"] if one["tier"] in ("", "Standard")]
    with copying.billing() as bill:
        result = copying.run(**run_input)
    assert result.verdict.exit_code == 0, result.verdict.sentence
    requests = sum(n for name, n in bill.items() if name.startswith(OSS_REQUESTS))
    assert bill[f"{OSS_REQUESTS}CopyObject"] == objects
    assert requests == pytest.approx(choice["ossRequests"], rel=0.02)
    assert bill[FNF_TRANSITIONS] == pytest.approx(choice["stepTransitions"], rel=0.05, abs=8)
    assert bill[FC_INVOCATIONS] == pytest.approx(choice["functionCalls"], rel=0.05, abs=3)
    cost = result.verdict.cost
    assert cost is not None
    assert cost.known == pytest.approx(choice["total"]["known"], rel=0.05)
    planned = {item["part"]: item["amount"] for item in choice["bill"]}
    billed = {item.part: item.amount for item in cost.items}
    for part, amount in planned.items():
        if part.startswith("oss.") and part != "oss.requests.others":
            assert billed[part] == pytest.approx(amount, rel=0.01), part


@pytest.mark.parametrize(
    ("then", "message"),
    [
        ("copy:nonsense", "is not one of promote, promote:IA, copy:oss://BUCKET/PREFIX"),
        (f"copy:oss://{BUCKET}/data/more/", "copies to the bucket itself"),
        ("copy:oss://nobodys-bucket/", "the functions may not copy objects to"),
        (f"copy:oss://{ELSEWHERE}/other/", "add it to `destinations` in the environment file"),
        ("promote:Archive", "Archive"),
        ('{"promote": {"removeArchived": true}}', "may not remove archived versions"),
    ],
)
def test_an_impossible_copy_or_promotion_is_refused_before_the_start(
    copying: Site, cli: Cli, then: str, message: str
) -> None:
    refused = cli("start", *copying.arguments, "--bucket", BUCKET, "--then", then, "--yes")
    assert refused.status in (2, 3)
    assert message in refused.err
    assert refused.out == ""


def test_copies_are_shown_along_with_the_thaw(copying: Site, cli: Cli, keys: list[str]) -> None:
    with copying.control.held_clock():
        name = copying.start(then={"promote": {}})
        copying.wait_for_step(name, "copyForeach")
        status = cli("status", *copying.arguments, "--run", name)
    assert "0 copies done" in status.out
    assert copying.wait(name).verdict.exit_code == 0
    found = json.loads(cli("status", *copying.arguments, "--run", name, "--json").out)
    assert found["copied"] == len(keys)


def test_a_stopped_run_is_judged_by_its_goal(copying: Site, cli: Cli, keys: list[str]) -> None:
    with copying.control.held_clock():
        name = copying.start(then={"promote": {}})
        copying.wait_for_step(name, "copyForeach")
        copying.stop(name)
    found = json.loads(cli("status", *copying.arguments, "--run", name, "--json").out)
    assert found["verdict"]["goal"] == "promote"
    assert found["verdict"]["origin"] == "command"


@pytest.mark.parametrize(
    ("then", "line"),
    [
        (
            f"copy:oss://{ELSEWHERE}/to/",
            f"✔ copy to oss://{ELSEWHERE}/to/ of oss://{BUCKET}/smoke-",
        ),
        ("promote", f"✔ promote to Standard of oss://{BUCKET}/smoke-"),
    ],
)
def test_a_smoke_test_copies_an_object_and_deletes_it(
    copying: Site, cli: Cli, then: str, line: str
) -> None:
    done = cli("smoke", *copying.arguments, "--then", then, "--yes")
    assert done.status == 0, done.out + done.err
    assert [one.startswith("✔") for one in done.out.splitlines()].count(False) == 0
    assert line in done.out.splitlines()[-2]
    assert done.out.splitlines()[-1].startswith(f"✔ clean-up of oss://{BUCKET}/smoke-")
    for name in (BUCKET, ELSEWHERE):
        assert copying.bucket(name).list_objects().object_list == []


def test_a_smoke_test_that_cannot_copy_gives_the_reason_and_leaves_nothing(
    copying: Site, cli: Cli
) -> None:
    command = ("smoke", *copying.arguments, "--then", f"copy:oss://{ELSEWHERE}/to/", "--yes")
    with Ram(copying.endpoints).without("oss-restore-functions-e2e", "oss:PutObject", ELSEWHERE):
        done = cli(*command)
    assert done.status == 1
    assert "oss:PutObject" in done.out.splitlines()[-2]
    assert copying.bucket().list_objects().object_list == []


def copies(finished: Finished) -> list[tuple[str, str, str]]:
    """Return what ``doctor`` reports about copies."""
    return [
        (found["state"], found["found"], found["to_do"])
        for found in finished.json["checks"]
        if found["check"] == "copies"
    ]


def test_the_doctor_confirms_permitted_destinations(copying: Site, cli: Cli) -> None:
    done = cli("doctor", *copying.arguments, "--json")
    assert done.status == 0, done
    assert copies(done) == [
        ("ok", f"oss://{ELSEWHERE}/to/: the functions can copy to it", ""),
        ("ok", f"oss://{BUCKET}/: the functions can promote objects in it", ""),
    ]


def test_the_doctor_finds_what_would_make_copies_fail(
    site: Site, bucket: oss2.Bucket, cli: Cli
) -> None:
    target, place = site.bucket(ELSEWHERE), f"oss://{ELSEWHERE}/to/"
    target.create_bucket()
    upload = target.init_multipart_upload("to/left").upload_id
    target.upload_part("to/left", upload, 1, b"x" * 2048)
    site.control.advance(8 * 86_400)
    target.init_multipart_upload("to/new")
    target.init_bucket_worm(30)
    with Ram(site.endpoints).without("oss-restore-functions-e2e", "oss:PutObject", ELSEWHERE):
        done = cli("doctor", *site.arguments, "--json")
    lacks, retained, uploads, fine = copies(done)
    assert done.status == 3
    assert lacks[:2] == ("fail", f"{place}: the functions' role lacks oss:PutObject")
    assert "deploy again" in lacks[2]
    assert retained[:2] == (
        "fail",
        f"{place}: a retention policy prevents changes to any object for 30 days",
    )
    assert uploads[:2] == (
        "warn",
        (
            f"{place}: 1 upload was started more than a week ago and never completed: "
            "its 2 KiB are billed"
        ),
    )
    assert fine[0] == "ok"
    site.control.move_bucket(ELSEWHERE, "cn-beijing")
    (elsewhere, _) = copies(cli("doctor", *site.arguments, "--json"))
    assert elsewhere[1] == f"{place} is in another region, and OSS copies within a region only"
    assert "cross-region replication" in elsewhere[2]


def test_the_doctor_gives_the_policy_for_buckets_of_other_accounts(
    copying: Site, cli: Cli, tmp_path: Path
) -> None:
    theirs, kept = copying.bucket("e2e-theirs"), copying.bucket("e2e-kept")
    for bucket in (theirs, kept):
        bucket.create_bucket()
    kept.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    folder = changed(
        copying,
        tmp_path,
        buckets=[{"name": "e2e-kept", "promote": True}],
        destinations=[
            {"name": "e2e-theirs", "account": "2000000000000002"},
            {"name": "e2e-no-such-bucket"},
        ],
    )
    done = cli("doctor", *copying.arguments, "--environments", str(folder), "--json")
    foreign, missing, lacks, versions = copies(done)
    assert foreign[0] == "fail"
    assert "let account 2000000000000002 add what `oss-restore destination-policy e2e" in foreign[2]
    assert "NoSuchBucket" in missing[1]
    assert lacks[0] == "fail"
    assert versions[:2] == (
        "warn",
        "oss://e2e-kept/: the bucket keeps versions, so a promotion leaves the archived version",
    )


def test_the_doctor_finds_a_destination_that_keeps_no_versions(
    copying: Site, cli: Cli, tmp_path: Path
) -> None:
    folder = changed(
        copying,
        tmp_path,
        destinations=[{"name": ELSEWHERE, "prefixes": ["to/"], "versions": True}],
    )
    (environment,) = load_environments(folder)
    policy = json.loads(functions_policy(environment))
    with Ram(copying.endpoints).replaced("oss-restore-functions-e2e", policy):
        done = cli("doctor", *copying.arguments, "--environments", str(folder), "--json")
    state, found, _ = copies(done)[0]
    assert state == "fail"
    assert found.startswith(f"oss://{ELSEWHERE}/to/: the bucket does not keep versions, so")


def test_retry_failed_copies_the_objects_that_were_not_copied(
    copying: Site, cli: Cli, keys: list[str]
) -> None:
    refused = {"operation": "*Copy*", "target": f"{ELSEWHERE}/to/data/*", "status": 400}
    copying.control.add_fault(service="oss", code="InvalidArgument", **refused)
    then = {"copy": {"bucketName": ELSEWHERE, "prefix": "to/"}}
    before = copying.run(then=then, prefix="data/")
    assert before.verdict.exit_code == 1
    copying.control.clear_faults()
    done = cli(
        *("retry-failed", *copying.arguments, "--run", before.execution.name),
        *("--yes", "--wait", "--json"),
    )
    assert done.status == 0, done.err
    assert done.json["verdict"]["all"] == {"copied": 12}


def test_an_upgrade_repeats_the_action_after_the_thaw_and_an_extension_does_not(
    copying: Site, cli: Cli, keys: list[str]
) -> None:
    then = {"copy": {"bucketName": ELSEWHERE, "prefix": "to/"}}
    with copying.control.held_clock():
        name = copying.start(then=then, storageClasses=["ColdArchive"], tier="Bulk")
        copying.wait_for_step(name, "copyForeach")
        arguments = ("upgrade", *copying.arguments, "--run", name, "--tier", "Expedited", "--yes")
        upgraded = cli(*arguments).out.strip()
        copying.wait_for_step(upgraded, "copyForeach")
    made = [copying.wait(one) for one in (name, upgraded)]
    assert [one.verdict.exit_code for one in made] == [0, 0]
    assert [one.verdict.goal for one in made] == ["copy", "copy"]
    extend = ("extend", *copying.arguments, "--run", name, "--days", "1", "--yes", "--wait")
    assert cli(*extend, "--json").json["verdict"]["goal"] == "thaw"
