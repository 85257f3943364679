"""Multipart uploads, as clients use them for large objects."""

from __future__ import annotations

import hashlib
from pathlib import Path
from xml.etree import ElementTree as ET

import oss2
from oss2.models import PartInfo

from localcloud.oss import GeneratedObject
from tests.localcloud.oss.running import RunningOss
from tests.localcloud.oss.test_objects import refused

KB = 1024
PART = 100 * KB


def upload(
    bucket: oss2.Bucket, key: str, *bodies: bytes, **headers: str
) -> tuple[str, list[PartInfo]]:
    upload_id = bucket.init_multipart_upload(key, headers=headers).upload_id
    parts = []
    for number, body in enumerate(bodies, 1):
        sent = bucket.upload_part(key, upload_id, number, body)
        parts.append(PartInfo(number, sent.etag, size=len(body), part_crc=sent.crc))
    return upload_id, parts


def test_parts_become_one_object_with_the_metadata_of_the_upload(bucket: oss2.Bucket) -> None:
    first, second = b"a" * PART, b"b"
    upload_id, parts = upload(
        bucket,
        "key",
        first,
        second,
        **{
            "x-oss-storage-class": "IA",
            "x-oss-object-acl": "public-read",
            "x-oss-tagging": "a=1&b=2",
            "x-oss-meta-a": "1",
            "Content-Type": "text/x-test",
        },
    )
    assert not bucket.object_exists("key")
    done = bucket.complete_multipart_upload("key", upload_id, parts)
    assert done.crc == oss2.utils.calc_obj_crc_from_parts(parts)
    text = "".join(part.etag for part in parts).encode()  # of the ETags in their written form
    assert done.etag == hashlib.md5(text, usedforsecurity=False).hexdigest().upper() + "-2"
    got = bucket.get_object("key")
    assert got.read() == first + second
    assert (got.object_type, got.content_type) == ("Multipart", "text/x-test")
    assert got.headers["x-oss-storage-class"] == "IA"
    assert got.headers["x-oss-meta-a"] == "1"
    assert got.headers["x-oss-tagging-count"] == "2"
    assert "content-md5" not in got.headers
    assert bucket.get_object_acl("key").acl == "public-read"
    refused("NoSuchUpload", 404, bucket.complete_multipart_upload, "key", upload_id, parts)


def test_parts_are_listed_by_page_and_may_be_replaced(bucket: oss2.Bucket) -> None:
    upload_id, _ = upload(bucket, "a b", b"one", b"two", b"three")
    nothing = bucket.list_parts("a b", upload_id, marker="3")
    assert (nothing.parts, nothing.next_marker) == ([], "")
    for marker in ("-1", "²", "9" * 5_000):
        refused("InvalidArgument", 400, bucket.list_parts, "a b", upload_id, marker=marker)
    replaced = bucket.upload_part("a b", upload_id, 2, b"second")
    page = bucket.list_parts("a b", upload_id, max_parts=2)
    assert [(part.part_number, part.size) for part in page.parts] == [(1, 3), (2, 6)]
    assert page.parts[1].etag == replaced.etag
    assert page.is_truncated
    assert page.next_marker == "2"
    rest = bucket.list_parts("a b", upload_id, marker=page.next_marker, max_parts=2)
    assert [part.part_number for part in rest.parts] == [3]
    assert not rest.is_truncated
    assert len(list(oss2.PartIterator(bucket, "a b", upload_id, max_parts=1))) == 3


def test_open_uploads_are_listed_by_page_prefix_and_group(bucket: oss2.Bucket) -> None:
    keys = ["a/1", "a/1", "a/2", "b/1", "c"]
    ids = sorted((key, bucket.init_multipart_upload(key).upload_id) for key in keys)
    for size in (1, 2, 1000):
        found = [
            (u.key, u.upload_id) for u in oss2.MultipartUploadIterator(bucket, max_uploads=size)
        ]
        assert found == ids
    assert [u.key for u in bucket.list_multipart_uploads(prefix="a/").upload_list] == keys[:3]
    groups = bucket.list_multipart_uploads(delimiter="/")
    assert groups.prefix_list == ["a/", "b/"]
    assert (groups.is_truncated, groups.next_key_marker) == (False, "c")
    assert [u.key for u in groups.upload_list] == ["c"]
    seen = [u.key for u in oss2.MultipartUploadIterator(bucket, delimiter="/", max_uploads=1)]
    assert seen == ["a/", "b/", "c"]


