"""Requests that the official SDK signs are accepted; other signatures are refused."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import formatdate
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

import oss2
import pytest
import requests

from localcloud.ram.credentials import Credential
from tests.localcloud.oss.running import RunningOss

VERSIONS = ("v1", "v2", "v4")
ALL_OF_OSS = json.dumps(
    {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "oss:*", "Resource": "*"}]}
)
AWKWARD_KEYS = (
    "plain.txt",
    "with blanks and a trailing one ",
    "unicode/中文-ß-🧊",
    "%41 + & = ? # % %2F",
    "?leading",
    "control\x01\x07characters",
    "new\nline",
    "quotes'\"`",
    "back\\slash",
    "a//b",
    "a/../b",
    "./x",
    "folder/",
    "x" * 1023,
    "界" * 341,
)


@pytest.mark.parametrize("version", VERSIONS)
def test_awkward_keys_survive_the_round_trip(
    oss: RunningOss, bucket: oss2.Bucket, version: str
) -> None:
    client = oss.bucket(bucket.bucket_name, version=version)
    for key in AWKWARD_KEYS:
        client.put_object(key, key.encode())
        assert client.get_object(key).read() == key.encode()
        assert client.head_object(key).content_length == len(key.encode())
    assert [entry.key for entry in oss2.ObjectIterator(client)] == sorted(AWKWARD_KEYS)
    assert [entry.key for entry in oss2.ObjectIteratorV2(client, max_keys=3)] == sorted(
        AWKWARD_KEYS
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_awkward_keys_are_deleted_in_bulk(
    oss: RunningOss, bucket: oss2.Bucket, version: str
) -> None:
    client = oss.bucket(bucket.bucket_name, version=version)
    keys = [key for key in AWKWARD_KEYS if "\x01" not in key]  # which XML cannot hold
    for key in keys:
        client.put_object(key, b"")
    assert client.batch_delete_objects(keys).deleted_keys == keys
    assert list(oss2.ObjectIterator(client)) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_the_bare_keys_that_http_normalises_fail_loudly(
    oss: RunningOss, bucket: oss2.Bucket, version: str
) -> None:
    client = oss.bucket(bucket.bucket_name, version=version)
    for key in (".", ".."):
        with pytest.raises(oss2.exceptions.ServerError, match="NotImplemented"):
            client.restore_object(key)


@pytest.mark.parametrize("version", VERSIONS)
def test_temporary_keys_sign_with_their_token(
    oss: RunningOss, bucket: oss2.Bucket, version: str
) -> None:
    credential = oss.role_credential(ALL_OF_OSS)
    client = oss.bucket(bucket.bucket_name, version=version, credential=credential)
    client.put_object("a/b c", b"data")
    assert client.get_object("a/b c", byte_range=(1, 2)).read() == b"at"


@pytest.mark.parametrize("version", VERSIONS)
def test_temporary_keys_are_refused_with_another_token(
    oss: RunningOss, bucket: oss2.Bucket, version: str
) -> None:
    real = oss.role_credential(ALL_OF_OSS)
    forged = Credential(real.access_key_id, real.secret, real.principal, "forged")
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        oss.bucket(bucket.bucket_name, version=version, credential=forged).list_objects()
    assert (refused.value.status, refused.value.code) == (403, "InvalidSecurityToken")


def test_expired_temporary_keys_are_refused(oss: RunningOss, bucket: oss2.Bucket) -> None:
    expired = Credential("STS.old", "secret", oss.root.principal, "token", time.time() - 1)
    oss.do(lambda: oss.credentials.add(expired))
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        oss.bucket(bucket.bucket_name, credential=expired).list_objects()
    assert (refused.value.status, refused.value.code) == (403, "SecurityTokenExpired")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_wrong_secret_is_refused(oss: RunningOss, bucket: oss2.Bucket, version: str) -> None:
    forged = Credential(oss.root.access_key_id, "guessed", oss.root.principal)
    with pytest.raises(oss2.exceptions.SignatureDoesNotMatch) as refused:
        oss.bucket(bucket.bucket_name, version=version, credential=forged).list_objects()
    assert refused.value.status == 403


@pytest.mark.parametrize("version", VERSIONS)
def test_an_unknown_key_is_refused(oss: RunningOss, bucket: oss2.Bucket, version: str) -> None:
    unknown = Credential("LTAInobody", "secret", oss.root.principal)
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        oss.bucket(bucket.bucket_name, version=version, credential=unknown).list_objects()
    assert (refused.value.status, refused.value.code) == (403, "InvalidAccessKeyId")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("key", ["a/b c+d.txt", "中文"])
def test_presigned_requests_are_accepted(
    oss: RunningOss, bucket: oss2.Bucket, version: str, key: str
) -> None:
    bucket.put_object(key, b"data")
    credential = oss.role_credential(ALL_OF_OSS)
    client = oss.bucket(bucket.bucket_name, version=version, credential=credential)
    url = client.sign_url("GET", key, 60)
    assert requests.get(url, timeout=20).content == b"data"


@pytest.mark.parametrize("version", VERSIONS)
def test_presigned_requests_are_refused_when_expired_or_changed(
    oss: RunningOss, bucket: oss2.Bucket, version: str
) -> None:
    bucket.put_object("key", b"data")
    client = oss.bucket(bucket.bucket_name, version=version)
    # Version 4 signs a lifetime, the others an expiry time.
    lifetime = 0 if version == "v4" else -60
    late = requests.get(client.sign_url("GET", "key", lifetime), timeout=20)
    assert (late.status_code, _code(late.content)) == (403, "AccessDenied")
    changed = client.sign_url("GET", "key", 60).replace("/key?", "/kez?")
    other = requests.get(changed, timeout=20)
    assert (other.status_code, _code(other.content)) == (403, "SignatureDoesNotMatch")


def test_unsigned_requests_are_refused(oss: RunningOss, bucket: oss2.Bucket) -> None:
    answer = requests.get(f"{oss.url}/{bucket.bucket_name}/", timeout=20)
    assert (answer.status_code, _code(answer.content)) == (403, "AccessDenied")


def test_a_foreign_region_is_refused_with_its_own_code(
    oss: RunningOss, bucket: oss2.Bucket
) -> None:
    client = oss2.Bucket(bucket.auth, oss.url, bucket.bucket_name, region="cn-hangzhou-test-1")
    for call in (client.list_objects, lambda: client.head_object("key")):
        with pytest.raises(oss2.exceptions.OssError) as refused:
            call()
        assert (refused.value.status, refused.value.code) == (400, "InvalidArgument")
        assert refused.value.ec == "0002-00000226"
        assert refused.value.headers["x-oss-ec"] == "0002-00000226"
        assert refused.value.message == "Invalid signing region in Authorization header."


def test_cleaning_with_oss2_and_version_1_fails_as_that_signer_does_not_sign_it(
    oss: RunningOss, bucket: oss2.Bucket
) -> None:
    bucket.put_object("cold", b"data", headers={"x-oss-storage-class": "ColdArchive"})
    for version, code in (
        ("v1", "SignatureDoesNotMatch"),
        ("v2", "ArchiveRestoreFileStale"),
        ("v4", "ArchiveRestoreFileStale"),
    ):
        client = oss.bucket(bucket.bucket_name, version=version)
        with pytest.raises(oss2.exceptions.ServerError) as refused:
            client._do("POST", bucket.bucket_name, "cold", params={"cleanRestoredObject": ""})
        assert refused.value.code == code


def test_signatures_age_in_machine_time_while_cloud_time_passes_faster(
    oss: RunningOss, bucket: oss2.Bucket
) -> None:
    oss.advance(400 * 86_400)
    for version in VERSIONS:
        oss.bucket(bucket.bucket_name, version=version).list_objects()


class Signed:
    """A signed RestoreObject request, which a test may change before it is sent."""

    def __init__(self, oss: RunningOss, client: oss2.Bucket, key: str) -> None:
        self._netloc = urlsplit(oss.url).netloc
        self.path = f"/{client.bucket_name}/{quote(key, safe='')}"
        self.query = "restore="
        request = oss2.http.Request(
            "POST",
            oss.url + self.path,
            params={"restore": ""},
            headers={"x-oss-meta-a": "b", "Content-Type": "application/xml"},
            region=oss.region,
            product="oss",
        )
        client.auth._sign_request(request, client.bucket_name, key)
        self.headers = {k.lower(): v for k, v in request.headers.items() if v is not None}

    def send(self) -> tuple[int, str]:
        """Send the request; return the status, and the code of an error."""
        connection = http.client.HTTPConnection(self._netloc, timeout=20)
        connection.request("POST", f"{self.path}?{self.query}", headers=self.headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, _code(body) if body else ""


def _code(body: bytes) -> str:
    return ET.fromstring(body).findtext("Code", "")


@pytest.fixture
def frozen(bucket: oss2.Bucket) -> oss2.Bucket:
    """The bucket, with two frozen objects in it."""
    for key in ("key", "kez"):
        bucket.put_object(key, b"data", headers={"x-oss-storage-class": "Archive"})
    return bucket


def _other_path(signed: Signed) -> None:
    signed.path = signed.path.replace("key", "kez")


def _more_query(signed: Signed) -> None:
    signed.query += "&position=1"


def _other_oss_header(signed: Signed) -> None:
    signed.headers["x-oss-meta-a"] = "c"


def _more_oss_headers(signed: Signed) -> None:
    signed.headers["x-oss-meta-c"] = "d"


def _other_content_type(signed: Signed) -> None:
    signed.headers["content-type"] = "text/plain"


def _other_signature(signed: Signed) -> None:
    text = signed.headers["authorization"]
    signed.headers["authorization"] = text[:-3] + ("AB=" if text[-3:] != "AB=" else "BC=")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "bend",
    [
        _other_path,
        _more_query,
        _other_oss_header,
        _more_oss_headers,
        _other_content_type,
        _other_signature,
    ],
)
def test_a_request_that_was_changed_in_transit_is_refused(
    oss: RunningOss, frozen: oss2.Bucket, version: str, bend: Callable[[Signed], None]
) -> None:
    client = oss.bucket(frozen.bucket_name, version=version)
    signed = Signed(oss, client, "key")
    bend(signed)
    assert signed.send() == (403, "SignatureDoesNotMatch")
    assert Signed(oss, client, "key").send() == (202, "")


@pytest.mark.parametrize(
    ("version", "header", "old"),
    [
        ("v1", "date", "Sun, 16 Apr 2017 08:12:33 GMT"),
        ("v2", "date", "Sun, 16 Apr 2017 08:12:33 GMT"),
        ("v4", "x-oss-date", "20170416T081233Z"),
    ],
)
def test_old_signatures_are_refused(
    oss: RunningOss, frozen: oss2.Bucket, version: str, header: str, old: str
) -> None:
    signed = Signed(oss, oss.bucket(frozen.bucket_name, version=version), "key")
    signed.headers[header] = old
    assert signed.send() == (403, "RequestTimeTooSkewed")
    signed.headers[header] = "yesterday"
    assert signed.send() == (400, "InvalidArgument")


@pytest.mark.parametrize(
    "authorization",
    [
        "OSS no-signature",
        "OSS2 AccessKeyId:only",
        "OSS4-HMAC-SHA256 Credential=LTAI/20240101/cn-hangzhou/oss/aliyun_v4_request",
        "OSS4-HMAC-SHA256 Credential=LTAI/cn-hangzhou/oss/aliyun_v4_request,Signature=00",
        "OSS4-HMAC-SHA256 Credential=LTAI/20240101/cn-hangzhou/ecs/aliyun_v4_request,Signature=00",
    ],
)
def test_a_malformed_authorization_is_refused(
    oss: RunningOss, frozen: oss2.Bucket, authorization: str
) -> None:
    signed = Signed(oss, frozen, "key")
    signed.headers["authorization"] = authorization
    assert signed.send() == (400, "InvalidArgument")


def test_version_4_fields_are_read_by_name_in_any_order(
    oss: RunningOss, frozen: oss2.Bucket
) -> None:
    signed = Signed(oss, frozen, "key")
    scheme, credential, signature = signed.headers["authorization"].split(" ")
    # In the order and spacing of alibabacloud_oss_v2.
    signed.headers["authorization"] = f"{scheme} {signature},{credential.rstrip(',')}"
    assert signed.send() == (202, "")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("query", ["restore", "restore=&", "&restore"])
def test_flags_may_come_with_or_without_an_equals_sign(
    oss: RunningOss, frozen: oss2.Bucket, version: str, query: str
) -> None:
    signed = Signed(oss, oss.bucket(frozen.bucket_name, version=version), "key")
    signed.query = query
    assert signed.send() == (202, "")


@pytest.mark.parametrize("version", ["v2", "v4"])
def test_additional_headers_are_part_of_the_signature(
    oss: RunningOss, frozen: oss2.Bucket, version: str
) -> None:
    client = oss.bucket(frozen.bucket_name, version=version)
    for sent, expected in (("one", (202, "")), ("two", (403, "SignatureDoesNotMatch"))):
        signed = Signed(oss, client, "key")
        request = oss2.http.Request(
            "POST",
            oss.url + signed.path,
            params={"restore": ""},
            headers={"x-extra": "one"},
            region=oss.region,
            product="oss",
        )
        client.auth._sign_request(request, client.bucket_name, "key", ["x-extra"])
        signed.headers = {k: v for k, v in request.headers.items() if v} | {"x-extra": sent}
        assert signed.send() == expected


def test_version_4_may_be_dated_by_the_date_header(oss: RunningOss, frozen: oss2.Bucket) -> None:
    """The SDK for Go does so, and therefore the Terraform provider."""
    date = formatdate(usegmt=True)
    day = datetime.now(UTC).strftime("%Y%m%d")
    scope = f"{day}/{oss.region}/oss/aliyun_v4_request"
    canonical = f"POST\n/{frozen.bucket_name}/key\nrestore\n\n\nUNSIGNED-PAYLOAD"
    text = f"OSS4-HMAC-SHA256\n{date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"aliyun_v4{oss.root.secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    signed = Signed(oss, frozen, "key")
    signed.headers = {
        "date": date,
        "authorization": f"OSS4-HMAC-SHA256 Credential={oss.root.access_key_id}/{scope},"
        f"Signature={signature}",
    }
    assert signed.send() == (202, "")
    signed.headers["date"] = formatdate(time.time() - 3600, usegmt=True)
    assert signed.send() == (403, "RequestTimeTooSkewed")


def test_version_2_fields_may_stand_apart(oss: RunningOss, frozen: oss2.Bucket) -> None:
    signed = Signed(oss, oss.bucket(frozen.bucket_name, version="v2"), "key")
    signed.headers["authorization"] = signed.headers["authorization"].replace(",", ", ")
    assert signed.send() == (202, "")
