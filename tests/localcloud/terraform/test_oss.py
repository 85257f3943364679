"""OSS resources through real Terraform."""

from __future__ import annotations

from collections.abc import Callable

from tests.localcloud.terraform.conftest import ACCOUNT, OTHER_ACCOUNT, RunningCloud
from tests.localcloud.terraform.terraform import REPLACED, Terraform

MakeTerraform = Callable[..., Terraform]


def test_a_bucket_and_an_object_are_created_changed_and_removed(
    terraform: MakeTerraform, cloud: RunningCloud
) -> None:
    tf = terraform()
    bucket: dict[str, object] = {"bucket": "life", "storage_class": "IA", "tags": {"a": "b"}}
    page: dict[str, object] = {
        "bucket": "${alicloud_oss_bucket.bucket.id}",
        "key": "a/page.html",
        "content": "hello",
        "content_type": "text/html",
    }
    tf.write(alicloud_oss_bucket={"bucket": bucket}, alicloud_oss_bucket_object={"page": page})
    tf.applied()
    stored = cloud.oss.get_object("life", "a/page.html")
    assert (stored.read(0, stored.size), stored.storage_class) == (b"hello", "IA")
    assert (stored.headers["content-type"], stored.acl) == ("text/html", "private")
    assert cloud.oss.get_bucket("life").tags == {"a": "b"}
    state = tf.state("alicloud_oss_bucket.bucket")
    assert state["owner"] == ACCOUNT
    assert state["extranet_endpoint"] == "oss-cn-hangzhou.aliyuncs.com"
    assert tf.state("alicloud_oss_bucket_object.page")["etag"] == stored.etag().strip('"')
    assert tf.unchanged()

    bucket |= {"acl": "public-read", "tags": {"c": "d"}}
    page |= {"content": "goodbye", "acl": "public-read"}
    tf.write(alicloud_oss_bucket={"bucket": bucket}, alicloud_oss_bucket_object={"page": page})
    tf.applied()
    assert cloud.oss.get_bucket("life").acl == "public-read"
    assert cloud.oss.get_bucket("life").tags == {"c": "d"}
    changed = cloud.oss.get_object("life", "a/page.html")
    assert (changed.read(0, 9), changed.acl) == (b"goodbye", "public-read")
    assert tf.state("alicloud_oss_bucket_object.page")["content_length"] == "7"

    bucket["storage_class"] = "Standard"
    tf.write(alicloud_oss_bucket={"bucket": bucket}, alicloud_oss_bucket_object={"page": page})
    assert tf.plan()["alicloud_oss_bucket.bucket"] == REPLACED
    tf.destroyed()
    assert cloud.oss.find_bucket("life") is None


def test_drift_of_a_bucket_and_an_object_is_detected(
    terraform: MakeTerraform, cloud: RunningCloud
) -> None:
    tf = terraform()
    (tf.directory / "page.txt").write_text("hello")
    tf.write(
        alicloud_oss_bucket={"bucket": {"bucket": "drift"}},
        alicloud_oss_bucket_object={
            "page": {"bucket": "drift", "key": "page", "source": "page.txt"}
            | {"depends_on": ["alicloud_oss_bucket.bucket"]}
        },
    )
    tf.applied()
    assert cloud.oss.get_object("drift", "page").read(0, 9) == b"hello"
    cloud.oss.delete_object("drift", "page")
    assert tf.plan() == {"alicloud_oss_bucket_object.page": ["create"]}
    cloud.oss.delete_bucket("drift")
    assert tf.plan() == {
        "alicloud_oss_bucket.bucket": ["create"],
        "alicloud_oss_bucket_object.page": ["create"],
    }


def test_a_bucket_that_is_not_empty_is_deleted_by_force_only(
    terraform: MakeTerraform, cloud: RunningCloud
) -> None:
    tf = terraform()
    tf.write(alicloud_oss_bucket={"bucket": {"bucket": "full"}})
    tf.applied()
    for number in range(3):
        cloud.oss.put_object("full", f"object-{number}", b"")
    assert "BucketNotEmpty" in tf.destroy().refused()
    tf.write(alicloud_oss_bucket={"bucket": {"bucket": "full", "force_destroy": True}})
    tf.applied()
    tf.destroyed()
    assert cloud.oss.find_bucket("full") is None


def test_a_bucket_without_a_name_gets_one(terraform: MakeTerraform, cloud: RunningCloud) -> None:
    tf = terraform()
    tf.write(alicloud_oss_bucket={"bucket": {}})
    tf.applied()
    name = tf.state("alicloud_oss_bucket.bucket")["bucket"]
    assert name.startswith("tf-oss-bucket-")
    assert cloud.oss.find_bucket(name) is not None
    assert tf.unchanged()


def test_a_bucket_can_be_imported_and_an_object_cannot(
    terraform: MakeTerraform, cloud: RunningCloud
) -> None:
    cloud.oss.create_bucket("by-hand", ACCOUNT)
    tf = terraform()
    tf.write(
        alicloud_oss_bucket={"bucket": {"bucket": "by-hand"}},
        alicloud_oss_bucket_object={"page": {"bucket": "by-hand", "key": "p", "content": ""}},
    )
    assert tf.run("import", "alicloud_oss_bucket.bucket", "by-hand").code == 0
    message = tf.run("import", "-no-color", "alicloud_oss_bucket_object.page", "p").refused()
    assert "An object cannot be imported" in message
    tf.destroyed()
    assert cloud.oss.find_bucket("by-hand") is None


def test_what_oss_does_not_accept_is_named(terraform: MakeTerraform, cloud: RunningCloud) -> None:
    cloud.oss.create_bucket("theirs", OTHER_ACCOUNT)
    tf = terraform()
    tf.write(
        alicloud_oss_bucket={"taken": {"bucket": "theirs"}, "name": {"bucket": "Upper"}},
        alicloud_oss_bucket_object={
            "intruder": {"bucket": "theirs", "key": "intruder", "content": "x"},
            "nowhere": {"bucket": "nowhere", "key": "k", "content": "x"},
            "empty": {"bucket": "nowhere", "key": "k"},
            "missing": {"bucket": "nowhere", "key": "k", "source": "missing"},
            "endless": {"bucket": "nowhere", "key": "k", "source": "/dev/zero"},
            "homeless": {"bucket": "nowhere", "key": "k", "source": "~no-such-user/file"},
        },
    )
    message = tf.apply().refused()
    assert "BucketAlreadyExists" in message
    assert "'Upper' is not a valid bucket name" in message
    assert "is not allowed to oss:PutObject" in message
    assert "NoSuchBucket" in message
    assert "Set source or content" in message
    assert f"Cannot read {tf.directory}/missing" in message
    assert "Cannot read /dev/zero: it is not a regular file" in message
    assert "Cannot read '~no-such-user/file'" in message
