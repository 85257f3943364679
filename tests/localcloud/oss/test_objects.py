"""Objects are written, read, copied, linked and deleted as by the service."""

from __future__ import annotations

import base64

import oss2
import pytest

from localcloud.oss import GeneratedObject
from tests.localcloud.oss.running import RunningOss


def refused(
    code: str, status: int, call: object, *args: object, **kwargs: object
) -> oss2.exceptions.ServerError:
    assert callable(call)
    with pytest.raises(oss2.exceptions.ServerError) as error:
        call(*args, **kwargs)
    assert (error.value.status, error.value.code) == (status, code)
    assert len(error.value.request_id) == 24
    return error.value


def test_an_object_keeps_its_data_and_metadata(bucket: oss2.Bucket) -> None:
    value = "测试"
    headers = {
        "Content-Type": "text/x-test",
        "Cache-Control": "no-store",
        "x-oss-meta-unicode": value.encode(),
    }
    put = bucket.put_object("key", b"data", headers=headers)
    got = bucket.get_object("key")
    assert got.read() == b"data"
    assert got.etag == put.etag == "8D777F385D3DFEC8815D20F7496026DC"
    assert got.content_type == "text/x-test"
    assert got.headers["cache-control"] == "no-store"
    assert got.headers["x-oss-meta-unicode"].encode("latin-1").decode() == value
    assert got.object_type == "Normal"
    assert got.headers["x-oss-storage-class"] == "Standard"


def test_an_object_has_its_buckets_class_unless_it_names_one(oss: RunningOss) -> None:
    bucket = oss.bucket("archive-by-default")
    bucket.create_bucket(
        oss2.BUCKET_ACL_PRIVATE, oss2.models.BucketCreateConfig(oss2.BUCKET_STORAGE_CLASS_ARCHIVE)
    )
    bucket.put_object("default", b"")
    bucket.put_object("named", b"", headers={"x-oss-storage-class": "IA"})
    classes = {entry.key: entry.storage_class for entry in bucket.list_objects().object_list}
    assert classes == {"default": "Archive", "named": "IA"}
    refused(
        "InvalidArgument", 400, bucket.put_object, "k", b"", headers={"x-oss-storage-class": "Ice"}
    )


@pytest.mark.parametrize("key", ["/leading", "x" * 1024, "界" * 342])
def test_an_invalid_key_is_refused(bucket: oss2.Bucket, key: str) -> None:
    refused("InvalidObjectName", 400, bucket.put_object, key, b"")


@pytest.mark.parametrize("version", ["v1", "v2", "v4"])
@pytest.mark.parametrize(
    ("byte_range", "expected"),
    [((2, 4), b"234"), ((7, None), b"789"), ((None, 3), b"789"), ((9, 9), b"9")],
)
def test_a_range_returns_just_its_bytes(
    oss: RunningOss,
    bucket: oss2.Bucket,
    version: str,
    byte_range: tuple[int | None, int | None],
    expected: bytes,
) -> None:
    bucket.put_object("key", b"0123456789")
    got = oss.bucket(bucket.bucket_name, version=version).get_object("key", byte_range=byte_range)
    assert (got.status, got.read()) == (206, expected)
    assert got.headers["content-range"].endswith("/10")


@pytest.mark.parametrize("byte_range", [(10, 20), (8, 99), (10, None), (None, 11), (5, 4)])
def test_a_range_outside_the_object_returns_all_of_it(
    bucket: oss2.Bucket, byte_range: tuple[int | None, int | None]
) -> None:
    bucket.put_object("key", b"0123456789")
    got = bucket.get_object("key", byte_range=byte_range)
    assert (got.status, got.read()) == (200, b"0123456789")


@pytest.mark.parametrize(
    ("byte_range", "expected"),
    [((8, 99), b"89"), ((None, 11), b"0123456789"), ((3, None), b"3456789")],
)
def test_a_range_is_clipped_to_the_object_where_standard_behavior_is_requested(
    bucket: oss2.Bucket, byte_range: tuple[int | None, int | None], expected: bytes
) -> None:
    bucket.put_object("key", b"0123456789")
    standard = {"x-oss-range-behavior": "standard"}
    got = bucket.get_object("key", byte_range=byte_range, headers=standard)
    assert (got.status, got.read()) == (206, expected)
    outside = {"byte_range": (10, 20), "headers": standard}
    refused("InvalidRange", 416, bucket.get_object, "key", **outside)


def test_several_ranges_and_empty_ones_are_refused(bucket: oss2.Bucket) -> None:
    bucket.put_object("key", b"0123456789")
    headers = {"Range": "bytes=0-1,3-4"}
    refused("InvalidRange", 416, bucket.get_object, "key", headers=headers)
    nothing = {"Range": "bytes=-0"}
    refused("InvalidRange", 416, bucket.get_object, "key", headers=nothing)


