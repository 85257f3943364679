"""alibabacloud-fc20230330: every operation is called, or listed as unsupported with a reason."""

from __future__ import annotations

import asyncio
import base64
import io

import pytest
from alibabacloud_fc20230330 import models
from syrupy.assertion import SnapshotAssertion

from localcloud.fc.fc3_routes import UNSUPPORTED
from tests.localcloud.fc.support import ECHO, zipped
from tests.localcloud.fc.test_fc3_api import FUNCTIONS, an_sdk, refusal
from tests.localcloud.sdk_operations import RecordedClient, any_call, operations_of

REASONS = {entry.feature: entry.reason for entry in UNSUPPORTED}


async def test_every_operation_is_called_or_refused_as_unsupported(
    snapshot: SnapshotAssertion,
) -> None:
    async with an_sdk() as sdk:
        api = RecordedClient(sdk.client)
        code = models.InputCodeLocation(zip_file=base64.b64encode(zipped(ECHO)).decode())
        function = models.CreateFunctionInput(
            function_name="f",
            runtime="python3.10",
            handler="index.handler",
            code=code,
            tags=[models.Tag(key="made", value="by create")],
        )
        made = await api("create_function", models.CreateFunctionRequest(body=function))
        assert made.body.tags[0].to_map() == {"Key": "made", "Value": "by create"}
        change = models.UpdateFunctionInput(description="d")
        await api("update_function", "f", models.UpdateFunctionRequest(body=change))
        tags = models.TagResourcesInput(
            resource_id=[f"{FUNCTIONS}/f"],
            resource_type="function",
            tag=[models.Tag(key="team", value="storage")],
        )
        await api("tag_resources", models.TagResourcesRequest(body=tags))
        listed = models.ListTagResourcesRequest(
            resource_id=[f"{FUNCTIONS}/f"], resource_type="function"
        )
        found = (await api("list_tag_resources", listed)).body.tag_resources
        assert [(tag.tag_key, tag.tag_value) for tag in found] == [
            ("made", "by create"),
            ("team", "storage"),
        ]
        untag = models.UntagResourcesRequest(
            resource_id=[f"{FUNCTIONS}/f"], resource_type="function", tag_key=["made"]
        )
        await api("untag_resources", untag)
        got = await api("get_function", "f", models.GetFunctionRequest())
        assert (got.body.description, [tag.key for tag in got.body.tags]) == ("d", ["team"])
        assert (await api("get_function_code", "f", models.GetFunctionCodeRequest())).body.url
        call = models.InvokeFunctionRequest(body=io.BytesIO(b"1"))
        answer = await api("invoke_function", "f", call)
        assert b"".join(answer.body) == b'{"event": "1"}'
        functions = (
            await api("list_functions", models.ListFunctionsRequest(fc_version="v3"))
        ).body.functions
        assert [function.function_name for function in functions] == ["f"]
        await api("delete_function", "f")

        unsupported = {}
        for operation in sorted(operations_of(sdk.client) - api.called):
            method, arguments = any_call(sdk.client, operation)
            refused = await refusal(asyncio.to_thread(getattr(sdk.client, method), *arguments))
            assert (refused.code, refused.status_code) == ("PathNotSupported", 400), operation
            unsupported[operation] = next(
                (
                    f"{name}: {why}"
                    for name, why in REASONS.items()
                    if f": {name} are not supported, {why}" in refused.message
                ),
                "",
            )
        assert all(unsupported.values())
        assert snapshot == {
            "operations": len(operations_of(sdk.client)),
            "called": len(api.called),
            "unsupported": unsupported,
        }


async def test_only_functions_of_this_account_can_be_tagged() -> None:
    async with an_sdk() as sdk:
        await sdk.create()
        tag = models.Tag(key="a", value="b")
        for resource, code in (
            ("acs:fc:cn-hangzhou:1111222233334444:functions/f", "InvalidArgument"),
            (f"{FUNCTIONS}/other", "FunctionNotFound"),
        ):
            body = models.TagResourcesInput(
                resource_id=[resource], resource_type="function", tag=[tag]
            )
            refused = await refusal(sdk("tag_resources", models.TagResourcesRequest(body=body)))
            assert refused.code == code


@pytest.mark.parametrize(
    ("method", "arguments", "named"),
    [
        ("list_functions", [models.ListFunctionsRequest(runtime="python3.10")], "runtime"),
        ("list_functions", [models.ListFunctionsRequest(fc_version="v2")], "fcVersion"),
        ("delete_function_with_options", ["f", {"x-fc-force": "1"}, None], "x-fc-force"),
    ],
)
async def test_an_unsupported_parameter_or_header_is_named(
    method: str, arguments: list[object], named: str
) -> None:
    async with an_sdk() as sdk:
        await sdk.create()
        given = [any_call(sdk.client, "get_function")[1][-1] if a is None else a for a in arguments]
        refused = await refusal(sdk(method, *given))
        assert (refused.code, refused.status_code) == ("InvalidArgument", 400)
        assert named in refused.message
