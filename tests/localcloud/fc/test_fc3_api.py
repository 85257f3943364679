"""The HTTP API of FC 3.0, by the official SDK."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.runtime import RuntimeOptions
from syrupy.assertion import SnapshotAssertion
from syrupy.filters import props

from localcloud.errors import CloudError
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

VOLATILE = props("functionId", "createdTime", "lastModifiedTime")
FUNCTIONS = "acs:fc:cn-hangzhou:1234567890123456:functions"
BUNDLE = zipped(ECHO)


@dataclass
class Sdk:
    """alibabacloud-fc20230330, called in threads next to the cloud's event loop."""

    account: Account
    url: str
    client: Client

    def with_key(self, key: Credential) -> Sdk:
        return Sdk(self.account, self.url, _client(self.url, key))

    async def __call__(self, method: str, *arguments: object) -> Any:
        return await asyncio.to_thread(getattr(self.client, method), *arguments)

    async def create(self, name: str = "f", **fields: Any) -> Any:
        body = {
            "handler": "index.handler",
            "runtime": "python3.10",
            "code": models.InputCodeLocation(zip_file=base64.b64encode(BUNDLE).decode()),
            **fields,
        }
        made = models.CreateFunctionInput(function_name=name, **body)
        return await self("create_function", models.CreateFunctionRequest(body=made))

    async def update(self, name: str = "f", **fields: Any) -> Any:
        request = models.UpdateFunctionRequest(body=models.UpdateFunctionInput(**fields))
        return await self("update_function", name, request)

    async def get(self, name: str = "f") -> Any:
        return await self("get_function", name, models.GetFunctionRequest())

    async def invoke(
        self, event: bytes = b"{}", *, name: str = "f", qualifier: str | None = None, **headers: str
    ) -> Any:
        request = models.InvokeFunctionRequest(body=io.BytesIO(event), qualifier=qualifier)
        options = models.InvokeFunctionHeaders(**headers)
        return await self("invoke_function_with_options", name, request, options, RuntimeOptions())


async def refusal(call: Any) -> AlibabaCloudException:
    with pytest.raises(AlibabaCloudException) as refused:
        await call
    return refused.value


def _client(url: str, key: Credential) -> Client:
    endpoint = urlsplit(url)
    return Client(
        Config(
            endpoint=endpoint.netloc,
            protocol=endpoint.scheme,
            access_key_id=key.access_key_id,
            access_key_secret=key.secret,
            security_token=key.token or None,
        )
    )


OBJECTS: Mapping[tuple[str, str], bytes] = {("code", "f.zip"): BUNDLE}


def read_object(_caller: Principal, bucket: str, key: str) -> bytes:
    try:
        return OBJECTS[bucket, key]
    except KeyError:
        raise CloudError("NoSuchKey", f"there is no {bucket}/{key}", 404) from None


@asynccontextmanager
async def an_sdk() -> AsyncIterator[Sdk]:
    async with an_account() as account, an_endpoint(account, read_object) as url:
        yield Sdk(account, url, _client(url, account.credentials.issue(account.root)))


async def test_a_functions_life_cycle(snapshot: SnapshotAssertion) -> None:
    async with an_sdk() as sdk:
        sdk.account.sls.create_project("logs")
        sdk.account.sls.create_logstore("logs", "functions", ttl=30)
        initializer = models.LifecycleHook(handler="index.initialize", timeout=7)
        answers = [
            await sdk.create(
                description="d",
                memory_size=512,
                cpu=0.5,
                timeout=60,
                environment_variables={"A": "b"},
                role=sdk.account.service_role(),
                log_config=models.LogConfig(project="logs", logstore="functions"),
                instance_lifecycle_config=models.InstanceLifecycleConfig(initializer=initializer),
            ),
            await sdk.get(),
            await sdk.update(description="new", internet_access=False),
            await sdk("list_functions", models.ListFunctionsRequest()),
        ]
        assert [answer.body.to_map() for answer in answers] == snapshot(exclude=VOLATILE)
        assert (await sdk("delete_function", "f")).status_code == 204
        gone = await refusal(sdk.get())
        assert (gone.code, gone.status_code) == ("FunctionNotFound", 404)


async def test_a_result_comes_back_as_it_is() -> None:
    async with an_sdk() as sdk:
        await sdk.create()
        answer = await sdk.invoke(b'{"a": 1}', qualifier="LATEST")
        assert json.loads(json.loads(answer.body.read())["event"]) == {"a": 1}
        assert answer.headers["x-fc-code-checksum"] == code_checksum(BUNDLE)
        assert "x-fc-error-type" not in answer.headers
        assert "x-fc-log-result" not in answer.headers


async def test_an_exception_is_returned_with_its_class_and_its_log() -> None:
    source = "class Odd(Exception): pass\n\ndef handler(event, context):\n    raise Odd('no')\n"
    async with an_sdk() as sdk:
        sdk.account.deploy_fc3(source)
        answer = await sdk.invoke(x_fc_log_type="Tail")
        assert answer.status_code == 200
        assert answer.headers["x-fc-error-type"] == "UnhandledInvocationError"
        assert json.loads(answer.body.read())["errorType"] == "Odd"
        assert "Odd: no" in base64.b64decode(answer.headers["x-fc-log-result"]).decode()


