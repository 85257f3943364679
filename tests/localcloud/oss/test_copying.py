"""Copies: what is copied, how large it may be, and under which conditions."""

from __future__ import annotations

from email.utils import formatdate
from typing import Literal

import oss2
import pytest
from pydantic import ValidationError

from localcloud.faults import FaultRule
from localcloud.oss import GeneratedObject
from tests.localcloud.oss.running import RunningOss
from tests.localcloud.oss.test_objects import refused

GB = 1024**3


def copy_from(bucket: oss2.Bucket, source: str, key: str = "copy", **headers: str) -> object:
    """Send CopyObject with the source as it is, which oss2 would encode."""
    sent = {"x-oss-copy-source": source, **headers}
    return bucket._do("PUT", bucket.bucket_name, key, headers=sent)


@pytest.mark.parametrize(
    ("size", "another_bucket", "another_class", "accepted"),
    [
        (GB, True, True, True),
        (GB + 1, False, True, False),
        (5 * GB, True, False, True),
        (5 * GB + 1, True, False, False),
        (5 * 1024 * GB, False, False, True),
    ],
)
def test_only_copies_that_move_no_data_may_be_of_any_size(
    oss: RunningOss,
    bucket: oss2.Bucket,
    size: int,
    another_bucket: bool,
    another_class: bool,
    accepted: bool,
) -> None:
    oss.do(lambda: oss.storage.seed(bucket.bucket_name, [GeneratedObject("big", size)]))
    target = oss.bucket("elsewhere") if another_bucket else bucket
    target.create_bucket()
    headers = {"x-oss-storage-class": "IA" if another_class else "Standard"}
    arguments = (bucket.bucket_name, "big", "copy", headers)
    if accepted:
        target.copy_object(*arguments)
        assert target.head_object("copy").server_crc == bucket.head_object("big").server_crc
    else:
        refused("EntityTooLarge", 400, target.copy_object, *arguments)


def test_a_plus_in_a_source_or_a_symlinks_target_is_a_space(bucket: oss2.Bucket) -> None:
    bucket.put_object("a b", b"blank")
    bucket.put_object("a+b", b"plus")
    name = bucket.bucket_name
    for source, data in (("a+b", b"blank"), ("a%20b", b"blank"), ("a%2Bb", b"plus")):
        copy_from(bucket, f"/{name}/{source}")
        assert bucket.get_object("copy").read() == data
        headers = {"x-oss-symlink-target": source}
        bucket._do("PUT", name, "link", params={"symlink": ""}, headers=headers)
        assert bucket.get_object("link").read() == data


@pytest.mark.parametrize(
    "source", ["frozen-assets/key", "key", "/frozen-assets", "/frozen-assets/"]
)
def test_a_source_must_name_bucket_and_key(bucket: oss2.Bucket, source: str) -> None:
    refused("InvalidArgument", 400, copy_from, bucket, source)


def test_metadata_and_tags_are_copied_or_replaced(bucket: oss2.Bucket) -> None:
    bucket.put_object("key", b"data", headers={"x-oss-meta-a": "1", "x-oss-tagging": "a=1"})

    def copied(**headers: str) -> tuple[bool, bool, dict[str, str]]:
        named = {f"x-oss-{name.replace('_', '-')}": value for name, value in headers.items()}
        bucket.copy_object(bucket.bucket_name, "key", "copy", named)
        head = bucket.head_object("copy").headers
        tags = bucket.get_object_tagging("copy").tag_set.tagging_rule
        return "x-oss-meta-a" in head, "x-oss-meta-b" in head, tags

    new = {"meta_b": "2", "tagging": "b=2"}
    assert copied(**new) == (True, False, {"a": "1"})
    for directive in ("Replace", "REPLACE", "replace"):
        assert copied(metadata_directive=directive, **new) == (False, True, {"a": "1"})
        assert copied(tagging_directive=directive, **new) == (True, False, {"b": "2"})
    for name in ("metadata_directive", "tagging_directive"):
        assert copied(**{name: "Copy"}) == (True, False, {"a": "1"})
        refused("InvalidArgument", 400, lambda name=name: copied(**{name: "MERGE"}))


