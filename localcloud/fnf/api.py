"""The API 2019-03-15, as the official SDK alibabacloud-fnf20190315 2.0.1 calls it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Final, TypeAlias, TypeVar

from pydantic import ValidationError

from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.fnf.documents import describe
from localcloud.fnf.executions import Execution
from localcloud.fnf.flows import DeployedFlow
from localcloud.fnf.history import Event
from localcloud.fnf.model import ExecutionFilter, Workflow
from localcloud.fnf.parameters import (
    ActionParameters,
    CreateFlow,
    DescribeExecution,
    GetExecutionHistory,
    ListExecutions,
    ListFlows,
    NamedFlow,
    ReportTaskFailed,
    ReportTaskSucceeded,
    StartExecution,
    StartSyncExecution,
    StopExecution,
    UpdateFlow,
)
from localcloud.fnf.token_bucket import TokenBucket
from localcloud.http import Handler
from localcloud.ram.credentials import Credential, Credentials
from localcloud.rpc import Action, rpc

VERSION: Final = "2019-03-15"
AccountLookup: TypeAlias = Callable[[str], Workflow]
Answer: TypeAlias = dict[str, object]
P = TypeVar("P", bound=ActionParameters)


def fnf_handler(core: Core, credentials: Credentials, account_lookup: AccountLookup) -> Handler:
    """The HTTP handler of the service, for every account.

    Args:
        core: settings and clock.
        credentials: whose signatures count.
        account_lookup: the service of an account, by the account's id.
    """

    def rate() -> float | None:
        return core.settings.limits.api_calls_per_second

    def action(
        name: str, kind: type[P], answer: Callable[[Workflow, P], Awaitable[Answer]]
    ) -> tuple[str, Action]:
        buckets: dict[str, TokenBucket] = {}

        async def act(credential: Credential, given: Mapping[str, str]) -> Answer:
            account = credential.principal.account_id
            if not buckets.setdefault(account, TokenBucket(rate)).try_take(core.clock.now()):
                raise CloudError("Throttling", f"{name} is called too often.", 429)
            workflow = account_lookup(account)
            parameters = _parse(kind, given)
            workflow.authorize(credential.principal, name, parameters.flow(workflow))
            return await answer(workflow, parameters)

        return name, act

    actions = (
        action("CreateFlow", CreateFlow, _create_flow),
        action("UpdateFlow", UpdateFlow, _update_flow),
        action("DescribeFlow", NamedFlow, _describe_flow),
        action("DeleteFlow", NamedFlow, _delete_flow),
        action("ListFlows", ListFlows, _list_flows),
        action("StartExecution", StartExecution, _start_execution),
        action("StartSyncExecution", StartSyncExecution, _start_sync_execution),
        action("DescribeExecution", DescribeExecution, _describe_execution),
        action("StopExecution", StopExecution, _stop_execution),
        action("ListExecutions", ListExecutions, _list_executions),
        action("GetExecutionHistory", GetExecutionHistory, _get_execution_history),
        action("ReportTaskSucceeded", ReportTaskSucceeded, _report_task_succeeded),
        action("ReportTaskFailed", ReportTaskFailed, _report_task_failed),
    )
    return rpc(dict(actions), credentials=credentials, version=VERSION)


def _parse(kind: type[P], given: Mapping[str, str]) -> P:
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise CloudError("InvalidArgument", describe(error)) from error


async def _create_flow(workflow: Workflow, given: CreateFlow) -> Answer:
    flow = workflow.flows.create(
        given.name,
        given.definition,
        description=given.description,
        role_arn=given.role_arn,
        type=given.type,
    )
    return _flow(flow)


async def _update_flow(workflow: Workflow, given: UpdateFlow) -> Answer:
    flow = workflow.flows.update(
        given.name,
        definition=given.definition,
        description=given.description,
        role_arn=given.role_arn,
        type=given.type,
    )
    return _flow(flow)


async def _describe_flow(workflow: Workflow, given: NamedFlow) -> Answer:
    return _flow(workflow.flows.find(given.name))


async def _delete_flow(workflow: Workflow, given: NamedFlow) -> Answer:
    workflow.delete_flow(given.name)
    return {}


async def _list_flows(workflow: Workflow, given: ListFlows) -> Answer:
    page = workflow.list_flows(limit=given.limit, token=given.next_token)
    return {"Flows": [_flow(flow) for flow in page.items], **_next(page.next_token)}


async def _start_execution(workflow: Workflow, given: StartExecution) -> Answer:
    execution = workflow.start_execution(
        given.flow_name,
        name=given.execution_name,
        input=given.input,
        callback_token=given.callback_token,
    )
    # Right after the start there is no status yet (seen in post-execution-actions).
    return {**_execution(execution), "Status": ""}


async def _start_sync_execution(workflow: Workflow, given: StartSyncExecution) -> Answer:
    workflow.flows.find(given.flow_name)
    raise CloudError(
        "InvalidArgument",
        "StartSyncExecution is for Express flows, and this cloud has Standard ones only: use"
        " StartExecution, then DescribeExecution with WaitTimeSeconds.",
    )


async def _describe_execution(workflow: Workflow, given: DescribeExecution) -> Answer:
    execution = await workflow.describe_execution(
        given.flow_name, given.execution_name, wait_seconds=given.wait_time_seconds
    )
    return _execution(execution)


async def _stop_execution(workflow: Workflow, given: StopExecution) -> Answer:
    execution = await workflow.stop_execution(
        given.flow_name, given.execution_name, error=given.error, cause=given.cause
    )
    role = {"RoleArn": execution.role_arn} if execution.role_arn else {}
    return {**_execution(execution), **role}


async def _list_executions(workflow: Workflow, given: ListExecutions) -> Answer:
    begin, end = given.started_time_begin, given.started_time_end
    which = ExecutionFilter(
        prefix=given.execution_name_prefix,
        status=given.status,
        started_from=float("-inf") if begin is None else begin.timestamp(),
        started_until=float("inf") if end is None else end.timestamp(),
    )
    page = workflow.list_executions(
        given.flow_name, limit=given.limit, token=given.next_token, which=which
    )
    show = _metadata if given.metadata_only else _execution
    return {"Executions": [show(execution) for execution in page.items], **_next(page.next_token)}


async def _get_execution_history(workflow: Workflow, given: GetExecutionHistory) -> Answer:
    page = workflow.history(
        given.flow_name, given.execution_name, limit=given.limit, token=given.next_token
    )
    return {"Events": [_event(event) for event in page.items], **_next(page.next_token)}


async def _report_task_succeeded(workflow: Workflow, given: ReportTaskSucceeded) -> Answer:
    return {"EventId": workflow.report_task_succeeded(given.task_token, given.output)}


async def _report_task_failed(workflow: Workflow, given: ReportTaskFailed) -> Answer:
    return {"EventId": workflow.report_task_failed(given.task_token, given.error, given.cause)}


def _flow(flow: DeployedFlow) -> Answer:
    return {
        "Id": flow.id,
        "Name": flow.name,
        "Type": flow.type,
        "Definition": flow.definition,
        "Description": flow.description,
        "RoleArn": flow.role_arn,
        "ExecutionMode": "Standard",
        "CreatedTime": _time(flow.created_at),
        "LastModifiedTime": _time(flow.modified_at),
    }


def _metadata(execution: Execution) -> Answer:
    return {
        "FlowName": execution.flow,
        "Name": execution.name,
        "Status": execution.status,
        "StartedTime": _time(execution.started_at),
        "StoppedTime": "" if execution.stopped_at is None else _time(execution.stopped_at),
    }


def _execution(execution: Execution) -> Answer:
    return {
        **_metadata(execution),
        "FlowDefinition": execution.definition,
        "Input": execution.input,
        "Output": execution.output,
    }


def _event(event: Event) -> Answer:
    return {
        "StepName": event.step,
        "Type": event.type,
        "EventId": event.id,
        "ScheduleEventId": event.cause,
        "EventDetail": event.detail,
        "Time": _time(event.time),
    }


def _next(token: str) -> Answer:
    return {"NextToken": token} if token else {}


def _time(seconds: float) -> str:
    """Such as ``2020-10-27T22:17:52.413Z``."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
