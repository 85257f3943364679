"""Buckets, over HTTP and by the Python methods that other services use."""

from __future__ import annotations

import oss2
import pytest

from localcloud.errors import CloudError
from localcloud.ram.credentials import Credential, root_principal
from tests.localcloud.oss.running import RunningOss
from tests.localcloud.oss.test_objects import refused

OTHER_ACCOUNT = "2000000000000002"


@pytest.fixture
def stranger(oss: RunningOss) -> Credential:
    """The root key of another account."""
    return oss.do(lambda: oss.credentials.issue(root_principal(OTHER_ACCOUNT)))


def service(oss: RunningOss, credential: Credential | None = None) -> oss2.Service:
    key = credential or oss.root
    return oss2.Service(oss2.Auth(key.access_key_id, key.secret), oss.url)


def test_a_bucket_is_described(oss: RunningOss, bucket: oss2.Bucket) -> None:
    info = bucket.get_bucket_info()
    assert info.name == bucket.bucket_name
    assert info.storage_class == "Standard"
    assert info.location == bucket.get_bucket_location().location == "oss-cn-hangzhou"
    assert info.owner.id == oss.core.settings.account_id
    assert info.extranet_endpoint == oss.url
    assert info.versioning_status is None
    assert bucket.get_bucket_versioning().status is None


def test_an_acl_is_stored_and_returned(bucket: oss2.Bucket) -> None:
    bucket.put_bucket_acl("public-read")
    assert bucket.get_bucket_acl().acl == bucket.get_bucket_info().acl.grant == "public-read"
    bucket.create_bucket("private")
    assert bucket.get_bucket_acl().acl == "private"


@pytest.mark.parametrize("name", ["ab", "Upper", "-edge", "edge-", "under_score", "x" * 64])
def test_a_wrong_name_is_refused(oss: RunningOss, name: str) -> None:
    with pytest.raises(CloudError, match="InvalidBucketName"):
        oss.do(lambda: oss.storage.create_bucket(name, "1"))


def test_buckets_are_listed_by_page_for_their_account_only(
    oss: RunningOss, stranger: Credential
) -> None:
    names = [f"bucket-{i}" for i in range(5)]
    for name in names:
        oss.bucket(name).create_bucket()
    oss.bucket("theirs", credential=stranger).create_bucket()
    assert [b.name for b in oss2.BucketIterator(service(oss), max_keys=2)] == names
    page = service(oss).list_buckets(prefix="bucket-", marker="bucket-2")
    assert [b.name for b in page.buckets] == names[3:]
    assert [b.name for b in service(oss, stranger).list_buckets().buckets] == ["theirs"]


def test_only_an_empty_bucket_can_be_deleted(bucket: oss2.Bucket) -> None:
    bucket.put_object("key", b"")
    refused("BucketNotEmpty", 409, bucket.delete_bucket)
    bucket.delete_object("key")
    assert bucket.delete_bucket().status == 204
    refused("NoSuchBucket", 404, bucket.list_objects)


def test_another_account_can_neither_use_nor_take_over_a_bucket(
    oss: RunningOss, bucket: oss2.Bucket, stranger: Credential
) -> None:
    bucket.put_object("key", b"data")
    theirs = oss.bucket(bucket.bucket_name, credential=stranger)
    refused("BucketAlreadyExists", 409, theirs.create_bucket)
    with pytest.raises(oss2.exceptions.AccessDenied) as denied:
        theirs.get_object("key")
    assert OTHER_ACCOUNT in denied.value.message
    own = oss.bucket("their-own", credential=stranger)
    own.create_bucket()
    with pytest.raises(oss2.exceptions.AccessDenied):
        own.copy_object(bucket.bucket_name, "key", "stolen")


def test_the_python_methods_refuse_what_the_api_refuses(oss: RunningOss) -> None:
    storage = oss.storage

    def work() -> None:
        storage.create_bucket("mine", "1", "Archive")
        with pytest.raises(CloudError, match="BucketAlreadyExists"):
            storage.create_bucket("mine", "2")
        stored = storage.put_object("mine", "key", b"data", headers={"content-type": "text/plain"})
        assert (stored.storage_class, stored.size) == ("Archive", 4)
        with pytest.raises(CloudError, match="BucketNotEmpty"):
            storage.delete_bucket("mine")
        with pytest.raises(CloudError, match="InvalidArgument"):
            storage.put_object("mine", "key", b"", storage_class="Ice")
        storage.delete_object("mine", "key")
        storage.delete_object("mine", "key")
        with pytest.raises(CloudError, match="NoSuchKey"):
            storage.get_object("mine", "key")
        storage.delete_bucket("mine")
        for call in (storage.get_bucket, storage.delete_bucket):
            with pytest.raises(CloudError, match="NoSuchBucket"):
                call("mine")
        assert storage.bucket_names() == []

    oss.do(work)


def test_what_a_bucket_holds_is_counted_by_class(bucket: oss2.Bucket) -> None:
    bucket.put_object("a", b"x" * 100)
    bucket.put_object("b", b"x" * 200, headers={"x-oss-storage-class": "Archive"})
    bucket.put_object("c", b"x" * 100_000, headers={"x-oss-storage-class": "ColdArchive"})
    upload_id = bucket.init_multipart_upload("d").upload_id
    bucket.upload_part("d", upload_id, 1, b"part")
    stat = bucket.get_bucket_stat()
    assert (stat.storage_size_in_bytes, stat.object_count) == (100_300, 3)
    assert (stat.standard_storage, stat.standard_object_count) == (100, 1)
    assert (stat.archive_storage, stat.archive_real_storage) == (64 * 1024, 200)
    assert (stat.cold_archive_storage, stat.cold_archive_real_storage) == (100_000, 100_000)
    assert (stat.multi_part_upload_count, stat.multipart_part_count) == (1, 1)
    bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
    bucket.delete_object("a")
    stat = bucket.get_bucket_stat()
    assert (stat.object_count, stat.delete_marker_count) == (3, 1)


def test_the_local_cloud_is_one_region(oss: RunningOss) -> None:
    (region,) = service(oss).describe_regions().regions
    assert region.region == "oss-cn-hangzhou"
    assert region.internal_endpoint == "oss-cn-hangzhou-internal.aliyuncs.com"
    assert service(oss).describe_regions("oss-cn-hangzhou").regions[0].region == region.region
    with pytest.raises(oss2.exceptions.ServerError, match="not oss-us-east-1"):
        service(oss).describe_regions("oss-us-east-1")