def test_an_aborted_upload_is_gone_and_its_bucket_can_be_deleted(bucket: oss2.Bucket) -> None:
    upload_id, parts = upload(bucket, "key", b"data")
    refused("BucketNotEmpty", 409, bucket.delete_bucket)
    refused("NoSuchUpload", 404, bucket.abort_multipart_upload, "other", upload_id)
    assert bucket.abort_multipart_upload("key", upload_id).status == 204
    refused("NoSuchUpload", 404, bucket.upload_part, "key", upload_id, 1, b"data")
    refused("NoSuchUpload", 404, bucket.list_parts, "key", upload_id)
    refused("NoSuchUpload", 404, bucket.complete_multipart_upload, "key", upload_id, parts)
    bucket.delete_bucket()


def test_parts_that_do_not_fit_are_refused(bucket: oss2.Bucket) -> None:
    upload_id, parts = upload(bucket, "key", b"a" * (PART - 1), b"b")
    complete = bucket.complete_multipart_upload
    refused("EntityTooSmall", 400, complete, "key", upload_id, parts)
    refused("InvalidPart", 400, complete, "key", upload_id, [PartInfo(1, "0" * 32)])
    refused("InvalidPart", 400, complete, "key", upload_id, [PartInfo(7, parts[0].etag)])
    twice = {"PartNumber": 1, "ETag": parts[0].etag}
    body = "".join(
        f"<Part><PartNumber>{twice['PartNumber']}</PartNumber><ETag>{twice['ETag']}</ETag></Part>"
        for _ in range(2)
    )
    document = f"<CompleteMultipartUpload>{body}</CompleteMultipartUpload>"
    query = {"uploadId": upload_id}
    refused(
        "InvalidPartOrder",
        400,
        bucket._do,
        "POST",
        bucket.bucket_name,
        "key",
        params=query,
        data=document,
    )
    for number in (0, 10_001, "x"):
        refused("InvalidArgument", 400, bucket.upload_part, "key", upload_id, number, b"")
    digest = {"Content-MD5": oss2.utils.content_md5(b"other")}
    refused("InvalidDigest", 400, bucket.upload_part, "key", upload_id, 1, b"x", headers=digest)


def test_all_parts_can_be_completed_without_a_list(bucket: oss2.Bucket) -> None:
    upload_id, _ = upload(bucket, "key", b"a" * PART, b"b")
    complete_all = {"x-oss-complete-all": "yes"}
    bucket.complete_multipart_upload("key", upload_id, None, headers=complete_all)
    assert bucket.head_object("key").content_length == PART + 1


def test_no_parts_at_all_make_an_empty_object(bucket: oss2.Bucket) -> None:
    upload_id = bucket.init_multipart_upload("key").upload_id
    bucket.complete_multipart_upload("key", upload_id, [])
    assert bucket.get_object("key").read() == b""


def test_the_response_has_the_objects_location(bucket: oss2.Bucket) -> None:
    query = {"uploadId": bucket.init_multipart_upload("a ~").upload_id}
    body = "<CompleteMultipartUpload/>"
    answer = bucket._do("POST", bucket.bucket_name, "a ~", params=query, data=body)
    location = ET.fromstring(answer.read()).findtext("Location", "")
    assert location.endswith("/frozen-assets/a%20%7E")


def test_an_upload_in_sequence_has_a_digest_and_no_gaps(bucket: oss2.Bucket) -> None:
    sequential = {"sequential": ""}
    upload_id = bucket.init_multipart_upload("key", params=sequential).upload_id
    refused("PartNotSequential", 400, bucket.upload_part, "key", upload_id, 2, b"data")
    part = bucket.upload_part("key", upload_id, 1, b"data")
    bucket.complete_multipart_upload("key", upload_id, [PartInfo(1, part.etag)])
    assert bucket.head_object("key").headers["content-md5"] == oss2.utils.content_md5(b"data")


