"""The API, called by the official SDK over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import orjson
import pytest
from alibabacloud_fnf20190315 import models
from alibabacloud_fnf20190315.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.utils_models import Config

from localcloud.fnf.api import VERSION, fnf_handler
from localcloud.http import HttpServer, asgi
from localcloud.ram.credentials import Credential, Principal, root_principal
from localcloud.settings import Limits
from tests.localcloud.fnf.harness import ACCOUNT, ROLE, Cloud, scenario, until
from tests.localcloud.rpc_client import RpcClient, RpcError

T = TypeVar("T")
Play = Callable[[Cloud, Client], Coroutine[Any, Any, T]]
PASS = "version: v1\ntype: flow\nsteps: [{type: pass, name: p}]\n"
SLOW = "version: v1\ntype: flow\nsteps: [{type: wait, name: w, duration: 1000}]\n"
CALLBACK = """
version: v1
type: flow
steps:
  - type: task
    name: t
    resourceArn: acs:fc:::services/s/functions/f
    pattern: waitForCallback
    inputMappings: [{target: token, source: $context.task.token}]
"""


def client(server: HttpServer, credential: Credential) -> Client:
    return Client(
        Config(
            endpoint=server.url.removeprefix("http://"),
            protocol="http",
            region_id="cn-hangzhou",
            access_key_id=credential.access_key_id,
            access_key_secret=credential.secret,
        )
    )


def over_http(
    play: Play[T], *, principal: Principal | None = None, limits: Limits | None = None
) -> T:
    """Play a scenario with the SDK as the account itself, or as another caller."""

    async def with_server(cloud: Cloud) -> T:
        handler = fnf_handler(cloud.core, cloud.credentials, lambda _: cloud.workflow)
        server = HttpServer(asgi(handler))
        await server.start()
        try:
            credential = cloud.credentials.issue(principal or root_principal(ACCOUNT))
            return await play(cloud, client(server, credential))
        finally:
            await server.stop()

    return scenario(with_server, functions={"f": lambda _: {}}, limits=limits)


async def create(api: Client, name: str = "f", definition: str = PASS) -> None:
    request = models.CreateFlowRequest(
        name=name, definition=definition, description="d", type="FDL", role_arn=ROLE
    )
    await asyncio.to_thread(api.create_flow, request)


def test_a_flow_is_created_described_changed_listed_and_deleted() -> None:
    async def play(_: Cloud, api: Client) -> None:
        await create(api)
        flow = (
            await asyncio.to_thread(api.describe_flow, models.DescribeFlowRequest(name="f"))
        ).body
        assert flow.name == "f"
        assert (flow.definition, flow.description, flow.role_arn) == (PASS, "d", ROLE)
        assert (flow.type, flow.execution_mode) == ("FDL", "Standard")
        assert flow.id
        assert flow.request_id
        assert flow.created_time.endswith("Z")
        update = models.UpdateFlowRequest(name="f", description="new")
        changed = (await asyncio.to_thread(api.update_flow, update)).body
        assert (changed.description, changed.definition) == ("new", PASS)
        await create(api, "g")
        first = (await asyncio.to_thread(api.list_flows, models.ListFlowsRequest(limit=1))).body
        assert [flow.name for flow in first.flows] == ["f"]
        rest = models.ListFlowsRequest(limit=1, next_token=first.next_token)
        second = (await asyncio.to_thread(api.list_flows, rest)).body
        assert ([flow.name for flow in second.flows], second.next_token) == (["g"], None)
        await asyncio.to_thread(api.delete_flow, models.DeleteFlowRequest(name="f"))
        with pytest.raises(ClientException) as gone:
            await asyncio.to_thread(api.describe_flow, models.DescribeFlowRequest(name="f"))
        assert (gone.value.code, gone.value.status_code) == ("FlowNotExists", 404)

    over_http(play)


def test_an_execution_is_started_polled_and_its_history_read() -> None:
    async def play(_: Cloud, api: Client) -> None:
        await create(api, definition=SLOW)
        start = models.StartExecutionRequest(
            flow_name="f", execution_name="e", input='{"键": "a b+&="}'
        )
        started = (await asyncio.to_thread(api.start_execution, start)).body
        assert (started.flow_name, started.name, started.input) == ("f", "e", '{"键": "a b+&="}')
        assert (started.status, started.output, started.stopped_time) == ("", "", "")
        assert started.flow_definition == SLOW
        describe = models.DescribeExecutionRequest(
            execution_name="e", flow_name="f", wait_time_seconds=8
        )
        done = (await asyncio.to_thread(api.describe_execution, describe)).body
        assert (done.status, done.output) == ("Succeeded", "{}")
        assert done.stopped_time > done.started_time
        ids: list[int] = []
        token = None
        while token is not None or not ids:
            request = models.GetExecutionHistoryRequest(
                execution_name="e", flow_name="f", limit=4, next_token=token
            )
            page = (await asyncio.to_thread(api.get_execution_history, request)).body
            ids += [event.event_id for event in page.events]
            token = page.next_token
        assert ids == [1, 2, 3, 4, 5, 6]
        assert orjson.loads(page.events[-1].event_detail) == {"output": {}}
        assert page.events[-1].type == "ExecutionSucceeded"
        assert page.events[-1].schedule_event_id == 5
        with pytest.raises(ClientException) as taken:
            await asyncio.to_thread(api.start_execution, start)
        assert taken.value.code == "ExecutionAlreadyExists"

    over_http(play)


def test_an_execution_is_stopped_and_listed() -> None:
    async def play(cloud: Cloud, api: Client) -> None:
        await create(api, definition=SLOW)
        with cloud.core.clock.running():
            start = models.StartExecutionRequest(flow_name="f", execution_name="e")
            await asyncio.to_thread(api.start_execution, start)
            stop = models.StopExecutionRequest(
                cause="because", error="Enough", execution_name="e", flow_name="f"
            )
            stopped = (await asyncio.to_thread(api.stop_execution, stop)).body
        assert (stopped.status, stopped.output, stopped.role_arn) == ("Running", "", ROLE)
        history = models.GetExecutionHistoryRequest(execution_name="e", flow_name="f")
        end = (await asyncio.to_thread(api.get_execution_history, history)).body.events[-1]
        assert end.type == "ExecutionStopped"
        assert orjson.loads(end.event_detail) == {"error": "Enough", "cause": "because"}
        listed = models.ListExecutionsRequest(
            flow_name="f",
            status="Stopped",
            execution_name_prefix="e",
            started_time_begin="2020-01-01T00:00:00Z",
            started_time_end="2999-01-01T00:00:00Z",
        )
        (one,) = (await asyncio.to_thread(api.list_executions, listed)).body.executions
        assert (one.name, one.flow_definition, one.input) == ("e", SLOW, "{}")
        assert (one.status, one.output) == ("Stopped", "")
        listed.metadata_only = True
        (bare,) = (await asyncio.to_thread(api.list_executions, listed)).body.executions
        assert (bare.name, bare.status, bare.flow_definition) == ("e", "Stopped", None)

    over_http(play)


def test_tasks_are_reported() -> None:
    async def play(cloud: Cloud, api: Client) -> None:
        await create(api, definition=CALLBACK)
        for name in ("good", "bad"):
            start = models.StartExecutionRequest(flow_name="f", execution_name=name)
            await asyncio.to_thread(api.start_execution, start)
        await until(lambda: len(cloud.functions.calls) == 2)
        good, bad = (event["token"] for event in cloud.functions.events("f"))
        succeeded = models.ReportTaskSucceededRequest(output='{"x": 1}', task_token=good)
        assert (await asyncio.to_thread(api.report_task_succeeded, succeeded)).body.event_id == 2
        failed = models.ReportTaskFailedRequest(cause="why", error="Refused", task_token=bad)
        assert (await asyncio.to_thread(api.report_task_failed, failed)).body.event_id == 2
        for name, status, answer in (("good", "Succeeded", '{"x":1}'), ("bad", "Failed", "")):
            describe = models.DescribeExecutionRequest(
                execution_name=name, flow_name="f", wait_time_seconds=8
            )
            done = (await asyncio.to_thread(api.describe_execution, describe)).body
            assert (done.status, done.output) == (status, answer)

    over_http(play)


@pytest.mark.parametrize(
    ("request_", "code", "hint"),
    [
        (
            models.CreateFlowRequest(name="f", definition=PASS, type="FDL"),
            "MissingRequiredParams",
            "Description",
        ),
        (
            models.CreateFlowRequest(
                name="f", definition="#" * 1_048_577, description="", type="FDL"
            ),
            "EntityTooLarge",
            "1048576",
        ),
        (
            models.CreateFlowRequest(
                name="f", definition=PASS, description="", type="FDL", execution_mode="Express"
            ),
            "InvalidArgument",
            "ExecutionMode",
        ),
        (
            models.CreateFlowRequest(
                name="f",
                definition=PASS,
                description="",
                type="FDL",
                environment=models.CreateFlowRequestEnvironment(
                    variables=[models.CreateFlowRequestEnvironmentVariables(name="A", value="b")]
                ),
            ),
            "InvalidArgument",
            "Environment",
        ),
    ],
)
def test_wrong_parameters_are_named(
    request_: models.CreateFlowRequest, code: str, hint: str
) -> None:
    async def play(_: Cloud, api: Client) -> None:
        with pytest.raises(ClientException, match=hint) as refused:
            await asyncio.to_thread(api.create_flow, request_)
        assert (refused.value.code, refused.value.status_code) == (code, 400)

    over_http(play)


def test_an_unsupported_operation_is_refused_by_its_name() -> None:
    async def play(_: Cloud, api: Client) -> None:
        await create(api)
        start = models.StartExecutionRequest(flow_name="f", qualifier="1")
        with pytest.raises(ClientException, match="Qualifier: versions and aliases") as refused:
            await asyncio.to_thread(api.start_execution, start)
        assert (refused.value.code, refused.value.status_code) == ("InvalidArgument", 400)
        sync = models.StartSyncExecutionRequest(flow_name="f")
        with pytest.raises(ClientException, match="StartSyncExecution: Express") as unknown:
            await asyncio.to_thread(api.start_sync_execution, sync)
        assert (unknown.value.code, unknown.value.status_code) == ("ActionNotSupported", 400)

    over_http(play)


def test_an_unknown_parameter_is_refused_by_its_name() -> None:
    async def play(cloud: Cloud, api: Client) -> None:
        key = cloud.credentials.issue(root_principal(ACCOUNT))
        rpc = RpcClient(f"http://{api._endpoint}", VERSION, key)
        with pytest.raises(RpcError, match=r"400 InvalidArgument: Colour: Extra inputs"):
            await rpc("DescribeFlow", Name="f", Colour="red", RegionId="cn-hangzhou")
        with pytest.raises(RpcError, match="400 ActionNotSupported: PaintFlow: there is no such"):
            await rpc("PaintFlow")

    over_http(play)


def test_an_unknown_page_token_is_refused() -> None:
    async def play(cloud: Cloud, api: Client) -> None:
        await create(api)
        await asyncio.to_thread(
            api.start_execution, models.StartExecutionRequest(flow_name="f", execution_name="e")
        )
        for token in ("-1", "²", "9" * 5_000):
            history = models.GetExecutionHistoryRequest(
                flow_name="f", execution_name="e", next_token=token
            )
            with pytest.raises(ClientException, match="is not a token of this list"):
                await asyncio.to_thread(api.get_execution_history, history)

    over_http(play)


def test_a_caller_needs_permission_on_the_flow_itself() -> None:
    policy = {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["fnf:StartExecution", "fnf:CreateFlow"],
                "Resource": [f"acs:fnf:cn-hangzhou:{ACCOUNT}:flow/mine*"],
            }
        ],
    }
    user = Principal(ACCOUNT, f"acs:ram::{ACCOUNT}:user/dev", user="dev")

    async def play(cloud: Cloud, api: Client) -> None:
        cloud.ram.create_user("dev").policies.append("some")
        cloud.ram.create_policy("some", orjson.dumps(policy).decode(), "", 0)
        await create(api, "mine1")
        await asyncio.to_thread(
            api.start_execution, models.StartExecutionRequest(flow_name="mine1")
        )
        for call, request in (
            (api.start_execution, models.StartExecutionRequest(flow_name="yours")),
            (api.describe_flow, models.DescribeFlowRequest(name="mine1")),
            (api.list_flows, models.ListFlowsRequest()),
        ):
            with pytest.raises(ClientException, match="is not allowed to fnf:") as refused:
                await asyncio.to_thread(call, request)
            assert (refused.value.code, refused.value.status_code) == ("AccessDenied", 403)

    over_http(play, principal=user)


def test_calls_are_throttled_when_a_rate_is_set() -> None:
    async def play(cloud: Cloud, api: Client) -> None:
        with cloud.core.clock.running():
            await asyncio.to_thread(api.list_flows, models.ListFlowsRequest())
            with pytest.raises(ClientException) as refused:
                await asyncio.to_thread(api.list_flows, models.ListFlowsRequest())
            assert (refused.value.code, refused.value.status_code) == ("Throttling", 429)
            cloud.core.clock.advance(3_600)
            await asyncio.to_thread(api.list_flows, models.ListFlowsRequest())

    over_http(play, limits=Limits(api_calls_per_second=1 / 3_600))
