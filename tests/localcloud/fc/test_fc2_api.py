"""The HTTP API, by the official SDK."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fc2
import httpx
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.filters import props

from localcloud.faults import FaultRule
from localcloud.fc.code import code_checksum
from localcloud.ram.credentials import Credential, Principal
from tests.localcloud.fc.support import (
    ECHO,
    Account,
    an_account,
    an_endpoint,
    policy,
    until,
    zipped,
)

# The SDK does not close the zip that it reads.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file .*zip:ResourceWarning")

VOLATILE = props("serviceId", "functionId", "createdTime", "lastModifiedTime")


@dataclass
class Sdk:
    """aliyun-fc2, called in threads next to the cloud's event loop."""

    account: Account
    url: str
    client: fc2.Client

    def with_key(self, key: Credential) -> Sdk:
        return Sdk(self.account, self.url, _client(self.url, key))

    async def __call__(self, method: str, *arguments: object, **named: object) -> Any:
        return await asyncio.to_thread(getattr(self.client, method), *arguments, **named)

    async def refusal(self, method: str, *arguments: object, **named: object) -> fc2.FcError:
        with pytest.raises(fc2.FcError) as refusal:
            await self(method, *arguments, **named)
        return refusal.value


def _client(url: str, key: Credential) -> fc2.Client:
    return fc2.Client(
        endpoint=url,
        accessKeyID=key.access_key_id,
        accessKeySecret=key.secret,
        securityToken=key.token,
        Timeout=30,
    )


@asynccontextmanager
async def an_sdk() -> AsyncIterator[Sdk]:
    async with an_account() as account, an_endpoint(account) as url:
        yield Sdk(account, url, _client(url, account.credentials.issue(account.root)))


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    """Write a zip, and return its path."""
    path = tmp_path / "bundle.zip"
    path.write_bytes(zipped(ECHO))
    return str(path)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Silence the SDK, which logs every error, keys included, on the root logger."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


async def test_a_services_life_cycle(snapshot: SnapshotAssertion) -> None:
    async with an_sdk() as sdk:
        sdk.account.sls.create_project("logs")
        sdk.account.sls.create_logstore("logs", "functions", ttl=30)
        log = {"project": "logs", "logstore": "functions", "enableRequestMetrics": True}
        role = sdk.account.service_role()
        answers = [
            await sdk("create_service", "s", description="d", logConfig=log, role=role),
            await sdk("get_service", "s"),
            await sdk("get_service", "s", qualifier="LATEST"),
            await sdk("update_service", "s", description="new", internetAccess=False),
            await sdk("list_services"),
            await sdk("list_versions", "s"),
            await sdk("list_aliases", "s"),
            await sdk("get_account_settings"),
        ]
        assert [answer.data for answer in answers] == snapshot(exclude=VOLATILE)
        await sdk("delete_service", "s")
        refusal = await sdk.refusal("get_service", "s")
        assert (refusal.err_code, refusal.status_code) == ("ServiceNotFound", 404)


async def test_a_functions_life_cycle(snapshot: SnapshotAssertion, bundle: str) -> None:
    async with an_sdk() as sdk:
        await sdk("create_service", "s")
        made = await sdk(
            *("create_function", "s", "f", "python3.10", "index.handler"),
            codeZipFile=bundle,
            description="echoes",
            environmentVariables={"REPORT_BUCKET": "b"},
        )
        answers = [
            made,
            await sdk("get_function", "s", "f"),
            await sdk("update_function", "s", "f", memorySize=1024, timeout=9),
            await sdk("list_functions", "s"),
        ]
        assert [answer.data for answer in answers] == snapshot(exclude=VOLATILE)
        assert made.data["codeChecksum"] == code_checksum(zipped(ECHO))
        await sdk("delete_function", "s", "f")
        refusal = await sdk.refusal("get_function", "s", "f")
        assert (refusal.err_code, refusal.status_code) == ("FunctionNotFound", 404)
        await sdk("delete_service", "s")


async def test_code_must_match_the_checksum_in_a_header(bundle: str) -> None:
    async with an_sdk() as sdk:
        await sdk("create_service", "s")
        made = ("create_function", "s", "f", "python3.10", "index.handler")
        wrong = {"x-fc-code-checksum": "1"}
        refused = await sdk.refusal(*made, codeZipFile=bundle, headers=wrong)
        assert (refused.err_code, refused.status_code) == ("InvalidArgument", 400)
        right = {"x-fc-code-checksum": code_checksum(zipped(ECHO))}
        await sdk(*made, codeZipFile=bundle, headers=right)
        refused = await sdk.refusal(
            "update_function", "s", "f", codeZipFile=bundle, headers={**wrong}
        )
        assert "not 1" in refused.message


