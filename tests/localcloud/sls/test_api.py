"""Log Service over HTTP: permissions, refusals, and what is stored of a request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

import httpx
import pytest

from localcloud.ram.credentials import Credential
from localcloud.sls.signature import signature
from tests.infra.hosted import HostedCloud

ACCOUNT, OTHER = "1234567890123456", "6543210987654321"
INDEX = {
    "line": {"token": [",", " "], "caseSensitive": False, "chn": True},
    "keys": {"runId": {"type": "text", "token": [","], "caseSensitive": True, "doc_value": True}},
    "max_text_len": 4_096,
}


@dataclass
class LogClient:
    """Signs as the provider's log-go-sdk does: with SHA-1 by default."""

    url: str
    key: Credential
    method: str = "hmac-sha1"

    def __call__(
        self,
        verb: str,
        path: str,
        body: object = None,
        *,
        project: str = "logs",
        query: dict[str, str] | None = None,
        **headers: str,
    ) -> httpx.Response:
        """Send a request about a project, or about none."""
        content = b"" if body is None else json.dumps(body).encode()
        own = {
            "date": formatdate(usegmt=True),
            "x-log-apiversion": "0.6.0",
            "x-log-bodyrawsize": str(len(content)),
            "x-log-signaturemethod": self.method,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        if content:
            digest = hashlib.md5(content, usedforsecurity=False).hexdigest().upper()
            own |= {"content-type": "application/json", "content-md5": digest}
        signed = signature(verb, path, query or {}, own, self.key.secret)
        own["authorization"] = f"LOG {self.key.access_key_id}:{signed}"
        own["host"] = f"{project}.cn-hangzhou.log.aliyuncs.com".removeprefix(".")
        with httpx.Client(trust_env=False) as http:
            return http.request(
                verb, self.url + path, content=content, headers=own, params=query or {}
            )


@pytest.fixture
def hosted() -> Iterator[HostedCloud]:
    with HostedCloud(ACCOUNT, OTHER).serving() as hosted:
        yield hosted


@pytest.fixture
def log(hosted: HostedCloud) -> LogClient:
    client = LogClient(hosted.endpoints(ACCOUNT).sls, hosted.cloud.accounts[ACCOUNT].root)
    assert client("POST", "/", {"projectName": "logs"}, project="").status_code == 200
    made = client("POST", "/logstores", {"logstoreName": "lines", "ttl": 30, "hot_ttl": 7})
    assert made.status_code == 200
    return client


def refusal(response: httpx.Response) -> tuple[int, str, str]:
    answer = response.json()
    assert response.headers["x-log-requestid"]
    return response.status_code, answer["errorCode"], answer["errorMessage"]


def test_a_logstore_is_returned_as_it_was_created(log: LogClient) -> None:
    change = {"ttl": 60, "autoSplit": True, "maxSplitShard": 64, "enable_tracking": True}
    assert log("PUT", "/logstores/lines", change).status_code == 200
    stored = log("GET", "/logstores/lines").json()
    assert {**stored, **change, "hot_ttl": 7, "shardCount": 2, "mode": "standard"} == stored
    mode = {"meteringMode": "ChargeByDataIngest"}
    assert log("PUT", "/logstores/lines/meteringmode", mode).status_code == 200
    assert log("GET", "/logstores/lines/meteringmode").json() == mode
    listed = log("GET", "/logstores", query={"offset": "0", "size": "10"}).json()
    assert listed == {"count": 1, "total": 1, "logstores": ["lines"]}


def test_an_index_is_returned_as_it_was_defined(log: LogClient, hosted: HostedCloud) -> None:
    assert log("POST", "/logstores/lines/index", INDEX).status_code == 200
    stored = log("GET", "/logstores/lines/index").json()
    for name, value in INDEX["keys"]["runId"].items():  # type: ignore[index]
        assert stored["keys"]["runId"][name] == value
    assert stored["line"]["token"] == [",", " "]
    assert stored["max_text_len"] == 4_096
    index = hosted.cloud.accounts[ACCOUNT].sls.index("logs", "lines")
    assert index.full_text
    assert index.fields["runId"].case_sensitive


def test_a_dashboard_is_returned_as_it_was_put(log: LogClient) -> None:
    board = {
        "dashboardName": "runs",
        "displayName": "Runs",
        "description": "all",
        "attribute": {"type": "grid", "count": 2**53},
        "charts": [{"title": "a", "search": {"query": "*"}}],
    }
    assert log("POST", "/dashboards", board).status_code == 200
    assert log("GET", "/dashboards/runs").json() == board
    assert log("DELETE", "/dashboards/runs").status_code == 200
    assert refusal(log("GET", "/dashboards/runs"))[:2] == (404, "DashboardNotExist")


def test_projects_are_listed_and_described(log: LogClient) -> None:
    assert log("PUT", "/", {"description": "of functions"}).status_code == 200
    (project,) = log("GET", "/", project="").json()["projects"]
    assert project == log("GET", "/").json()
    assert (project["projectName"], project["description"]) == ("logs", "of functions")
    assert refusal(log("GET", "/", project="none"))[:2] == (404, "ProjectNotExist")


def test_a_name_is_unique_across_accounts(log: LogClient, hosted: HostedCloud) -> None:
    other = LogClient(log.url, hosted.cloud.accounts[OTHER].root)
    taken = refusal(other("POST", "/", {"projectName": "logs"}, project=""))
    assert taken[:2] == (400, "ProjectAlreadyExist")
    assert refusal(other("GET", "/"))[:2] == (404, "ProjectNotExist")


@pytest.mark.parametrize("method", ["hmac-sha1", "hmac-sha256"])
def test_both_signature_methods_are_accepted(log: LogClient, method: str) -> None:
    client = LogClient(log.url, log.key, method)
    assert client("GET", "/logstores/lines", query={}).status_code == 200
    wrong = LogClient(log.url, Credential(log.key.access_key_id, "wrong", log.key.principal))
    assert refusal(wrong("GET", "/"))[:2] == (403, "SignatureNotMatch")
    nobody = LogClient(log.url, Credential("LTAInobody", "x", log.key.principal))
    assert refusal(nobody("GET", "/"))[:2] == (401, "Unauthorized")


def test_a_body_changed_in_transit_is_refused(log: LogClient) -> None:
    changed = log("PUT", "/", {"description": "x"}, content_md5="0" * 32)
    assert changed.status_code == 200  # the digest in use is set last
    sent = hashlib.md5(b"{}", usedforsecurity=False).hexdigest().upper()
    headers = {
        "date": formatdate(usegmt=True),
        "content-md5": sent,
        "content-type": "application/json",
        "x-log-signaturemethod": "hmac-sha1",
    }
    signed = signature("PUT", "/", {}, headers, log.key.secret)
    headers["authorization"] = f"LOG {log.key.access_key_id}:{signed}"
    headers["host"] = "logs.cn-hangzhou.log.aliyuncs.com"
    with httpx.Client(trust_env=False) as http:
        answer = http.put(log.url + "/", content=b'{"description": "y"}', headers=headers)
    assert refusal(answer)[:2] == (400, "PostBodyInvalid")


@pytest.mark.parametrize(
    ("verb", "path", "body", "query", "named"),
    [
        ("GET", "/machinegroups", None, {}, "GET /machinegroups"),
        ("POST", "/logstores/lines/shards/lb", None, {}, "POST /logstores/lines/shards/lb"),
        ("GET", "/logstores/lines", None, {"type": "log"}, "type is not supported"),
        (
            "POST",
            "/logstores",
            {"logstoreName": "b2", "ttl": 1, "processorId": "p"},
            {},
            "processorId",
        ),
        ("POST", "/logstores", {"logstoreName": "b2", "ttl": "long"}, {}, "ttl: "),
        ("POST", "/logstores", {"logstoreName": "b2"}, {}, "ttl is missing"),
        ("POST", "/logstores", [], {}, "body"),
        ("POST", "/logstores/lines/index", {}, {}, "line, keys, or both"),
        ("POST", "/dashboards", {"charts": []}, {}, "dashboardName"),
        (
            "POST",
            "/tag",
            {"resourceType": "logstore", "resourceId": [], "tags": []},
            {},
            "resourceType",
        ),
        ("GET", "/tags", None, {"resourceType": "project", "resourceId": "logs"}, "resourceId"),
        ("GET", "/logstores", None, {"size": "9" * 5_000}, "size is not a number"),
    ],
)
def test_an_unsupported_request_is_refused_by_name(
    log: LogClient, verb: str, path: str, body: Any, query: dict[str, str], named: str
) -> None:
    status, code, message = refusal(log(verb, path, body, query=query))
    assert (status, code) == (400, "ParameterInvalid")
    assert named in message


def test_a_header_that_would_change_the_meaning_is_refused(log: LogClient) -> None:
    answer = log("GET", "/logstores/lines", x_log_compresstype="lz4")
    assert refusal(answer)[1:] == (
        "ParameterInvalid",
        "GetLogStore: the header x-log-compresstype is not supported here",
    )


def test_each_call_needs_its_permission_on_its_resource(
    log: LogClient, hosted: HostedCloud
) -> None:
    ram = hosted.cloud.accounts[ACCOUNT].ram
    ram.create_user("reader")
    arn = f"acs:log:cn-hangzhou:{ACCOUNT}:project/logs"
    statements = [
        {"Effect": "Allow", "Action": "log:GetProject", "Resource": arn},
        {"Effect": "Allow", "Action": "log:ListShards", "Resource": f"{arn}/logstore/lines"},
        {"Effect": "Allow", "Action": "log:ListTagResources", "Resource": arn},
    ]
    ram.create_policy("read", json.dumps({"Version": "1", "Statement": statements}), "", 0)
    ram.attach_to_user("read", "reader")
    reader = LogClient(log.url, ram.create_access_key("reader"))
    tags = {"resourceType": "project", "resourceId": '["logs"]'}
    assert reader("GET", "/").status_code == 200
    assert reader("GET", "/logstores/lines/shards").status_code == 200
    assert reader("GET", "/tags", query=tags, project="").status_code == 200
    for verb, path, body, action in (
        ("GET", "/logstores/lines", None, "log:GetLogStore"),
        ("DELETE", "/", None, "log:DeleteProject"),
        ("POST", "/logstores", {"logstoreName": "b2", "ttl": 1}, "log:CreateLogStore"),
        ("POST", "/dashboards", {"dashboardName": "d"}, "log:CreateDashboard"),
    ):
        status, code, message = refusal(reader(verb, path, body))
        assert (status, code) == (401, "Unauthorized")
        assert action in message
