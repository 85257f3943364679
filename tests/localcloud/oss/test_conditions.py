"""Conditional reads, and what the response says about the data."""

from __future__ import annotations

from email.utils import formatdate

import oss2
import pytest

from tests.localcloud.oss.running import RunningOss
from tests.localcloud.oss.test_objects import refused

METHODS = ["GET", "HEAD"]


def read(bucket: oss2.Bucket, method: str, **conditions: str) -> int:
    headers = {f"If-{name.replace('_', '-')}": value for name, value in conditions.items()}
    try:
        return int(bucket._do(method, bucket.bucket_name, "key", headers=headers).status)
    except oss2.exceptions.ServerError as error:
        return int(error.status)


@pytest.mark.parametrize("method", METHODS)
def test_an_object_is_read_only_if_it_meets_the_conditions(
    oss: RunningOss, bucket: oss2.Bucket, method: str
) -> None:
    etag = bucket.put_object("key", b"data").etag
    modified = bucket.head_object("key").last_modified
    oss.advance(60)
    before, at = formatdate(modified - 1, usegmt=True), formatdate(modified, usegmt=True)
    for match in (etag, f'"{etag}"', "*", f'"other", "{etag}"'):
        assert read(bucket, method, match=match) == 200
        assert read(bucket, method, none_match=match) == 304
    assert read(bucket, method, match="other") == 412
    assert read(bucket, method, none_match="other") == 200
    assert read(bucket, method, unmodified_since=at) == 200
    assert read(bucket, method, unmodified_since=before) == 412
    assert read(bucket, method, modified_since=at) == 304
    assert read(bucket, method, modified_since=before) == 200
    assert read(bucket, method, modified_since="yesterday") == 400


def test_a_failed_condition_is_reported_without_the_data(bucket: oss2.Bucket) -> None:
    etag = bucket.put_object("key", b"data").etag
    with pytest.raises(oss2.exceptions.NotModified) as unchanged:
        bucket.get_object("key", headers={"If-None-Match": etag})
    assert unchanged.value.headers["etag"] == f'"{etag}"'
    refused("PreconditionFailed", 412, bucket.get_object, "key", headers={"If-Match": "other"})
    refused("PreconditionFailed", 412, bucket.head_object, "key", headers={"If-Match": "other"})


def test_every_response_about_data_has_its_checksums(bucket: oss2.Bucket) -> None:
    official = oss2.utils.Crc64()
    official.update(b"data")
    digest = oss2.utils.content_md5(b"data")
    put = bucket.put_object("key", b"data")
    for answer in (put, bucket.get_object("key"), bucket.head_object("key")):
        assert answer.headers["x-oss-hash-crc64ecma"] == str(official.crc)
        assert answer.headers["content-md5"] == digest
    part = bucket.get_object("key", byte_range=(1, 2))
    assert part.headers["x-oss-hash-crc64ecma"] == str(official.crc)
    assert "content-md5" not in part.headers


def test_appending_continues_checksum_position_and_class(bucket: oss2.Bucket) -> None:
    headers = {"x-oss-storage-class": "IA", "x-oss-object-acl": "private"}
    first = bucket.append_object("log", 0, b"one", headers=headers, init_crc=0)
    second = bucket.append_object("log", 3, b"two", init_crc=first.crc)
    head = bucket.head_object("log")
    assert head.server_crc == second.crc
    assert head.headers["x-oss-next-append-position"] == "6"
    assert head.headers["x-oss-storage-class"] == "IA"
    assert bucket.get_object_acl("log").acl == "private"
    with pytest.raises(oss2.exceptions.PositionNotEqualToLength) as wrong:
        bucket.append_object("log", 1, b"three")
    assert wrong.value.headers["x-oss-next-append-position"] == "6"
    refused(
        "MissingArgument", 400, bucket._do, "POST", bucket.bucket_name, "log", params={"append": ""}
    )
    cold = {"x-oss-storage-class": "ColdArchive"}
    refused("OperationNotSupported", 400, bucket.append_object, "cold", 0, b"", headers=cold)


def test_a_signed_link_sets_headers_of_the_response(oss: RunningOss, bucket: oss2.Bucket) -> None:
    bucket.put_object("key", b"data", headers={"Content-Type": "text/x-test"})
    params = {
        "response-content-type": "image/png",
        "response-content-disposition": "attachment",
        "response-cache-control": "no-store",
    }
    got = bucket.get_object("key", params=params)
    assert got.content_type == "image/png"
    assert got.headers["content-disposition"] == "attachment"
    assert got.headers["cache-control"] == "no-store"
    bucket.put_object_acl("key", "public-read")
    anonymous = oss2.Bucket(oss2.AnonymousAuth(), oss.url, bucket.bucket_name)
    refused("InvalidRequest", 400, anonymous.get_object, "key", params=params)


def test_a_symlink_has_metadata_of_its_own(oss: RunningOss, bucket: oss2.Bucket) -> None:
    target = {"x-oss-meta-of": "target", "Content-Type": "text/x-test"}
    data = bucket.put_object("target", b"data", headers=target)
    oss.advance(60)
    bucket.put_symlink("target", "link", headers={"x-oss-meta-of": "link"})
    head = bucket.head_object("link")
    assert head.headers["x-oss-meta-of"] == "link"
    assert (head.etag, head.content_length) == (data.etag, 4)
    assert head.server_crc == data.crc
    assert head.last_modified == bucket.head_object("target").last_modified + 60
    assert bucket.get_symlink("link").headers["x-oss-meta-of"] == "link"
    forbid = {"x-oss-forbid-overwrite": "true"}
    refused("FileAlreadyExists", 409, bucket.put_symlink, "target", "link", headers=forbid)
    refused(
        "MissingArgument", 400, bucket._do, "PUT", bucket.bucket_name, "l", params={"symlink": ""}
    )
