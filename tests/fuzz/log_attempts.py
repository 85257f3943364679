"""Hostile requests for Log Service."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from email.utils import formatdate
from random import Random
from typing import Final

from localcloud.sls.signature import signature
from oss_restore.clients.target import LocalEndpoints
from tests.fuzz.hostile import any_name, spoiled, spoiled_bytes, text
from tests.fuzz.wire import Attempt, as_sent, with_header

_INDEX: Final = {
    "line": {"token": [","], "caseSensitive": False, "chn": False},
    "keys": {"one": {"type": "text", "token": [","], "doc_value": True}},
    "max_text_len": 2048,
}
_LOGSTORE: Final = {"logstoreName": "one", "ttl": 30, "shardCount": 2, "hot_ttl": 7}
_BOARD: Final = {"dashboardName": "one", "displayName": "", "attribute": {}, "charts": [{"a": 1}]}
_PROJECT_TAGS: Final = {
    "resourceType": "project",
    "resourceId": ["one"],
    "tags": [{"key": "a", "value": "b"}],
}
_LOGS: Final[Sequence[tuple[str, str, object]]] = (
    ("POST", "/", {"projectName": "one", "description": ""}),
    ("GET", "/", None),
    ("PUT", "/", {"description": "d"}),
    ("GET", "/policy", None),
    ("POST", "/tag", _PROJECT_TAGS),
    ("POST", "/untag", {**_PROJECT_TAGS, "tags": ["a"]}),
    ("GET", "/tags", None),
    ("POST", "/logstores", _LOGSTORE),
    ("GET", "/logstores", None),
    *((verb, "/logstores/{}", body) for verb, body in (("GET", None), ("PUT", _LOGSTORE))),
    ("GET", "/logstores/{}/shards", None),
    ("PUT", "/logstores/{}/meteringmode", {"meteringMode": "ChargeByFunction"}),
    *((verb, "/logstores/{}/index", _INDEX) for verb in ("POST", "PUT")),
    *((verb, "/logstores/{}/index", None) for verb in ("GET", "DELETE")),
    ("POST", "/dashboards", _BOARD),
    *((verb, "/dashboards/{}", body) for verb, body in (("GET", None), ("PUT", _BOARD))),
    ("GET", "/{}", None),
)
_LOGS_QUERY: Final = ("offset", "size", "resourceType", "resourceId", "projectName", "nosuch")


def sls(random: Random, endpoints: LocalEndpoints) -> Attempt:
    method, pattern, document = random.choice(_LOGS)
    query = {random.choice(_LOGS_QUERY): text(random)} if random.random() < 0.3 else {}
    body = b""
    if document is not None:
        body = spoiled_bytes(random, json.dumps(spoiled(random, document)).encode())
    project = "one" if random.random() < 0.9 else random.choice(("two", "a.b", "é", "-"))
    headers = {
        "host": f"{project}.cn-hangzhou.log.aliyuncs.com",
        "date": formatdate(usegmt=True),
        "content-type": "application/json",
        "content-md5": hashlib.md5(body, usedforsecurity=False).hexdigest().upper(),
    }
    if random.random() < 0.1:
        name = random.choice(("x-log-signaturemethod", "x-log-nosuch", "x-acs-security-token"))
        headers[name] = text(random)
    attempt = Attempt(method, pattern.format(any_name(random)), query, headers, body)
    sent = as_sent(attempt)
    sent = {k: v.encode("utf-8", "surrogatepass").decode("latin-1") for k, v in sent.items()}
    signed = ""
    if sent.get("x-log-signaturemethod", "hmac-sha1") in ("hmac-sha1", "hmac-sha256"):
        secret = endpoints.access_key_secret
        signed = signature(method, attempt.path, query, sent, secret)
    return with_header(attempt, "authorization", f"LOG {endpoints.access_key_id}:{signed}")