def test_overwriting_can_be_forbidden_at_the_start_and_at_the_end(bucket: oss2.Bucket) -> None:
    forbid = {"x-oss-forbid-overwrite": "true"}
    upload_id, parts = upload(bucket, "key", b"data", **forbid)
    bucket.put_object("key", b"first")
    complete = bucket.complete_multipart_upload
    refused("FileAlreadyExists", 409, complete, "key", upload_id, parts, headers=forbid)
    refused("FileAlreadyExists", 409, bucket.init_multipart_upload, "key", headers=forbid)
    assert bucket.get_object("key").read() == b"first"


def test_a_huge_object_is_copied_part_by_part_into_another_bucket_and_class(
    oss: RunningOss, bucket: oss2.Bucket
) -> None:
    size, part = 12 * KB**3, 5 * KB**3
    oss.do(
        lambda: oss.storage.seed(
            bucket.bucket_name, [GeneratedObject("a b+c", size, "DeepColdArchive")]
        )
    )
    target = oss.bucket("warm")
    target.create_bucket()
    headers = {"x-oss-storage-class": "Standard"}
    upload_id = target.init_multipart_upload("copy", headers=headers).upload_id

    def copy(start: int, end: int, number: int) -> object:
        return target.upload_part_copy(
            bucket.bucket_name, "a b+c", (start, end), "copy", upload_id, number
        )

    refused("InvalidObjectState", 403, copy, 0, part - 1, 1)
    bucket.restore_object("a b+c")
    oss.advance(48 * 3600)
    refused("EntityTooLarge", 400, copy, 0, part, 1)
    refused("InvalidRange", 416, copy, part, size, 1)
    parts = []
    for number, start in enumerate(range(0, size, part), 1):
        end = min(start + part, size) - 1
        copied = target.upload_part_copy(
            bucket.bucket_name, "a b+c", (start, end), "copy", upload_id, number
        )
        parts.append(PartInfo(number, copied.etag, size=end + 1 - start))
    target.complete_multipart_upload("copy", upload_id, parts)
    head = target.head_object("copy")
    assert (head.content_length, head.headers["x-oss-storage-class"]) == (size, "Standard")
    assert head.server_crc == bucket.head_object("a b+c").server_crc
    middle = (part - 300, part + 299)
    assert (
        target.get_object("copy", byte_range=middle).read()
        == bucket.get_object("a b+c", byte_range=middle).read()
    )


def test_a_part_is_copied_only_if_the_source_meets_its_conditions(bucket: oss2.Bucket) -> None:
    etag = bucket.put_object("source", b"data").etag
    upload_id = bucket.init_multipart_upload("copy").upload_id
    arguments = (bucket.bucket_name, "source", None, "copy", upload_id, 1)

    def copy(**conditions: str) -> object:
        headers = {f"x-oss-copy-source-{k.replace('_', '-')}": v for k, v in conditions.items()}
        return bucket.upload_part_copy(*arguments, headers=headers)

    refused("PreconditionFailed", 412, copy, if_match="other")
    copy(if_match=etag)
    bucket.put_symlink("source", "link")
    link = (bucket.bucket_name, "link", None, "copy", upload_id, 1)
    refused("OperationNotSupported", 400, bucket.upload_part_copy, *link)


def test_resumable_calls_of_oss2_work_both_ways(bucket: oss2.Bucket, tmp_path: Path) -> None:
    data = bytes(range(256)) * 2000
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(data)
    options = {"multipart_threshold": PART, "part_size": PART, "num_threads": 3}
    headers = {"x-oss-object-acl": "private", "x-oss-tagging": "a=1", "x-oss-meta-a": "1"}
    oss2.resumable_upload(bucket, "key", str(source), headers=headers, **options)
    assert bucket.get_object("key").read() == data
    oss2.resumable_download(
        bucket, "key", str(target), multiget_threshold=PART, part_size=PART, num_threads=3
    )
    assert target.read_bytes() == data


def test_a_completed_upload_is_a_new_version(bucket: oss2.Bucket) -> None:
    bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    bucket.put_object("key", b"first")
    upload_id, parts = upload(bucket, "key", b"second")
    done = bucket.complete_multipart_upload("key", upload_id, parts)
    assert done.versionid == bucket.head_object("key").versionid
    assert len(bucket.list_object_versions().versions) == 2