def test_replacing_metadata_keeps_type_and_encryption_of_the_data(bucket: oss2.Bucket) -> None:
    encrypted = "x-oss-meta-client-side-encryption-key"
    source = {"Content-Type": "text/x-test", "Cache-Control": "no-store", encrypted: "secret"}
    bucket.put_object("key", b"data", headers=source)
    replace = {"x-oss-metadata-directive": "REPLACE"}
    bucket.copy_object(bucket.bucket_name, "key", "copy", dict(replace))
    head = bucket.head_object("copy")
    assert (head.content_type, head.headers[encrypted]) == ("text/x-test", "secret")
    assert "cache-control" not in head.headers
    other = replace | {"Content-Type": "image/png", encrypted: "other"}
    bucket.copy_object(bucket.bucket_name, "key", "copy", other)
    head = bucket.head_object("copy")
    assert (head.content_type, head.headers[encrypted]) == ("image/png", "other")


def test_a_copys_acl_is_its_own(bucket: oss2.Bucket) -> None:
    bucket.put_object("key", b"data", headers={"x-oss-object-acl": "public-read"})
    bucket.copy_object(bucket.bucket_name, "key", "copy")
    assert bucket.get_object_acl("copy").acl == "default"
    headers = {"x-oss-object-acl": "private"}
    bucket.copy_object(bucket.bucket_name, "key", "copy", headers)
    assert bucket.get_object_acl("copy").acl == "private"


def test_a_copy_is_made_only_if_the_source_meets_its_conditions(
    oss: RunningOss, bucket: oss2.Bucket
) -> None:
    etag = bucket.put_object("key", b"data").etag
    modified = bucket.head_object("key").last_modified
    oss.advance(60)

    def copy(condition: str, value: str) -> int:
        headers = {f"x-oss-copy-source-if-{condition}": value}
        try:
            return int(bucket.copy_object(bucket.bucket_name, "key", "copy", headers).status)
        except oss2.exceptions.ServerError as error:
            return int(error.status)

    before, after = formatdate(modified - 1, usegmt=True), formatdate(modified, usegmt=True)
    assert [copy("match", value) for value in (etag, "other")] == [200, 412]
    assert [copy("none-match", value) for value in (etag, "other")] == [304, 200]
    assert [copy("modified-since", value) for value in (before, after)] == [200, 304]
    assert [copy("unmodified-since", value) for value in (before, after)] == [412, 200]
    assert copy("modified-since", "yesterday") == 400


def test_a_copys_response_identifies_its_data(bucket: oss2.Bucket) -> None:
    bucket.put_object("key", b"data")
    copied = bucket.copy_object(bucket.bucket_name, "key", "copy")
    assert copied.crc == bucket.head_object("copy").server_crc
    missing = oss2.exceptions.NoSuchBucket
    with pytest.raises(missing):
        bucket.copy_object("no-such-bucket", "key", "copy")


def test_a_copy_onto_itself_names_its_source_version(bucket: oss2.Bucket) -> None:
    bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    bucket.put_object("key", b"data")
    before = bucket.head_object("key").versionid
    copied = bucket.copy_object(bucket.bucket_name, "key", "key").headers
    assert copied["x-oss-copy-source-version-id"] == before != copied["x-oss-version-id"]


def test_a_fault_damages_a_copy_or_drops_its_metadata(oss: RunningOss, bucket: oss2.Bucket) -> None:
    def copied(kind: Literal["damage", "drop_metadata"], key: str) -> tuple[object, ...]:
        rule = FaultRule(service="oss", operation="CopyObject", kind=kind, times=1)
        oss.do(lambda: oss.core.faults.add(rule))
        bucket.copy_object(bucket.bucket_name, key, "copy")
        head = bucket.head_object("copy")
        same = head.server_crc == bucket.head_object(key).server_crc
        return head.content_length, same, "x-oss-meta-a" in head.headers

    bucket.put_object("key", b"data", headers={"x-oss-meta-a": "1"})
    bucket.put_object("empty", b"")
    oss.do(lambda: oss.storage.seed(bucket.bucket_name, [GeneratedObject("big", GB)]))
    assert copied("damage", "key") == (4, False, True)
    assert copied("damage", "empty") == (1, False, False)
    assert copied("damage", "big") == (GB, False, False)
    assert copied("drop_metadata", "key") == (4, True, False)


def test_only_oss_has_fault_rules_that_damage() -> None:
    with pytest.raises(ValidationError, match="only oss makes"):
        FaultRule(service="fc", kind="damage")