async def test_new_code_runs_from_the_next_call_on(bundle: str, tmp_path: Path) -> None:
    async with an_sdk() as sdk:
        await sdk("create_service", "s")
        await sdk("create_function", "s", "f", "python3.10", "index.handler", codeZipFile=bundle)
        first = await sdk("invoke_function", "s", "f", payload=b"1")
        assert json.loads(first.data) == {"event": "1"}
        changed = zipped("def handler(event, context):\n    return {'changed': True}\n")
        (tmp_path / "changed.zip").write_bytes(changed)
        await sdk("update_function", "s", "f", codeZipFile=str(tmp_path / "changed.zip"))
        second = await sdk("invoke_function", "s", "f", payload=b"1")
        assert json.loads(second.data) == {"changed": True}
        assert second.headers["X-Fc-Code-Checksum"] == code_checksum(changed)


async def test_an_invocation_answers_with_the_documented_headers() -> None:
    async with an_sdk() as sdk:
        sdk.account.deploy("def handler(event, context):\n    print('hello')\n    return event\n")
        headers = {"x-fc-log-type": "Tail"}
        answer = await sdk("invoke_function", "s", "f", payload=b"\x00raw", headers=headers)
        assert answer.data == b"\x00raw"
        log = base64.b64decode(answer.headers["X-Fc-Log-Result"]).decode()
        assert "hello\n" in log
        assert answer.headers["X-Fc-Request-Id"] in log
        plain = await sdk("invoke_function", "s", "f")
        assert "X-Fc-Log-Result" not in plain.headers
        assert "X-Fc-Error-Type" not in plain.headers


async def test_a_functions_exception_reaches_the_sdks_caller() -> None:
    async with an_sdk() as sdk:
        sdk.account.deploy("def handler(event, context):\n    raise LookupError('lost')\n")
        error = await sdk.refusal("invoke_function", "s", "f")
        assert (error.status_code, error.err_code) == (200, "")
        body = json.loads(error.message)
        assert (body["errorType"], body["errorMessage"]) == ("LookupError", "lost")


async def test_an_asynchronous_invocation_is_accepted_and_runs_later() -> None:
    async with an_sdk() as sdk:
        sdk.account.deploy(ECHO)
        headers = {"x-fc-invocation-type": "Async"}
        answer = await sdk("invoke_function", "s", "f", payload=b"1", headers=headers)
        assert answer.data == b""
        assert answer.headers["X-Fc-Request-Id"]
        await until(lambda: sdk.account.core.meters.read().get("fc.invocations") == 1)


async def test_the_code_can_be_fetched_by_its_link(bundle: str) -> None:
    async with an_sdk() as sdk:
        await sdk("create_service", "s")
        await sdk("create_function", "s", "f", "python3.10", "index.handler", codeZipFile=bundle)
        answer = (await sdk("get_function_code", "s", "f")).data
        assert answer["checksum"] == code_checksum(zipped(ECHO))
        async with httpx.AsyncClient(trust_env=False, verify=False) as http:
            assert (await http.get(answer["url"])).content == zipped(ECHO)
            forged = answer["url"].replace("signature=", "signature=0")
            refused = await http.get(forged)
        assert (refused.status_code, refused.json()["ErrorCode"]) == (403, "SignatureNotMatch")


async def test_lists_come_in_pages() -> None:
    async with an_sdk() as sdk:
        for name in ("a1", "a2", "a3", "b1"):
            await sdk("create_service", name)
        first = (await sdk("list_services", limit=2, prefix="a")).data
        assert [one["serviceName"] for one in first["services"]] == ["a1", "a2"]
        token = first["nextToken"]
        second = (await sdk("list_services", limit=2, prefix="a", nextToken=token)).data
        assert [one["serviceName"] for one in second["services"]] == ["a3"]
        assert "nextToken" not in second
        started = (await sdk("list_services", startKey="a3")).data
        assert [one["serviceName"] for one in started["services"]] == ["a3", "b1"]
        refusal = await sdk.refusal("list_services", limit=101)
        assert refusal.err_code == "InvalidArgument"


async def test_an_update_may_require_the_version_it_was_based_on() -> None:
    async with an_sdk() as sdk:
        etag = (await sdk("create_service", "s")).headers["etag"]
        changed = await sdk("update_service", "s", description="1", headers={"if-match": etag})
        assert changed.headers["etag"] != etag
        refusal = await sdk.refusal(
            "update_service", "s", description="2", headers={"if-match": etag}
        )
        assert (refusal.err_code, refusal.status_code) == ("PreconditionFailed", 412)
        refusal = await sdk.refusal("delete_service", "s", headers={"if-match": etag})
        assert refusal.status_code == 412
        assert sdk.account.fc.services.find("s").config.description == "1"


async def test_a_name_that_needs_encoding_is_signed_as_it_reads() -> None:
    async with an_sdk() as sdk:
        for name in ("naïve service", "a+b", "~"):
            refusal = await sdk.refusal("get_service", name)
            assert refusal.err_code == "ServiceNotFound"
            assert name in json.loads(refusal.message)["ErrorMessage"]


async def test_what_the_local_cloud_does_not_serve_is_reported_in_json() -> None:
    async with an_sdk() as sdk:
        await sdk("create_service", "s")
        for method, arguments in (
            ("list_reserved_capacities", ()),
            ("publish_version", ("s",)),
            ("get_function_async_invoke_config", ("s", "LATEST", "f")),
        ):
            refusal = await sdk.refusal(method, *arguments)
            assert (refusal.err_code, refusal.status_code) == ("PathNotSupported", 400)
        refusal = await sdk.refusal("create_service", "t", vpcConfig={"vpcId": "vpc-1"})
        assert refusal.err_code == "InvalidArgument"
        assert "vpcConfig" in refusal.message