async def test_an_asynchronous_call_is_accepted_at_once_and_runs() -> None:
    source = "def handler(event, context):\n    print('ran')\n"
    async with an_sdk() as sdk:
        sdk.account.deploy_fc3(source)
        answer = await sdk.invoke(x_fc_invocation_type="Async")
        assert answer.status_code == 202
        await until(lambda: sdk.account.core.meters.read().get("fc.invocations"))


async def test_the_code_can_be_fetched() -> None:
    async with an_sdk() as sdk:
        await sdk.create()
        code = (await sdk("get_function_code", "f", models.GetFunctionCodeRequest())).body
        assert code.checksum == code_checksum(BUNDLE)
        async with httpx.AsyncClient() as client:
            assert (await client.get(code.url)).content == BUNDLE


async def test_code_from_oss_must_match_its_checksum() -> None:
    async with an_sdk() as sdk:
        place = {"oss_bucket_name": "code", "oss_object_name": "f.zip"}
        right = models.InputCodeLocation(**place, checksum=code_checksum(BUNDLE))
        wrong = models.InputCodeLocation(**place, checksum="1")
        refused = await refusal(sdk.create(code=wrong))
        assert refused.code == "InvalidArgument"
        assert "the code's checksum is" in refused.message
        await sdk.create(code=right)
        assert (await sdk.get()).body.code_checksum == code_checksum(BUNDLE)
        assert (await refusal(sdk.update(code=wrong))).code == "InvalidArgument"


async def test_each_page_of_functions_continues_where_the_last_ended() -> None:
    async with an_sdk() as sdk:
        for name in ("b", "a", "c", "other"):
            sdk.account.deploy_fc3(ECHO, name=name)
        seen, token = [], None
        while True:
            request = models.ListFunctionsRequest(limit=2, next_token=token)
            page = (await sdk("list_functions", request)).body
            seen.append([function.function_name for function in page.functions])
            token = page.next_token
            if not token:
                break
        assert seen == [["a", "b"], ["c", "other"]]
        request = models.ListFunctionsRequest(prefix="o")
        (only,) = (await sdk("list_functions", request)).body.functions
        assert only.function_name == "other"
        for limit in ("0", "101", "²", "9" * 5_000):
            request = models.ListFunctionsRequest(limit=limit)
            refused = await refusal(sdk("list_functions", request))
            assert refused.code == "InvalidArgument"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"runtime": "python2.7"}, "runtime"),
        ({"memory_size": 100}, "memorySize"),
        ({"memory_size": 1024, "cpu": 4}, "each vCPU"),
        ({"code": None}, "code is missing"),
        ({"vpc_config": models.VPCConfig(vpc_id="vpc-1")}, "vpcConfig is not supported"),
    ],
)
async def test_a_wrong_field_is_refused_by_name(fields: dict[str, Any], named: str) -> None:
    async with an_sdk() as sdk:
        refused = await refusal(sdk.create(**fields))
        assert (refused.code, refused.status_code) == ("InvalidArgument", 400)
        assert named in refused.message
        assert refused.request_id
        assert not sdk.account.fc.functions


async def test_throttling_has_its_own_status() -> None:
    async with an_sdk() as sdk:
        await sdk.create()
        sdk.account.fc._calls = sdk.account.core.settings.limits.fc_instances
        refused = await refusal(sdk.invoke())
        assert (refused.code, refused.status_code) == ("ResourceExhausted", 429)
        sdk.account.fc._calls = 0


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("fc:CreateFunction", "*"),
        ("fc:ListFunctions", "*"),
        ("fc:GetFunction", "f"),
        ("fc:UpdateFunction", "f"),
        ("fc:GetFunctionCode", "f"),
        ("fc:InvokeFunction", "f"),
        ("fc:DeleteFunction", "f"),
    ],
)
async def test_each_call_needs_its_permission(action: str, resource: str) -> None:
    calls = {
        "fc:CreateFunction": lambda sdk: sdk.create("g"),
        "fc:ListFunctions": lambda sdk: sdk("list_functions", models.ListFunctionsRequest()),
        "fc:GetFunction": lambda sdk: sdk.get(),
        "fc:UpdateFunction": lambda sdk: sdk.update(description="new"),
        "fc:GetFunctionCode": lambda sdk: sdk(
            "get_function_code", "f", models.GetFunctionCodeRequest()
        ),
        "fc:InvokeFunction": lambda sdk: sdk.invoke(),
        "fc:DeleteFunction": lambda sdk: sdk("delete_function", "f"),
    }
    async with an_sdk() as sdk:
        await sdk.create()
        nobody = sdk.with_key(sdk.account.user("nobody"))
        somebody = sdk.with_key(
            sdk.account.user("somebody", policy(action, f"{FUNCTIONS}/{resource}"))
        )
        refused = await refusal(calls[action](nobody))
        assert refused.code == "AccessDenied"
        assert f"{action} on {FUNCTIONS}/{resource}" in refused.message
        await calls[action](somebody)


async def test_a_role_must_be_passed() -> None:
    async with an_sdk() as sdk:
        role = sdk.account.service_role()
        maker = sdk.with_key(sdk.account.user("maker", policy("fc:*", "*")))
        refused = await refusal(maker.create(role=role))
        assert f"ram:PassRole on {role}" in refused.message
        await maker.create()
        assert "ram:PassRole" in (await refusal(maker.update(role=role))).message


async def test_a_path_that_is_not_served_is_reported() -> None:
    async with an_sdk() as sdk:
        await sdk.create()
        request = models.ListTriggersRequest()
        assert (await refusal(sdk("list_triggers", "f", request))).code == "PathNotSupported"
