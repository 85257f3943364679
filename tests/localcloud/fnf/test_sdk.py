"""alibabacloud-fnf20190315: every operation is called, or listed as unsupported with a reason."""

from __future__ import annotations

import asyncio

import pytest
from alibabacloud_fnf20190315 import models
from alibabacloud_fnf20190315.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException
from pydantic.alias_generators import to_snake
from syrupy.assertion import SnapshotAssertion

from localcloud.fnf.unsupported import UNSUPPORTED_ACTIONS
from tests.localcloud.fnf.harness import Cloud, until
from tests.localcloud.fnf.test_api import CALLBACK, PASS, SLOW, over_http
from tests.localcloud.sdk_operations import RecordedClient, any_call, operations_of

UNSUPPORTED = {to_snake(action): reason for action, reason in UNSUPPORTED_ACTIONS.items()}


def test_every_supported_operation_is_called(snapshot: SnapshotAssertion) -> None:
    async def play(cloud: Cloud, client: Client) -> None:
        api = RecordedClient(client)
        made = models.CreateFlowRequest(name="f", definition=PASS, description="", type="FDL")
        await api("create_flow", made)
        update = models.UpdateFlowRequest(name="f", definition=CALLBACK)
        await api("update_flow", update)
        await api("describe_flow", models.DescribeFlowRequest(name="f"))
        assert (await api("list_flows", models.ListFlowsRequest())).body.flows[0].name == "f"
        cloud.flow(CALLBACK, "waiting")
        for name in ("good", "bad"):
            start = models.StartExecutionRequest(flow_name="waiting", execution_name=name)
            await api("start_execution", start)
        await until(lambda: len(cloud.functions.calls) == 2)
        good, bad = (event["token"] for event in cloud.functions.events("f"))
        done = models.ReportTaskSucceededRequest(output="{}", task_token=good)
        await api("report_task_succeeded", done)
        await api("report_task_failed", models.ReportTaskFailedRequest(error="E", task_token=bad))
        look = models.DescribeExecutionRequest(
            flow_name="waiting", execution_name="good", wait_time_seconds=8
        )
        assert (await api("describe_execution", look)).body.status == "Succeeded"
        cloud.flow(SLOW, "slow")
        with cloud.core.clock.running():
            start = models.StartExecutionRequest(flow_name="slow", execution_name="e")
            await api("start_execution", start)
            stop = models.StopExecutionRequest(flow_name="slow", execution_name="e")
            await api("stop_execution", stop)
        listed = models.ListExecutionsRequest(flow_name="slow")
        assert len((await api("list_executions", listed)).body.executions) == 1
        history = models.GetExecutionHistoryRequest(flow_name="slow", execution_name="e")
        assert (await api("get_execution_history", history)).body.events
        regions = await api("describe_regions", models.DescribeRegionsRequest())
        assert regions.body.regions.region[0].region_id == "cn-hangzhou"
        await api("delete_flow", models.DeleteFlowRequest(name="f"))

        operations = operations_of(client)
        assert api.called == operations - UNSUPPORTED.keys()
        assert snapshot == {
            "operations": len(operations),
            "called": len(api.called),
            "unsupported": UNSUPPORTED,
        }

    over_http(play)


@pytest.mark.parametrize("operation", sorted(UNSUPPORTED))
def test_an_unsupported_operation_is_refused_by_name(operation: str) -> None:
    async def play(_: Cloud, client: Client) -> None:
        method, arguments = any_call(client, operation)
        with pytest.raises(ClientException) as refused:
            await asyncio.to_thread(getattr(client, method), *arguments)
        assert (refused.value.code, refused.value.status_code) == ("ActionNotSupported", 400)
        assert UNSUPPORTED[operation] in str(refused.value.message)

    over_http(play)
