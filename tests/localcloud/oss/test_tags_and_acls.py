"""Tags and ACLs of objects and buckets, and public access by ACLs."""

from __future__ import annotations

import oss2
import pytest
from oss2.models import Tagging, TaggingRule

from localcloud.ram.credentials import root_principal
from tests.localcloud.oss.running import RunningOss
from tests.localcloud.oss.test_objects import refused


def tagging(**tags: str) -> Tagging:
    rule = TaggingRule()
    for key, value in tags.items():
        rule.add(key, value)
    return Tagging(rule)


def tags_of(result: oss2.models.GetTaggingResult) -> dict[str, str]:
    return dict(result.tag_set.tagging_rule)


def test_tags_are_set_read_and_deleted(bucket: oss2.Bucket) -> None:
    bucket.put_object("key", b"data", headers={"x-oss-tagging": "a=1&%E4%B8%AD+b=%3A%2F&c"})
    modified = bucket.head_object("key").last_modified
    assert tags_of(bucket.get_object_tagging("key")) == {"a": "1", "中 b": ":/", "c": ""}
    assert bucket.head_object("key").headers["x-oss-tagging-count"] == "3"
    bucket.put_object_tagging("key", tagging(d="4"))
    assert tags_of(bucket.get_object_tagging("key")) == {"d": "4"}
    bucket.delete_object_tagging("key")
    assert tags_of(bucket.get_object_tagging("key")) == {}
    head = bucket.head_object("key")
    assert "x-oss-tagging-count" not in head.headers
    assert head.last_modified == modified
    refused("NoSuchKey", 404, bucket.get_object_tagging, "missing")


@pytest.mark.parametrize(
    "header",
    [
        "=a",
        "a=1&a=2",
        "a=b=c",
        "a" * 129,
        f"a={'b' * 257}",
        "a%26=1",
        "&".join(map(str, range(11))),
    ],
)
def test_an_invalid_tag_is_refused(bucket: oss2.Bucket, header: str) -> None:
    headers = {"x-oss-tagging": header}
    refused("InvalidTag", 400, bucket.put_object, "key", b"", headers=headers)


def test_every_version_has_its_own_tags_and_acl(bucket: oss2.Bucket) -> None:
    bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    first = bucket.put_object("key", b"1", headers={"x-oss-tagging": "a=1"}).versionid
    bucket.put_object("key", b"2")

    def old() -> dict[str, str]:
        return {"versionId": first}

    assert tags_of(bucket.get_object_tagging("key")) == {}
    assert tags_of(bucket.get_object_tagging("key", params=old())) == {"a": "1"}
    bucket.put_object_acl("key", "public-read", params=old())
    assert bucket.get_object_acl("key").acl == "default"
    assert bucket.get_object_acl("key", params=old()).acl == "public-read"


def test_a_bucket_has_tags_too(oss: RunningOss, bucket: oss2.Bucket) -> None:
    assert tags_of(bucket.get_bucket_tagging()) == {}
    bucket.put_bucket_tagging(tagging(team="tapes", cost="1"))
    assert tags_of(bucket.get_bucket_tagging()) == {"team": "tapes", "cost": "1"}
    oss.bucket("untagged").create_bucket()
    service = oss2.Service(bucket.auth, oss.url, region=oss.region)
    for query, found in (({"tag-key": "team"}, 1), ({"tag-key": "team", "tag-value": "x"}, 0)):
        assert len(service.list_buckets(params=query).buckets) == found
    bucket.delete_bucket_tagging({"tagging": "cost"})
    assert tags_of(bucket.get_bucket_tagging()) == {"team": "tapes"}
    bucket.delete_bucket_tagging()
    assert tags_of(bucket.get_bucket_tagging()) == {}
    refused("InvalidTag", 400, bucket.put_bucket_tagging, tagging(Aliyun="1"))


