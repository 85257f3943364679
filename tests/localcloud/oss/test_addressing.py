"""Requests as they are sent: hosts, paths, odd keys, and the order of checks."""

from __future__ import annotations

import http.client
from email.utils import formatdate
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import oss2
import pytest
import requests

from localcloud.errors import CloudError
from localcloud.oss.addressing import Address, read_address
from tests.localcloud.oss.running import RunningOss


@pytest.mark.parametrize(
    ("host", "path", "address"),
    [
        ("127.0.0.1:8080", "/tapes/a%2Fb//c", Address("tapes", "a/b//c")),
        ("localhost", "/tapes", Address("tapes", "")),
        ("tapes.localhost:8080", "/tapes/key", Address("tapes", "tapes/key")),
        ("127.0.0.1", "/", Address("", "")),
        ("oss-cn-beijing.aliyuncs.com", "/", Address("", "", "cn-beijing")),
        ("tapes.oss-cn-beijing.aliyuncs.com:443", "/k", Address("tapes", "k", "cn-beijing")),
        ("tapes.oss-cn-beijing-internal.aliyuncs.com", "/", Address("tapes", "", "cn-beijing")),
        ("tapes.cn-beijing.oss.aliyuncs.com", "/k", Address("tapes", "k", "cn-beijing")),
        ("TAPES.OSS-CN-BEIJING.ALIYUNCS.COM", "/K", Address("tapes", "K", "cn-beijing")),
    ],
)
def test_a_bucket_is_in_the_host_or_in_the_path(host: str, path: str, address: Address) -> None:
    assert read_address(host, path) == address


def test_the_path_cannot_name_the_bucket_on_an_endpoint_of_the_service() -> None:
    with pytest.raises(CloudError, match="SecondLevelDomainForbidden"):
        read_address("oss-cn-hangzhou.aliyuncs.com", "/tapes/key")


@pytest.mark.parametrize("version", ["v1", "v2", "v4"])
def test_a_virtual_hosted_bucket_is_reached_through_the_services_own_names(
    oss: RunningOss, bucket: oss2.Bucket, version: str
) -> None:
    bucket.put_object("a/b c", b"data")
    endpoint = f"http://oss-{oss.region}.aliyuncs.com"
    auth = oss2.make_auth(oss.root.access_key_id, oss.root.secret, version)
    hosted = oss2.Bucket(auth, endpoint, bucket.bucket_name, region=oss.region)
    link = urlsplit(hosted.sign_url("GET", "a/b c", 60))
    assert link.netloc == f"{bucket.bucket_name}.oss-{oss.region}.aliyuncs.com"
    answer = requests.get(
        f"{oss.url}{link.path}?{link.query}", headers={"Host": link.netloc}, timeout=20
    )
    assert (answer.status_code, answer.content) == (200, b"data")


def test_an_endpoint_of_another_region_reaches_the_buckets_there(oss: RunningOss) -> None:
    here = oss.bucket("far-away")
    here.create_bucket()
    here.put_object("key", b"data")
    oss.do(lambda: oss.storage.move_bucket("far-away", "cn-beijing"))
    auth = oss2.AuthV4(oss.root.access_key_id, oss.root.secret)

    def read(region: str) -> int:
        endpoint = f"http://oss-{region}.aliyuncs.com"
        client = oss2.Bucket(auth, endpoint, "far-away", region=region)
        link = urlsplit(client.sign_url("GET", "key", 60))
        url = f"{oss.url}{link.path}?{link.query}"
        return requests.get(url, headers={"Host": link.netloc}, timeout=20).status_code

    assert read("cn-beijing") == 200
    assert read(oss.region) == 403


def code_of(oss: RunningOss, path: str, headers: dict[str, str] | None = None) -> str:
    connection = http.client.HTTPConnection(urlsplit(oss.url).netloc, timeout=20)
    connection.request("GET", path, headers=headers or {})
    body = connection.getresponse().read()
    connection.close()
    return ET.fromstring(body).findtext("Code", "")


def test_a_missing_bucket_takes_precedence_over_a_bad_key(
    oss: RunningOss, bucket: oss2.Bucket
) -> None:
    bucket.put_bucket_acl("public-read")
    for key in ("%FF", "%2Fleading", "x" * 1024):
        assert code_of(oss, f"/no-such-bucket/{key}") == "NoSuchBucket"
        assert code_of(oss, f"/{bucket.bucket_name}/{key}") == "InvalidObjectName"
    bad = {"Authorization": "OSS nobody:signature", "Date": formatdate(usegmt=True)}
    assert code_of(oss, "/no-such-bucket/key", bad) == "NoSuchBucket"
    assert code_of(oss, f"/{bucket.bucket_name}/key", bad) == "InvalidAccessKeyId"
    unknown = {"Authorization": "Bearer token"}
    assert code_of(oss, f"/{bucket.bucket_name}/key", unknown) == "InvalidArgument"


@pytest.mark.parametrize("encoded", ["\x01", "&#1;", "&#01;", "&#x01;", "&#x1;"])
def test_one_odd_key_does_not_fail_a_batch(bucket: oss2.Bucket, encoded: str) -> None:
    odd = "a\x01\U0010ffffb"
    for key in (odd, "plain", "a&#1;b"):
        bucket.put_object(key, b"")
    keys = f"<Object><Key>a{encoded}\U0010ffffb</Key></Object><Object><Key>plain</Key></Object>"
    body = f"<Delete>{keys}</Delete>"
    query = {"delete": "", "encoding-type": "url"}
    answer = bucket._do("POST", bucket.bucket_name, "", params=query, data=body.encode())
    deleted = [node.text for node in ET.fromstring(answer.read()).iter("Key")]
    assert deleted == ["a%01%F4%8F%BF%BFb", "plain"]
    assert [entry.key for entry in bucket.list_objects().object_list] == ["a&#1;b"]


def test_settings_that_were_never_made_have_the_services_response(bucket: oss2.Bucket) -> None:
    missing = {
        "cors": "NoSuchCORSConfiguration",
        "website": "NoSuchWebsiteConfiguration",
        "lifecycle": "NoSuchLifecycle",
        "policy": "NoSuchBucketPolicy",
        "encryption": "NoSuchServerSideEncryptionRule",
        "transferAcceleration": "NoSuchTransferAccelerationConfiguration",
    }
    for setting, code in missing.items():
        with pytest.raises(oss2.exceptions.ServerError) as refused:
            bucket._do("GET", bucket.bucket_name, "", params={setting: ""})
        assert (refused.value.status, refused.value.code) == (404, code)
    assert bucket.get_bucket_logging().target_bucket == ""
    assert bucket.get_bucket_referer().allow_empty_referer
    assert bucket.get_bucket_resource_group().resource_group_id
    assert bucket.get_bucket_request_payment().payer == "BucketOwner"


def test_unsupported_settings_of_a_new_bucket_are_refused(oss: RunningOss) -> None:
    def create(name: str, document: str) -> oss2.Bucket:
        bucket = oss.bucket(name)
        body = f"<CreateBucketConfiguration>{document}</CreateBucketConfiguration>"
        bucket._do("PUT", name, "", data=body)
        return bucket

    redundant = create("redundant", "<DataRedundancyType>ZRS</DataRedundancyType>")
    assert redundant.get_bucket_info().data_redundancy_type == "ZRS"
    with pytest.raises(oss2.exceptions.NotImplemented, match="<Other>x</Other>"):
        create("other", "<Other>x</Other>")