def test_seeded_objects_make_up_the_same_body_each_time(
    oss: RunningOss, bucket: oss2.Bucket
) -> None:
    oss.do(lambda: oss.storage.seed(bucket.bucket_name, [GeneratedObject("key", 1000)]))
    whole = bucket.get_object("key").read()
    assert len(whole) == bucket.head_object("key").content_length == 1000
    assert bucket.get_object("key", byte_range=(333, 666)).read() == whole[333:667]
    bucket.copy_object(bucket.bucket_name, "key", "copy")
    assert bucket.get_object("copy").read() == whole


def test_a_huge_seeded_object_is_read_bit_by_bit(oss: RunningOss, bucket: oss2.Bucket) -> None:
    size = 5 * 1024**4
    oss.do(lambda: oss.storage.seed(bucket.bucket_name, [GeneratedObject("huge", size)]))
    assert bucket.head_object("huge").content_length == size
    last = bucket.get_object("huge", byte_range=(size - 10, size - 1)).read()
    assert last == bytes(range(246, 256))
    whole = bucket.get_object("huge")
    assert whole.content_length == size
    assert whole.read(512) == bytes(range(256)) * 2
    whole.resp.response.close()


def test_a_missing_object_and_a_missing_bucket_differ_even_on_head(
    oss: RunningOss, bucket: oss2.Bucket
) -> None:
    assert not bucket.object_exists("key")
    with pytest.raises(oss2.exceptions.NoSuchKey) as missing:
        bucket.head_object("key")
    assert missing.value.ec == missing.value.headers["x-oss-ec"] == "0026-00000001"
    with pytest.raises(oss2.exceptions.NoSuchBucket) as no_bucket:
        oss.bucket("no-such-bucket").head_object("key")
    assert no_bucket.value.ec == "0015-00000101"


def test_overwriting_can_be_forbidden(bucket: oss2.Bucket) -> None:
    headers = {"x-oss-forbid-overwrite": "true"}
    bucket.put_object("key", b"first", headers=headers)
    refused("FileAlreadyExists", 409, bucket.put_object, "key", b"second", headers=headers)
    assert bucket.get_object("key").read() == b"first"


@pytest.mark.parametrize("status", ["Enabled", "Suspended"])
def test_overwriting_cannot_be_forbidden_where_versions_are_kept(
    bucket: oss2.Bucket, status: str
) -> None:
    bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig(status))
    for data in (b"first", b"second"):
        bucket.put_object("key", data, headers={"x-oss-forbid-overwrite": "true"})
    assert bucket.get_object("key").read() == b"second"


def test_a_body_that_does_not_match_its_digest_is_refused(bucket: oss2.Bucket) -> None:
    digest = base64.b64encode(b"0" * 16).decode()
    refused(
        "InvalidDigest", 400, bucket.put_object, "key", b"data", headers={"Content-MD5": digest}
    )


def test_a_copy_has_the_data_and_the_metadata(bucket: oss2.Bucket) -> None:
    bucket.put_object("a b/ß", b"data", headers={"x-oss-meta-a": "1"})
    bucket.copy_object(bucket.bucket_name, "a b/ß", "copy")
    assert bucket.get_object("copy").read() == b"data"
    assert bucket.head_object("copy").headers["x-oss-meta-a"] == "1"
    refused("NoSuchKey", 404, bucket.copy_object, bucket.bucket_name, "missing", "copy")


def test_a_copy_onto_itself_changes_metadata_and_class(bucket: oss2.Bucket) -> None:
    bucket.put_object("key", b"data", headers={"x-oss-meta-a": "1"})
    bucket.update_object_meta("key", {"x-oss-meta-b": "2", "x-oss-storage-class": "ColdArchive"})
    head = bucket.head_object("key")
    assert "x-oss-meta-a" not in head.headers
    assert head.headers["x-oss-meta-b"] == "2"
    assert head.headers["x-oss-storage-class"] == "ColdArchive"


def test_a_readable_archived_object_is_copied_into_the_buckets_class(
    oss: RunningOss, bucket: oss2.Bucket
) -> None:
    bucket.put_object("cold", b"data", headers={"x-oss-storage-class": "Archive"})
    bucket.restore_object("cold")
    oss.advance(60)
    bucket.copy_object(bucket.bucket_name, "cold", "warm")
    assert bucket.head_object("warm").headers["x-oss-storage-class"] == "Standard"
    assert bucket.get_object("warm").read() == b"data"


