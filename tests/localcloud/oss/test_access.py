"""RAM decides about every call, and a refusal names principal, action and resource."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

import oss2
import pytest
from oss2.models import (
    BatchDeleteObjectVersion,
    BatchDeleteObjectVersionList,
    BucketVersioningConfig,
    PartInfo,
    Tagging,
)

from tests.localcloud.oss.running import RunningOss

Call = Callable[[oss2.Bucket], object]

ENABLED = BucketVersioningConfig("Enabled")
NO_TAGS = Tagging()
NO_POLICY = '{"Version": "1", "Statement": []}'
# An open upload of archive/part, which each test initiates anew.
UPLOADS: list[str] = []
PARTS: list[PartInfo] = []


def null() -> dict[str, str]:
    """Return a new parameter for the null version, since oss2 modifies the one it is passed."""
    return {"versionId": "null"}


def versions(*entries: tuple[str, str]) -> BatchDeleteObjectVersionList:
    return BatchDeleteObjectVersionList([BatchDeleteObjectVersion(*entry) for entry in entries])


# A call of each action, on frozen-assets or its key archive/a.
CALLS: dict[str, list[Call]] = {
    "oss:ListObjects": [
        lambda b: b.list_objects(),
        lambda b: b.list_objects_v2(),
    ],
    "oss:GetObject": [
        lambda b: b.get_object("archive/a").read(),
        lambda b: b.head_object("archive/a"),
        lambda b: b.get_object_meta("archive/a"),
        lambda b: b.get_symlink("archive/link"),
    ],
    "oss:PutObject": [
        lambda b: b.put_object("archive/a", b""),
        lambda b: b.put_symlink("archive/a", "archive/link"),
        lambda b: b.append_object("archive/log", 0, b""),
        lambda b: b.init_multipart_upload("archive/b"),
        lambda b: b.upload_part("archive/part", UPLOADS[0], 2, b"data"),
        lambda b: b.complete_multipart_upload("archive/part", UPLOADS[0], PARTS),
    ],
    "oss:ListParts": [lambda b: b.list_parts("archive/part", UPLOADS[0])],
    "oss:AbortMultipartUpload": [lambda b: b.abort_multipart_upload("archive/part", UPLOADS[0])],
    "oss:GetObjectAcl": [lambda b: b.get_object_acl("archive/a")],
    "oss:PutObjectAcl": [lambda b: b.put_object_acl("archive/a", "private")],
    "oss:GetObjectVersionAcl": [lambda b: b.get_object_acl("archive/a", params=null())],
    "oss:PutObjectVersionAcl": [lambda b: b.put_object_acl("archive/a", "private", params=null())],
    "oss:GetObjectTagging": [lambda b: b.get_object_tagging("archive/a")],
    "oss:PutObjectTagging": [lambda b: b.put_object_tagging("archive/a", NO_TAGS)],
    "oss:DeleteObjectTagging": [lambda b: b.delete_object_tagging("archive/a")],
    "oss:GetObjectVersionTagging": [lambda b: b.get_object_tagging("archive/a", params=null())],
    "oss:PutObjectVersionTagging": [
        lambda b: b.put_object_tagging("archive/a", NO_TAGS, params=null())
    ],
    "oss:DeleteObjectVersionTagging": [
        lambda b: b.delete_object_tagging("archive/a", params=null())
    ],
    "oss:GetBucketTagging": [lambda b: b.get_bucket_tagging()],
    "oss:PutBucketTagging": [lambda b: b.put_bucket_tagging(NO_TAGS)],
    "oss:DeleteBucketTagging": [lambda b: b.delete_bucket_tagging()],
    "oss:GetBucketPublicAccessBlock": [lambda b: b.get_bucket_public_access_block()],
    "oss:PutBucketPublicAccessBlock": [lambda b: b.put_bucket_public_access_block(True)],
    "oss:DeleteBucketPublicAccessBlock": [lambda b: b.delete_bucket_public_access_block()],
    "oss:PutBucketPolicy": [lambda b: b.put_bucket_policy(NO_POLICY)],
    "oss:GetBucketPolicy": [lambda b: b.get_bucket_policy()],
    "oss:DeleteBucketPolicy": [lambda b: b.delete_bucket_policy()],
    "oss:GetBucketLogging": [lambda b: b.get_bucket_logging()],
    "oss:GetBucketReferer": [lambda b: b.get_bucket_referer()],
    "oss:GetBucketRequestPayment": [lambda b: b.get_bucket_request_payment()],
    "oss:GetBucketResourceGroup": [lambda b: b.get_bucket_resource_group()],
    "oss:ListObjectVersions": [lambda b: b.list_object_versions()],
    "oss:PutBucketVersioning": [lambda b: b.put_bucket_versioning(ENABLED)],
    "oss:GetObjectVersion": [
        lambda b: b.get_object("archive/a", params=null()).read(),
        lambda b: b.head_object("archive/a", params=null()),
        lambda b: b.get_object_meta("archive/a", params=null()),
        lambda b: b.get_symlink("archive/link", params=null()),
    ],
    "oss:DeleteObjectVersion": [
        lambda b: b.delete_object("archive/a", params=null()),
        lambda b: b.delete_object_versions(versions(("archive/a", "null"))),
    ],
    "oss:RestoreObjectVersion": [lambda b: b.restore_object("archive/frozen", params=null())],
    "oss:CleanRestoredObjectVersion": [
        lambda b: b._do(
            "POST", b.bucket_name, "archive/thawed", params={"cleanRestoredObject": "", **null()}
        )
    ],
    "oss:DeleteObject": [
        lambda b: b.delete_object("archive/a"),
        lambda b: b.batch_delete_objects(["archive/a"]),
    ],
    "oss:RestoreObject": [lambda b: b.restore_object("archive/frozen")],
    "oss:CleanRestoredObject": [
        lambda b: b._do("POST", b.bucket_name, "archive/thawed", params={"cleanRestoredObject": ""})
    ],
    "oss:GetBucketInfo": [lambda b: b.get_bucket_info()],
    "oss:GetBucketLocation": [lambda b: b.get_bucket_location()],
    "oss:GetBucketAcl": [lambda b: b.get_bucket_acl()],
    "oss:PutBucketAcl": [lambda b: b.put_bucket_acl("private")],
    "oss:GetBucketVersioning": [lambda b: b.get_bucket_versioning()],
    "oss:GetBucketArchiveDirectRead": [lambda b: b.get_bucket_archive_direct_read()],
    "oss:PutBucketArchiveDirectRead": [lambda b: b.put_bucket_archive_direct_read("true")],
    "oss:ListMultipartUploads": [lambda b: b.list_multipart_uploads()],
    "oss:ListLiveChannel": [lambda b: b.list_live_channel()],
    "oss:PutBucket": [lambda b: b.create_bucket()],
}
ONE_CALL_EACH = [(action, call) for action, calls in CALLS.items() for call in calls]


def policy(*statements: dict[str, object]) -> str:
    return json.dumps({"Version": "1", "Statement": list(statements)})


def allow(*actions: str, on: str = "*", **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": [f"acs:oss:*:*:{on}"], **more}


def denial(call: Callable[[], object]) -> str:
    with pytest.raises(oss2.exceptions.AccessDenied) as denied:
        call()
    assert denied.value.status == 403
    return str(denied.value.message)


@pytest.fixture
def filled(oss: RunningOss, bucket: oss2.Bucket) -> oss2.Bucket:
    """The bucket with one object for each kind of call."""
    bucket.put_object("archive/a", b"data")
    bucket.put_symlink("archive/a", "archive/link")
    bucket.put_object("archive/frozen", b"", headers={"x-oss-storage-class": "Archive"})
    bucket.put_object("archive/thawed", b"", headers={"x-oss-storage-class": "ColdArchive"})
    bucket.restore_object("archive/thawed")
    bucket.put_bucket_policy(NO_POLICY)
    UPLOADS[:] = [bucket.init_multipart_upload("archive/part").upload_id]
    PARTS[:] = [PartInfo(1, bucket.upload_part("archive/part", UPLOADS[0], 1, b"data").etag)]
    oss.advance(5 * 3600)
    return bucket


@pytest.mark.parametrize(("action", "call"), ONE_CALL_EACH)
def test_a_call_needs_its_own_action_and_no_other(
    oss: RunningOss, filled: oss2.Bucket, action: str, call: Call
) -> None:
    others = [other for other in CALLS if other != action]
    refused = oss.bucket(
        filled.bucket_name, credential=oss.role_credential(policy(allow(*others)), "others")
    )
    message = denial(lambda: call(refused))
    assert "assumed-role/others" in message
    assert action in message
    assert "acs:oss:*:1234567890123456:frozen-assets" in message
    allowed = oss.bucket(
        filled.bucket_name, credential=oss.role_credential(policy(allow(action)), "just-this")
    )
    call(allowed)


def test_a_prefix_in_the_resource_limits_what_may_be_thawed(
    oss: RunningOss, filled: oss2.Bucket
) -> None:
    filled.put_object("other", b"", headers={"x-oss-storage-class": "Archive"})
    granted = policy(allow("oss:RestoreObject", on="frozen-assets/archive/*"))
    role = oss.bucket(filled.bucket_name, credential=oss.role_credential(granted))
    role.restore_object("archive/frozen")
    message = denial(lambda: role.restore_object("other"))
    assert "oss:RestoreObject" in message
    assert "acs:oss:*:1234567890123456:frozen-assets/other" in message


def test_a_condition_limits_the_prefixes_that_may_be_listed(
    oss: RunningOss, filled: oss2.Bucket
) -> None:
    granted = policy(
        allow(
            "oss:ListObjects",
            on="frozen-assets",
            Condition={"StringLike": {"oss:Prefix": ["archive/*"]}},
        )
    )
    role = oss.bucket(filled.bucket_name, credential=oss.role_credential(granted))
    assert len(role.list_objects(prefix="archive/").object_list) == 4
    assert len(role.list_objects_v2(prefix="archive/a").object_list) == 1
    for prefix in ("", "arch", "other/"):
        assert "oss:ListObjects" in denial(partial(role.list_objects, prefix=prefix))


def test_a_condition_limits_the_prefixes_whose_versions_may_be_listed(
    oss: RunningOss, filled: oss2.Bucket
) -> None:
    condition = {"StringLike": {"oss:Prefix": ["archive/*"]}}
    granted = policy(allow("oss:ListObjectVersions", on="frozen-assets", Condition=condition))
    role = oss.bucket(filled.bucket_name, credential=oss.role_credential(granted))
    assert len(role.list_object_versions(prefix="archive/").versions) == 4
    assert "oss:ListObjectVersions" in denial(role.list_object_versions)


def test_a_copy_needs_to_read_the_source_and_write_the_target(
    oss: RunningOss, filled: oss2.Bucket
) -> None:
    name = filled.bucket_name
    read = oss.role_credential(policy(allow("oss:GetObject")), "reader")
    write = oss.role_credential(policy(allow("oss:PutObject")), "writer")
    both = oss.role_credential(policy(allow("oss:GetObject", "oss:PutObject")), "both")

    def copy(client: oss2.Bucket) -> object:
        return client.copy_object(name, "archive/a", "copy")

    assert "oss:PutObject" in denial(lambda: copy(oss.bucket(name, credential=read)))
    message = denial(lambda: copy(oss.bucket(name, credential=write)))
    assert "oss:GetObject" in message
    assert message.endswith("frozen-assets/archive/a")
    copy(oss.bucket(name, credential=both))


def test_copying_a_version_needs_to_read_versions_too(oss: RunningOss, filled: oss2.Bucket) -> None:
    name = filled.bucket_name
    rights = ["oss:GetObject", "oss:PutObject", "oss:GetObjectVersion"]

    def copy(*granted: str) -> object:
        credential = oss.role_credential(policy(allow(*granted)), f"copier-{len(granted)}")
        client = oss.bucket(name, credential=credential)
        return client.copy_object(name, "archive/a", "copy", params=null())

    assert "oss:GetObjectVersion" in denial(lambda: copy(*rights[:2]))
    copy(*rights)


def test_tags_need_permissions_of_their_own(oss: RunningOss, filled: oss2.Bucket) -> None:
    name, tags = filled.bucket_name, {"x-oss-tagging": "a=1"}
    write = oss.role_credential(policy(allow("oss:GetObject", "oss:PutObject")), "writer")
    writer = oss.bucket(name, credential=write)
    assert "oss:PutObjectTagging" in denial(lambda: writer.put_object("key", b"", headers=tags))
    filled.put_object("tagged", b"data", headers=tags)
    copy = partial(writer.copy_object, name, "tagged", "copy")
    assert "oss:GetObjectTagging" in denial(copy)
    oss.do(
        lambda: oss.ram.create_policy_version(
            "writer-policy",
            policy(allow("oss:GetObject", "oss:PutObject", "oss:GetObjectTagging")),
            0,
            set_default=True,
            rotate=True,
        )
    )
    message = denial(copy)
    assert "oss:PutObjectTagging" in message
    assert message.endswith("frozen-assets/copy")


def test_copying_a_part_needs_to_read_the_source(oss: RunningOss, filled: oss2.Bucket) -> None:
    write = oss.role_credential(policy(allow("oss:PutObject")), "writer")
    client = oss.bucket(filled.bucket_name, credential=write)
    arguments = (filled.bucket_name, "archive/a", None, "archive/part", UPLOADS[0], 2)
    message = denial(lambda: client.upload_part_copy(*arguments))
    assert "oss:GetObject" in message
    assert message.endswith("frozen-assets/archive/a")


def test_deleting_in_bulk_deletes_all_keys_or_none(oss: RunningOss, filled: oss2.Bucket) -> None:
    granted = policy(allow("oss:DeleteObject", on="frozen-assets/archive/a"))
    role = oss.bucket(filled.bucket_name, credential=oss.role_credential(granted))
    message = denial(lambda: role.batch_delete_objects(["archive/a", "archive/link"]))
    assert message.endswith("frozen-assets/archive/link")
    assert filled.object_exists("archive/a")


def test_a_changed_policy_takes_effect_at_once(oss: RunningOss, filled: oss2.Bucket) -> None:
    credential = oss.role_credential(policy(allow("oss:ListObjects")))
    role = oss.bucket(filled.bucket_name, credential=credential)
    role.list_objects()
    nothing = policy(allow("oss:GetObject"))
    oss.do(
        lambda: oss.ram.create_policy_version(
            "thawer-policy", nothing, 0, set_default=True, rotate=True
        )
    )
    assert "oss:ListObjects" in denial(role.list_objects)


def test_refusing_a_key_with_control_characters_produces_valid_xml(
    oss: RunningOss, filled: oss2.Bucket
) -> None:
    role = oss.bucket(
        filled.bucket_name, credential=oss.role_credential(policy(allow("oss:PutObject")))
    )
    for key in ("a\x01b", "\x02" * 1023):
        assert "oss:RestoreObject" in denial(partial(role.restore_object, key))
