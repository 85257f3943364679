"""alibabacloud_oss_v2, the vendor's newer client for Python, works with the local OSS."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO

import alibabacloud_oss_v2 as v2
import pytest
import requests

from localcloud.oss import GeneratedObject
from tests.localcloud.oss.running import RunningOss

BUCKET = "frozen-assets"
PART = 100 * 1024


@pytest.fixture(params=["v1", "v4"])
def client(oss: RunningOss, request: pytest.FixtureRequest) -> v2.Client:
    """The client, with each of its signers, and a bucket."""
    provider = v2.credentials.StaticCredentialsProvider(oss.root.access_key_id, oss.root.secret)
    config = v2.config.Config(
        region=oss.region,
        endpoint=oss.url,
        credentials_provider=provider,
        signature_version=request.param,
    )
    client = v2.Client(config)
    client.put_bucket(v2.PutBucketRequest(bucket=BUCKET))
    return client


def put(client: v2.Client, key: str, data: bytes = b"data", **more: object) -> v2.PutObjectResult:
    return client.put_object(v2.PutObjectRequest(bucket=BUCKET, key=key, body=data, **more))


def read(client: v2.Client, key: str, **more: object) -> bytes:
    result = client.get_object(v2.GetObjectRequest(bucket=BUCKET, key=key, **more))
    return bytes(result.body.content)


def refusal(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(v2.exceptions.OperationError) as error:
        call()
    cause = error.value.unwrap()
    assert isinstance(cause, v2.exceptions.ServiceError)
    assert len(cause.request_id) == 24
    return cause.status_code, cause.code


def test_objects_are_restored_and_cleaned(oss: RunningOss, client: v2.Client) -> None:
    put(client, "cold", storage_class="ColdArchive")
    request = v2.RestoreObjectRequest(
        bucket=BUCKET,
        key="cold",
        restore_request=v2.RestoreRequest(
            days=2, job_parameters=v2.JobParameters(tier="Expedited")
        ),
    )
    assert refusal(lambda: read(client, "cold")) == (403, "InvalidObjectState")
    restored = client.restore_object(request)
    assert (restored.status_code, restored.restore_priority) == (202, "Expedited")
    assert refusal(lambda: client.restore_object(request)) == (409, "RestoreAlreadyInProgress")
    oss.advance(3600)
    head = client.head_object(v2.HeadObjectRequest(bucket=BUCKET, key="cold"))
    assert head.restore.startswith('ongoing-request="false"')
    assert read(client, "cold") == b"data"
    clean = v2.CleanRestoredObjectRequest(bucket=BUCKET, key="cold")
    client.clean_restored_object(clean)
    assert refusal(lambda: client.clean_restored_object(clean)) == (409, "ArchiveRestoreFileStale")


def test_listings_page_through_objects_versions_parts_and_uploads(client: v2.Client) -> None:
    client.put_bucket_versioning(
        v2.PutBucketVersioningRequest(BUCKET, v2.VersioningConfiguration("Enabled"))
    )
    for key in ("a/1", "a/2", "b", "b"):
        put(client, key)
    objects = client.list_objects_v2_paginator(limit=1)
    pages = list(objects.iter_page(v2.ListObjectsV2Request(bucket=BUCKET, delimiter="/")))
    assert [c.key for page in pages for c in page.contents or []] == ["b"]
    assert [c.prefix for page in pages for c in page.common_prefixes or []] == ["a/"]
    versions = client.list_object_versions_paginator(limit=1)
    found = list(versions.iter_page(v2.ListObjectVersionsRequest(bucket=BUCKET)))
    assert [v.key for page in found for v in page.version or []] == ["a/1", "a/2", "b", "b"]
    request = v2.InitiateMultipartUploadRequest(bucket=BUCKET, key="a b")
    ids = sorted(client.initiate_multipart_upload(request).upload_id for _ in range(3))
    uploads = client.list_multipart_uploads_paginator(limit=1)
    pages = list(uploads.iter_page(v2.ListMultipartUploadsRequest(bucket=BUCKET)))
    assert [(u.key, u.upload_id) for page in pages for u in page.uploads or []] == [
        ("a b", upload_id) for upload_id in ids
    ]
    for number in (1, 2, 3):
        client.upload_part(
            v2.UploadPartRequest(BUCKET, "a b", upload_id=ids[0], part_number=number, body=b"x")
        )
    parts = client.list_parts_paginator(limit=1)
    pages = list(parts.iter_page(v2.ListPartsRequest(bucket=BUCKET, key="a b", upload_id=ids[0])))
    assert [part.part_number for page in pages for part in page.parts or []] == [1, 2, 3]
    client.abort_multipart_upload(v2.AbortMultipartUploadRequest(BUCKET, "a b", upload_id=ids[0]))


def test_large_files_are_uploaded_downloaded_and_copied_in_parts(client: v2.Client) -> None:
    data = bytes(range(256)) * 1600
    options = {"part_size": PART, "parallel_num": 2}
    up = client.uploader(**options)
    sent = up.upload_from(v2.PutObjectRequest(bucket=BUCKET, key="a b+c"), BytesIO(data))
    assert sent.etag.strip('"').endswith("-4")
    got = BytesIO()
    client.downloader(**options).download_to(v2.GetObjectRequest(bucket=BUCKET, key="a b+c"), got)
    assert got.getvalue() == data
    copied = client.copier(multipart_copy_threshold=0, disable_shallow_copy=True, **options).copy(
        v2.CopyObjectRequest(bucket=BUCKET, key="copy", source_bucket=BUCKET, source_key="a b+c")
    )
    assert copied.hash_crc64 == sent.hash_crc64
    assert read(client, "copy") == data


def test_a_huge_object_is_copied_by_parts(oss: RunningOss, client: v2.Client) -> None:
    size = 12 * 1024**3
    oss.do(lambda: oss.storage.seed(BUCKET, [GeneratedObject("huge", size)]))
    whole = v2.CopyObjectRequest(
        bucket=BUCKET,
        key="copy",
        source_key="huge",
        storage_class="IA",
        metadata_directive="Replace",
    )
    assert refusal(lambda: client.copy_object(whole)) == (400, "EntityTooLarge")
    copier = client.copier(part_size=5 * 1024**3, parallel_num=1)
    copier.copy(whole)
    head = client.head_object(v2.HeadObjectRequest(bucket=BUCKET, key="copy"))
    assert (head.content_length, head.storage_class) == (size, "IA")


def test_reading_and_copying_honour_conditions(client: v2.Client) -> None:
    etag = put(client, "key").etag
    assert read(client, "key", if_match=etag) == b"data"
    assert refusal(lambda: read(client, "key", if_match="other")) == (412, "PreconditionFailed")
    status, _ = refusal(lambda: read(client, "key", if_none_match=etag))
    assert status == 304
    copy = v2.CopyObjectRequest(bucket=BUCKET, key="copy", source_key="key", if_match="other")
    assert refusal(lambda: client.copy_object(copy)) == (412, "PreconditionFailed")
    standard = {"range_header": "bytes=2-9", "range_behavior": "standard"}
    assert read(client, "key", **standard) == b"ta"


def test_tags_acls_links_and_appends_work(client: v2.Client) -> None:
    put(client, "key", tagging="a=1", acl="private", metadata={"of": "key"})
    tags = client.get_object_tagging(v2.GetObjectTaggingRequest(bucket=BUCKET, key="key"))
    assert [(tag.key, tag.value) for tag in tags.tag_set.tags] == [("a", "1")]
    acl = client.get_object_acl(v2.GetObjectAclRequest(bucket=BUCKET, key="key"))
    assert acl.acl == "private"
    head = client.head_object(v2.HeadObjectRequest(bucket=BUCKET, key="key"))
    assert (head.metadata["of"], head.tagging_count) == ("key", 1)
    client.put_symlink(v2.PutSymlinkRequest(bucket=BUCKET, key="link", symlink_target="key"))
    link = client.get_symlink(v2.GetSymlinkRequest(bucket=BUCKET, key="link"))
    assert link.target == "key"
    first = client.append_object(
        v2.AppendObjectRequest(bucket=BUCKET, key="log", position=0, body=b"one")
    )
    assert first.next_position == 3
    again = v2.AppendObjectRequest(bucket=BUCKET, key="log", position=0, body=b"two")
    assert refusal(lambda: client.append_object(again)) == (409, "PositionNotEqualToLength")


def test_a_batch_with_an_odd_key_is_deleted(client: v2.Client) -> None:
    keys = ["plain", "a\x01b", "a&<b>", "中"]
    for key in keys:
        put(client, key)
    objects = [v2.DeleteObject(key=key) for key in keys]
    request = v2.DeleteMultipleObjectsRequest(bucket=BUCKET, objects=objects, encoding_type="url")
    deleted = client.delete_multiple_objects(request).deleted_objects or []
    assert [entry.key for entry in deleted] == keys
    assert not client.list_objects_v2(v2.ListObjectsV2Request(bucket=BUCKET)).contents


def test_links_are_signed(client: v2.Client) -> None:
    put(client, "a b")
    link = client.presign(
        v2.GetObjectRequest(bucket=BUCKET, key="a b", response_content_type="image/png"),
        expires=dt.timedelta(minutes=5),
    )
    answer = requests.get(link.url, headers=link.signed_headers, timeout=20)
    assert (answer.content, answer.headers["content-type"]) == (b"data", "image/png")


def test_buckets_are_described(client: v2.Client) -> None:
    info = client.get_bucket_info(v2.GetBucketInfoRequest(bucket=BUCKET)).bucket_info
    assert (info.name, info.storage_class, info.acl) == (BUCKET, "Standard", "private")
    names = [
        b.name
        for page in client.list_buckets_paginator().iter_page(v2.ListBucketsRequest())
        for b in page.buckets
    ]
    assert names == [BUCKET]


def test_a_buckets_policy_is_put_read_and_deleted(client: v2.Client) -> None:
    text = (
        '{"Version":"1","Statement":[{"Action":["oss:PutObject"],"Effect":"Allow",'
        f'"Resource": ["acs:oss:*:*:{BUCKET}","acs:oss:*:*:{BUCKET}/*"]}}]}}'
    )
    client.put_bucket_policy(v2.PutBucketPolicyRequest(bucket=BUCKET, body=text))
    ask = v2.GetBucketPolicyRequest(bucket=BUCKET)
    assert client.get_bucket_policy(ask).body == text
    client.delete_bucket_policy(v2.DeleteBucketPolicyRequest(bucket=BUCKET))
    assert refusal(lambda: client.get_bucket_policy(ask)) == (404, "NoSuchBucketPolicy")