CODE = {"functionName": "f", "runtime": "python3.10", "handler": "index.handler"}


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/services", "{", "body"),
        ("/services", '{"serviceName": 1}', "serviceName"),
        ("/services", '{"serviceName": "s", "logConfig": []}', "logConfig"),
        ("/services/s/functions", json.dumps(CODE), "code is missing"),
        ("/services/s/functions", json.dumps(CODE | {"code": {"zipFile": "%"}}), "not base64"),
        (
            "/services/s/functions",
            json.dumps(CODE | {"code": {"ossBucketName": "b", "ossObjectName": "k"}}),
            "this cloud has no OSS",
        ),
    ],
)
async def test_an_invalid_body_is_refused_with_the_fields_name(
    path: str, body: str, named: str
) -> None:
    async with an_sdk() as sdk:

        def send() -> object:
            whole = f"/2016-08-15{path}"
            headers = sdk.client._build_common_headers("POST", whole)
            return sdk.client._do_request("POST", whole, headers, body=body)

        with pytest.raises(fc2.FcError) as refusal:
            await asyncio.to_thread(send)
        assert refusal.value.err_code == "InvalidArgument"
        assert named in refusal.value.message


async def test_code_may_come_from_oss_with_the_callers_permissions() -> None:
    reads = []

    def read_object(caller: Principal, bucket: str, key: str) -> bytes:
        reads.append((caller.arn, bucket, key))
        return zipped(ECHO)

    async with an_account() as account, an_endpoint(account, read_object) as url:
        sdk = Sdk(account, url, _client(url, account.credentials.issue(account.root)))
        await sdk("create_service", "s")
        made = await sdk(
            *("create_function", "s", "f", "python3.10", "index.handler"),
            codeOSSBucket="bundles",
            codeOSSObject="bundle.zip",
        )
        assert made.data["codeChecksum"] == code_checksum(zipped(ECHO))
        assert reads == [(account.root.arn, "bundles", "bundle.zip")]


async def test_a_fault_reaches_the_sdk_in_the_services_own_form() -> None:
    async with an_sdk() as sdk:
        sdk.account.deploy(ECHO)
        sdk.account.core.faults.add(
            FaultRule(service="fc", status=429, code="ResourceExhausted", times=1)
        )
        refusal = await sdk.refusal("invoke_function", "s", "f")
        assert (refusal.err_code, refusal.status_code) == ("ResourceExhausted", 429)


async def create(sdk: Sdk) -> None:
    await sdk("create_service", "t")


async def create_with_role(sdk: Sdk) -> None:
    await sdk("create_service", "t", role="acs:ram::1234567890123456:role/functions")


async def invoke(sdk: Sdk) -> None:
    await sdk("invoke_function", "s", "f")


async def invoke_later(sdk: Sdk) -> None:
    await sdk("invoke_function", "s", "f", headers={"x-fc-invocation-type": "Async"})


async def delete(sdk: Sdk) -> None:
    await sdk("delete_function", "s", "f")


async def update(sdk: Sdk) -> None:
    await sdk("update_function", "s", "f", memorySize=256)


@pytest.mark.parametrize(
    ("call", "action", "resource"),
    [
        (create, "fc:CreateService", "acs:fc:cn-hangzhou:1234567890123456:services/*"),
        (create_with_role, "ram:PassRole", "acs:ram::1234567890123456:role/functions"),
        (invoke, "fc:InvokeFunction", "acs:fc:*:*:services/s/functions/f"),
        (invoke_later, "fc:InvokeFunction", "acs:fc:*:*:services/s/functions/f"),
        (update, "fc:UpdateFunction", "acs:fc:*:*:services/s/functions/f"),
        (delete, "fc:DeleteFunction", "acs:fc:*:*:services/s/functions/*"),
    ],
)
async def test_a_call_needs_its_permission(
    call: Callable[[Sdk], Any], action: str, resource: str
) -> None:
    async with an_sdk() as sdk:
        sdk.account.deploy(ECHO)
        everything_else = policy(action, "*", "Deny")
        nearly = sdk.account.user("nearly", policy("*", "*"), everything_else)
        with pytest.raises(fc2.FcError) as refusal:
            await call(sdk.with_key(nearly))
        assert (refusal.value.err_code, refusal.value.status_code) == ("AccessDenied", 403)
        assert action in refusal.value.message
        prerequisite = policy("fc:CreateService", "*")
        just = sdk.account.user("just", policy(action, resource), prerequisite)
        await call(sdk.with_key(just))


async def test_a_key_that_nobody_issued_is_refused() -> None:
    async with an_sdk() as sdk:
        stranger = Credential("LTAIx", "secret", sdk.account.root)
        refusal = await sdk.with_key(stranger).refusal("list_services")
        assert (refusal.err_code, refusal.status_code) == ("InvalidAccessKeyID", 403)
