"""Hostile requests for each endpoint; most of them are signed, to pass the first checks."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import formatdate
from random import Random
from typing import Any, Final

from localcloud import acs3
from localcloud.fc import auth
from localcloud.http import Request
from localcloud.oss.signatures import Signed, v1
from oss_restore.clients.target import LocalEndpoints
from tests.fuzz import log_attempts, rpc_attempts
from tests.fuzz.hostile import NAMES, any_name, spoiled, spoiled_bytes, text
from tests.fuzz.wire import Attempt, Maker, as_sent, with_header
from tests.localcloud.fc.support import ECHO, zipped

_ZIP: Final = base64.b64encode(zipped(ECHO)).decode()
# OSS

_SUB_RESOURCES: Final = (
    *("acl", "append", "bucketInfo", "cors", "delete", "encryption", "lifecycle", "live"),
    *("location", "logging", "objectMeta", "policy", "referer", "resourceGroup", "restore"),
    *("symlink", "tagging", "transferAcceleration", "uploads", "versioning", "versions", "website"),
    *("bucketArchiveDirectRead", "cleanRestoredObject", "nosuch", "stat", "regions"),
)
_PARAMETERS: Final = (
    *("prefix", "delimiter", "marker", "max-keys", "encoding-type", "list-type", "start-after"),
    *("continuation-token", "key-marker", "version-id-marker", "uploadId", "partNumber"),
    *("versionId", "position", "response-content-type", "max-parts", "part-number-marker"),
)
_HEADERS: Final = (
    *("x-oss-storage-class", "x-oss-acl", "x-oss-object-acl", "x-oss-tagging", "range"),
    *("x-oss-copy-source", "x-oss-copy-source-range", "x-oss-metadata-directive", "if-match"),
    *("if-none-match", "if-modified-since", "if-unmodified-since", "content-md5", "content-type"),
    *("x-oss-meta-a", "x-oss-symlink-target", "x-oss-forbid-overwrite", "x-oss-hash-crc64ecma"),
    *(
        "x-oss-copy-source-if-match",
        "x-oss-tagging-directive",
        "expires",
        "cache-control",
        "accept-encoding",
    ),
)
_POLICY: Final = {
    "Version": "1",
    "Statement": [
        {
            "Effect": "Deny",
            "Action": ["oss:*"],
            "Principal": ["1"],
            "Resource": ["acs:oss:*:*:one/*"],
            "Condition": {"StringLike": {"oss:Prefix": ["a*"]}},
        }
    ],
}
_BODIES: Final = (
    b"",
    b"text",
    b"<RestoreRequest><Days>2</Days><JobParameters><Tier>Bulk</Tier></JobParameters></RestoreRequest>",
    b"<Delete><Quiet>false</Quiet><Object><Key>one</Key></Object></Delete>",
    b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
    b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>",
    b"<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>",
    b"<CreateBucketConfiguration><StorageClass>Archive</StorageClass></CreateBucketConfiguration>",
    b"<ArchiveDirectReadConfiguration><Enabled>true</Enabled></ArchiveDirectReadConfiguration>",
    json.dumps(_POLICY).encode(),
    b"<a>" * 3_000,
    b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><x>&b;</x>",
)


# These create resources for the others.
_PLAIN: Final[Sequence[tuple[str, str, Mapping[str, str], bytes]]] = (
    ("PUT", "/one", {}, b""),
    ("PUT", "/one/one", {}, b"text"),
    ("PUT", "/one/two", {}, b"more text"),
    ("GET", "/one/one", {}, b""),
    ("GET", "/one", {"list-type": "2"}, b""),
    ("POST", "/one/two", {"uploads": ""}, b""),
    ("POST", "/one/two", {"restore": ""}, b""),
)


def oss(random: Random, endpoints: LocalEndpoints) -> Attempt:
    if random.random() < 0.25:
        method, path, plain_query, body = random.choice(_PLAIN)
        headers = {"date": formatdate(usegmt=True)}
        if method == "PUT" and path != "/one":
            headers["x-oss-storage-class"] = random.choice(("Standard", "Archive", "ColdArchive"))
        return _sign_oss(random, Attempt(method, path, plain_query, headers, body), endpoints)
    method = random.choice(("GET", "GET", "PUT", "PUT", "POST", "DELETE", "HEAD", "OPTIONS"))
    path = random.choice(("/", f"/{any_name(random)}", *[f"/{NAMES[0]}/{any_name(random)}"] * 4))
    query: dict[str, str] = {}
    if random.random() < 0.6:
        query[random.choice(_SUB_RESOURCES)] = "" if random.random() < 0.9 else text(random)
    for _ in range(random.choice((0, 0, 1, 2))):
        query[random.choice(_PARAMETERS)] = text(random)
    headers = {"date": formatdate(usegmt=True)}
    for _ in range(random.choice((0, 0, 1, 2, 3))):
        headers[random.choice(_HEADERS)] = text(random)
    if random.random() < 0.2:
        headers["x-oss-copy-source"] = f"/{NAMES[0]}/{any_name(random)}"
    body = spoiled_bytes(random, random.choice(_BODIES)) if method in ("PUT", "POST") else b""
    attempt = Attempt(method, path, query, headers, body)
    return _sign_oss(random, attempt, endpoints)


def _sign_oss(random: Random, attempt: Attempt, endpoints: LocalEndpoints) -> Attempt:
    if random.random() < 0.05:
        return with_header(attempt, "authorization", text(random))
    wire = {
        name: value.encode("utf-8", "surrogatepass").decode("latin-1")
        for name, value in as_sent(attempt).items()
    }
    bucket, _, key = attempt.path.removeprefix("/").partition("/")
    resource = f"/{bucket}/{key}" if bucket else "/"
    wire["authorization"] = f"OSS {endpoints.access_key_id}:x"
    claim = v1.from_header(Signed(attempt.method, resource, attempt.query, wire))
    signed = claim.sign(endpoints.access_key_secret)
    return with_header(attempt, "authorization", f"OSS {endpoints.access_key_id}:{signed}")


# Function Compute

_FC2_FUNCTION: Final = {
    "functionName": "one",
    "runtime": "python3.10",
    "handler": "index.handler",
    "memorySize": 128,
    "timeout": 3,
    "initializer": "",
    "environmentVariables": {"A": "b"},
    "code": {"zipFile": _ZIP},
}
_FC3_FUNCTION: Final = {
    **{k: v for k, v in _FC2_FUNCTION.items() if k != "initializer"},
    "cpu": 0.1,
    "diskSize": 512,
    "role": "",
    "logConfig": {"project": "", "logstore": ""},
}
_SERVICE: Final = {"serviceName": "one", "role": "", "logConfig": {}, "internetAccess": True}
_TAGS: Final = {"resourceArn": "acs:fc:x:1:services/one", "tags": {"a": "b"}}
_FC2: Final[Sequence[tuple[str, str, object]]] = (
    ("POST", "/services", _SERVICE),
    ("PUT", "/services/{}", _SERVICE),
    ("GET", "/services/{}", None),
    ("GET", "/services", None),
    ("DELETE", "/services/{}", None),
    ("POST", "/services/one/functions", _FC2_FUNCTION),
    ("PUT", "/services/one/functions/{}", _FC2_FUNCTION),
    ("GET", "/services/one/functions", None),
    ("GET", "/services/one/functions/{}", None),
    ("GET", "/services/one/functions/{}/code", None),
    ("POST", "/services/one/functions/{}/invocations", {"event": 1}),
    ("DELETE", "/services/one/functions/{}", None),
    ("POST", "/tag", _TAGS),
    ("DELETE", "/tag", {"resourceArn": "x", "tagKeys": ["a"], "all": False}),
    ("GET", "/account-settings", None),
    ("GET", "/{}", None),
)
_FC3: Final[Sequence[tuple[str, str, object]]] = (
    ("POST", "/functions", _FC3_FUNCTION),
    ("PUT", "/functions/{}", _FC3_FUNCTION),
    ("GET", "/functions", None),
    ("GET", "/functions/{}", None),
    ("GET", "/functions/{}/code", None),
    ("POST", "/functions/{}/invocations", {"event": 1}),
    ("DELETE", "/functions/{}", None),
    ("GET", "/{}", None),
)
_FC_QUERY: Final = ("limit", "nextToken", "prefix", "startKey", "qualifier", "nosuch")


def fc(random: Random, endpoints: LocalEndpoints) -> Attempt:
    modern = random.random() < 0.5
    method, pattern, document = random.choice(_FC3 if modern else _FC2)
    version = "2023-03-30" if modern else "2016-08-15"
    path = f"/{version}" + pattern.format(any_name(random))
    query = {random.choice(_FC_QUERY): text(random)} if random.random() < 0.3 else {}
    body = b""
    if document is not None:
        body = spoiled_bytes(random, json.dumps(spoiled(random, document)).encode())
    headers = {"content-type": "application/json"}
    if random.random() < 0.1:
        headers["x-fc-invocation-type"] = random.choice(("Async", text(random)))
    if random.random() < 0.1:
        headers["if-match"] = text(random)
    attempt = Attempt(method, path, query, headers, body)
    return _sign_fc3(attempt, endpoints) if modern else _sign_fc2(attempt, endpoints)


def _sign_fc2(attempt: Attempt, endpoints: LocalEndpoints) -> Attempt:
    dated = with_header(attempt, "date", formatdate(usegmt=True))
    sent = as_sent(dated)
    sent = {k: v.encode("utf-8", "surrogatepass").decode("latin-1") for k, v in sent.items()}
    secret = endpoints.access_key_secret
    signed = auth.signature(attempt.method, attempt.path, sent, secret)
    return with_header(dated, "authorization", f"FC {endpoints.access_key_id}:{signed}")


def _sign_fc3(attempt: Attempt, endpoints: LocalEndpoints) -> Attempt:
    own = {
        **attempt.headers,
        "x-acs-date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-content-sha256": hashlib.sha256(attempt.body).hexdigest(),
    }
    names = "host;x-acs-content-sha256;x-acs-date"
    host = endpoints.fc.removeprefix("http://")
    request = Request(
        attempt.method, attempt.raw_path, attempt.raw_query, {"host": host, **own}, attempt.body
    )
    signed = acs3.signature(request, names, endpoints.access_key_secret)
    claim = f"Credential={endpoints.access_key_id},SignedHeaders={names},Signature={signed}"
    own["authorization"] = f"{acs3.SCHEME} {claim}"
    return Attempt(attempt.method, attempt.path, attempt.query, own, attempt.body)


# The control API

_SEED: Final = {"key": "k", "size": 1, "storage_class": "Archive"}
_CONTROL: Final[Sequence[tuple[str, str, Any]]] = (
    ("POST", "/clock/advance", {"seconds": 1}),
    ("POST", "/clock/hold", {"client": "a"}),
    ("POST", "/clock/release", {"client": "a"}),
    ("GET", "/clock", None),
    ("GET", "/meters", None),
    ("GET", "/work", None),
    ("POST", "/meters/reset", {}),
    (
        *("POST", "/faults"),
        {"service": "oss", "operation": "x", "kind": "error", "status": 503, "rate": 0.5},
    ),
    ("DELETE", "/faults", {}),
    (
        *("PUT", "/settings"),
        {"step_bytes": 32768, "equality": "gval", "api_calls_per_second": None, "child_depth": 3},
    ),
    ("POST", "/buckets/one/objects", _SEED),
    ("GET", "/buckets/{}/thaws", None),
    ("PUT", "/buckets/one/region", {"region": "cn-beijing"}),
    ("POST", "/accounts/1111222233334444", {}),
    ("POST", "/accounts/{}", {}),
    ("DELETE", "/buckets/{}", {}),
    ("GET", "/resources", None),
    ("GET", "/configuration", None),
    ("GET", "/executions", None),
    ("GET", "/logs", None),
    ("GET", "/processes", None),
    ("GET", "/warnings", None),
    ("GET", "/{}", None),
)


def control(random: Random, endpoints: LocalEndpoints) -> Attempt:
    method, pattern, document = random.choice(_CONTROL)
    headers = {"authorization": f"Bearer {endpoints.control_token}"}
    body = b""
    if document is not None:
        headers["content-type"] = "application/json"
        body = spoiled_bytes(random, json.dumps(spoiled(random, document)).encode())
    return Attempt(method, pattern.format(any_name(random)), {}, headers, body)


MAKERS: Final[Mapping[str, Maker]] = {
    "oss": oss,
    "fc": fc,
    "fnf": rpc_attempts.rpc("2019-03-15", rpc_attempts.FNF),
    "ram": rpc_attempts.rpc("2015-05-01", rpc_attempts.RAM),
    "sts": rpc_attempts.rpc("2015-04-01", rpc_attempts.STS),
    "sls": log_attempts.sls,
    "cms": rpc_attempts.rpc("2019-01-01", rpc_attempts.CMS),
    "location": rpc_attempts.rpc("2015-06-12", rpc_attempts.LOCATION),
    "control": control,
}