def test_acls_are_reported_and_checked(bucket: oss2.Bucket) -> None:
    bucket.put_object("key", b"data")
    assert bucket.get_object_acl("key").acl == "default"
    bucket.put_object_acl("key", "public-read-write")
    assert bucket.get_object_acl("key").acl == "public-read-write"
    refused("InvalidArgument", 400, bucket.put_object_acl, "key", "everybody")
    refused("InvalidArgument", 400, bucket.put_bucket_acl, "default")
    bucket._do("PUT", bucket.bucket_name, "", params={"acl": ""})
    assert bucket.get_bucket_acl().acl == "private"
    headers = {"x-oss-object-acl": "everybody"}
    refused("InvalidArgument", 400, bucket.put_object, "key", b"", headers=headers)


@pytest.fixture
def anonymous(oss: RunningOss, bucket: oss2.Bucket) -> oss2.Bucket:
    """A client without a key, of the bucket with an object."""
    bucket.put_object("key", b"data")
    return oss2.Bucket(oss2.AnonymousAuth(), oss.url, bucket.bucket_name)


def test_everybody_can_read_public_objects(bucket: oss2.Bucket, anonymous: oss2.Bucket) -> None:
    refused("AccessDenied", 403, anonymous.get_object, "key")
    bucket.put_bucket_acl("public-read")
    assert anonymous.get_object("key").read() == b"data"
    assert anonymous.head_object("key").content_length == 4
    refused("NoSuchKey", 404, anonymous.get_object, "missing")
    for call in (anonymous.list_objects, anonymous.delete_bucket, anonymous.get_bucket_info):
        refused("AccessDenied", 403, call)
    refused("AccessDenied", 403, anonymous.put_object, "key", b"")
    refused("AccessDenied", 403, anonymous.restore_object, "key")
    bucket.put_bucket_acl("public-read-write")
    anonymous.put_object("key", b"other")
    anonymous.delete_object("key")


def test_an_objects_acl_overrides_its_buckets(bucket: oss2.Bucket, anonymous: oss2.Bucket) -> None:
    bucket.put_object_acl("key", "public-read")
    assert anonymous.get_object("key").read() == b"data"
    refused("AccessDenied", 403, anonymous.put_object, "key", b"")
    bucket.put_bucket_acl("public-read-write")
    bucket.put_object_acl("key", "private")
    refused("AccessDenied", 403, anonymous.get_object, "key")


def test_public_objects_are_readable_from_other_accounts(
    oss: RunningOss, bucket: oss2.Bucket, anonymous: oss2.Bucket
) -> None:
    stranger = oss.do(lambda: oss.credentials.issue(root_principal("2234567890123456")))
    client = oss.bucket(bucket.bucket_name, credential=stranger)
    refused("AccessDenied", 403, client.get_object, "key")
    bucket.put_bucket_acl("public-read")
    assert client.get_object("key").read() == b"data"
    refused("AccessDenied", 403, client.list_objects)


def test_an_anonymous_caller_cannot_list_buckets(oss: RunningOss) -> None:
    service = oss2.Service(oss2.AnonymousAuth(), oss.url)
    refused("AccessDenied", 403, service.list_buckets)
    nobodys = oss2.Bucket(oss2.AnonymousAuth(), oss.url, "nobodys")
    refused("AccessDenied", 403, nobodys.create_bucket)


def test_a_bucket_can_block_everything_public(bucket: oss2.Bucket, anonymous: oss2.Bucket) -> None:
    bucket.put_bucket_acl("public-read")
    bucket.put_bucket_public_access_block(True)
    assert bucket.get_bucket_public_access_block().block_public_access
    refused("AccessDenied", 403, anonymous.get_object, "key")
    for call in (
        lambda: bucket.put_bucket_acl("public-read-write"),
        lambda: bucket.create_bucket("public-read"),
        lambda: bucket.put_object_acl("key", "public-read"),
        lambda: bucket.put_object("key", b"", headers={"x-oss-object-acl": "public-read"}),
    ):
        refused("AccessDenied", 403, call)
    bucket.put_object_acl("key", "private")
    bucket.delete_bucket_public_access_block()
    bucket.put_object_acl("key", "default")
    assert anonymous.get_object("key").read() == b"data"