def test_a_symlink_shows_its_targets_class_size_and_data(bucket: oss2.Bucket) -> None:
    bucket.put_symlink("a/target", "link")
    assert bucket.get_symlink("link").target_key == "a/target"
    refused("SymlinkTargetNotExist", 404, bucket.get_object, "link")
    bucket.put_object("a/target", b"data", headers={"x-oss-storage-class": "Archive"})
    head = bucket.head_object("link")
    assert head.object_type == "Symlink"
    assert head.headers["x-oss-storage-class"] == "Archive"
    assert head.content_length == 4
    refused("InvalidObjectState", 403, bucket.get_object, "link")
    bucket.put_symlink("link", "second")
    refused("InvalidTargetType", 400, bucket.get_object, "second")
    refused("NotSymlink", 400, bucket.get_symlink, "a/target")


def test_appending_works_on_appendable_objects_only(bucket: oss2.Bucket) -> None:
    first = bucket.append_object("log", 0, b"one")
    second = bucket.append_object("log", first.next_position, b"two")
    assert second.next_position == 6
    assert bucket.get_object("log").read() == b"onetwo"
    assert bucket.head_object("log").object_type == "Appendable"
    refused("PositionNotEqualToLength", 409, bucket.append_object, "log", 5, b"three")
    bucket.put_object("normal", b"data")
    refused("ObjectNotAppendable", 409, bucket.append_object, "normal", 4, b"more")


def test_deleting_a_missing_object_succeeds(bucket: oss2.Bucket) -> None:
    assert bucket.delete_object("key").status == 204


def test_an_unsupported_parameter_is_refused_by_name(bucket: oss2.Bucket) -> None:
    def refusal(method: str, key: str = "", **more: object) -> str:
        with pytest.raises(oss2.exceptions.ServerError) as error:
            bucket._do(method, bucket.bucket_name, key, **more)
        assert (error.value.status, error.value.code) == (400, "NotImplemented")
        return str(error.value.message)

    assert "'versionId' of PutObject" in refusal("PUT", "key", params={"versionId": "null"})
    assert "PUT /BUCKET?lifecycle" in refusal("PUT", params={"lifecycle": ""})
    assert "'vod' of ListObjects" in refusal("GET", params={"vod": ""})
    assert "'x-oss-process' of GetObject" in refusal("GET", "key", params={"x-oss-process": "x"})
    assert "'inventory' of GetObject" in refusal("GET", "key", params={"inventory": ""})
    kms = {"x-oss-server-side-encryption": "KMS"}
    assert "x-oss-server-side-encryption: KMS" in refusal("PUT", "key", headers=kms)
    for name in ("x-oss-traffic-limit", "x-oss-callback", "if-match", "range", "x-amz-acl"):
        assert f"{name!r} of PutObject" in refusal("PUT", "key", headers={name: "1"})
    with pytest.raises(oss2.exceptions.InvalidArgument, match="two operations at once"):
        bucket._do("GET", bucket.bucket_name, "key", params={"acl": "", "tagging": ""})


def test_response_headers_may_be_in_any_language_and_cannot_inject_others(
    bucket: oss2.Bucket,
) -> None:
    bucket.put_object("key", b"data")
    named = {"response-content-disposition": "attachment; filename=报告"}
    got = bucket.get_object("key", params=named)
    assert (
        got.headers["content-disposition"].encode("latin-1").decode() == "attachment; filename=报告"
    )
    split = {"response-content-type": "a\r\nx-injected: b"}
    refused("InvalidArgument", 400, bucket.get_object, "key", params=split)
    refused("InvalidArgument", 400, bucket.get_object, "key", params={"response-expires": "\u202e"})


def test_text_is_compressed_on_request(bucket: oss2.Bucket) -> None:
    content = b"line\n" * 10_000
    bucket.put_object("a.txt", content)
    for accepted, encoded in (("gzip", True), ("br, gzip;q=0.5", True), ("identity", False)):
        got = bucket.get_object("a.txt", headers={"Accept-Encoding": accepted})
        assert got.read() == content
        assert (got.headers.get("Content-Encoding") == "gzip") is encoded
        assert (got.content_length is None) is encoded


@pytest.mark.parametrize(
    ("kind", "size", "headers"),
    [
        ("text/plain", 1_023, {}),
        ("image/png", 5_000, {}),
        ("text/plain", 5_000, {"Range": "bytes=0-2000"}),
    ],
)
def test_small_bodies_other_types_and_ranges_are_not_compressed(
    bucket: oss2.Bucket, kind: str, size: int, headers: dict[str, str]
) -> None:
    bucket.put_object("a", b"x" * size, headers={"Content-Type": kind})
    got = bucket.get_object("a", headers={"Accept-Encoding": "gzip", **headers})
    assert "Content-Encoding" not in got.headers
    assert got.content_length == len(got.read())
