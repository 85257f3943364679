"""The API 2019-03-15, as called by the official SDK alibabacloud-fnf20190315 2.0.1."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeAlias, TypeVar

from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.fnf.executions import ExecutionFilter
from localcloud.fnf.model import Workflow
from localcloud.fnf.parameters import (
    ActionParameters,
    CreateFlow,
    DescribeExecution,
    DescribeRegions,
    GetExecutionHistory,
    ListExecutions,
    ListFlows,
    NamedFlow,
    ReportTaskFailed,
    ReportTaskSucceeded,
    StartExecution,
    StopExecution,
    UpdateFlow,
    read_parameters,
)
from localcloud.fnf.token_bucket import TokenBucket
from localcloud.fnf.unsupported import UNSUPPORTED_ACTIONS
from localcloud.fnf.views import Body, event_view, execution_view, flow_view, metadata_view
from localcloud.http import Handler
from localcloud.ram.credentials import Credential, CredentialStore
from localcloud.rpc import Action, rpc

VERSION: Final = "2019-03-15"
AccountLookup: TypeAlias = Callable[[str], Workflow]
P = TypeVar("P", bound=ActionParameters)


@dataclass(frozen=True)
class FnfOperation(Generic[P]):
    """An operation.

    Attributes:
        name: the name in the API's spelling; the RAM action is ``fnf:`` and this name.
        parameters: model of its parameters.
        run: the function that carries it out.
    """

    name: str
    parameters: type[P]
    run: Callable[[Workflow, P], Awaitable[Body]]


async def _create_flow(workflow: Workflow, parameters: CreateFlow) -> Body:
    flow = workflow.flows.create(
        parameters.name,
        parameters.definition,
        description=parameters.description,
        role_arn=parameters.role_arn,
        type=parameters.type,
    )
    return flow_view(flow)


async def _update_flow(workflow: Workflow, parameters: UpdateFlow) -> Body:
    flow = workflow.flows.update(
        parameters.name,
        definition=parameters.definition,
        description=parameters.description,
        role_arn=parameters.role_arn,
        type=parameters.type,
    )
    return flow_view(flow)


async def _describe_flow(workflow: Workflow, parameters: NamedFlow) -> Body:
    return flow_view(workflow.flows.find(parameters.name))


async def _delete_flow(workflow: Workflow, parameters: NamedFlow) -> Body:
    workflow.delete_flow(parameters.name)
    return {}


async def _list_flows(workflow: Workflow, parameters: ListFlows) -> Body:
    page = workflow.list_flows(limit=parameters.limit, token=parameters.next_token)
    return {"Flows": [flow_view(flow) for flow in page.items], **_next(page.next_token)}


async def _start_execution(workflow: Workflow, parameters: StartExecution) -> Body:
    execution = workflow.start_execution(
        parameters.flow_name,
        name=parameters.execution_name,
        input=parameters.input,
        callback_token=parameters.callback_token,
    )
    # Right after the start there is no status yet (as in post-execution-actions).
    return {**execution_view(execution), "Status": ""}


async def _describe_execution(workflow: Workflow, parameters: DescribeExecution) -> Body:
    execution = await workflow.describe_execution(
        parameters.flow_name, parameters.execution_name, wait_seconds=parameters.wait_time_seconds
    )
    return execution_view(execution)


async def _stop_execution(workflow: Workflow, parameters: StopExecution) -> Body:
    # The response is the execution as it was before (as in post-execution-actions).
    execution = workflow.execution(parameters.flow_name, parameters.execution_name)
    role = {"RoleArn": execution.role_arn} if execution.role_arn else {}
    before = {**execution_view(execution), **role}
    await workflow.stop_execution(
        parameters.flow_name,
        parameters.execution_name,
        error=parameters.error,
        cause=parameters.cause,
    )
    return before


async def _list_executions(workflow: Workflow, parameters: ListExecutions) -> Body:
    begin, end = parameters.started_time_begin, parameters.started_time_end
    which = ExecutionFilter(
        prefix=parameters.execution_name_prefix,
        status=parameters.status,
        started_from=float("-inf") if begin is None else begin.timestamp(),
        started_until=float("inf") if end is None else end.timestamp(),
    )
    page = workflow.list_executions(
        parameters.flow_name, limit=parameters.limit, token=parameters.next_token, which=which
    )
    show = metadata_view if parameters.metadata_only else execution_view
    return {"Executions": [show(execution) for execution in page.items], **_next(page.next_token)}


async def _get_execution_history(workflow: Workflow, parameters: GetExecutionHistory) -> Body:
    page = workflow.history(
        parameters.flow_name,
        parameters.execution_name,
        limit=parameters.limit,
        token=parameters.next_token,
    )
    return {"Events": [event_view(event) for event in page.items], **_next(page.next_token)}


async def _report_task_succeeded(workflow: Workflow, parameters: ReportTaskSucceeded) -> Body:
    return {"EventId": workflow.report_task_succeeded(parameters.task_token, parameters.output)}


async def _report_task_failed(workflow: Workflow, parameters: ReportTaskFailed) -> Body:
    return {
        "EventId": workflow.report_task_failed(
            parameters.task_token, parameters.error, parameters.cause
        )
    }


async def _describe_regions(workflow: Workflow, _given: DescribeRegions) -> Body:
    region = {
        "RegionId": workflow.region,
        "RegionEndpoint": f"{workflow.region}.fnf.aliyuncs.com",
        "LocalName": workflow.region,
    }
    return {"Regions": {"Region": [region]}}


def _next(token: str) -> Body:
    return {"NextToken": token} if token else {}


OPERATIONS: Final[tuple[FnfOperation[Any], ...]] = (
    FnfOperation("CreateFlow", CreateFlow, _create_flow),
    FnfOperation("UpdateFlow", UpdateFlow, _update_flow),
    FnfOperation("DescribeFlow", NamedFlow, _describe_flow),
    FnfOperation("DeleteFlow", NamedFlow, _delete_flow),
    FnfOperation("ListFlows", ListFlows, _list_flows),
    FnfOperation("StartExecution", StartExecution, _start_execution),
    FnfOperation("DescribeExecution", DescribeExecution, _describe_execution),
    FnfOperation("StopExecution", StopExecution, _stop_execution),
    FnfOperation("ListExecutions", ListExecutions, _list_executions),
    FnfOperation("GetExecutionHistory", GetExecutionHistory, _get_execution_history),
    FnfOperation("ReportTaskSucceeded", ReportTaskSucceeded, _report_task_succeeded),
    FnfOperation("ReportTaskFailed", ReportTaskFailed, _report_task_failed),
    FnfOperation("DescribeRegions", DescribeRegions, _describe_regions),
)


def fnf_handler(core: Core, credentials: CredentialStore, account_lookup: AccountLookup) -> Handler:
    """The HTTP handler of the service, for every account.

    Args:
        core: settings and clock.
        credentials: the keys that requests may be signed with.
        account_lookup: the service of an account, by the account's id.
    """

    def rate() -> float | None:
        return core.settings.limits.api_calls_per_second

    def action(operation: FnfOperation[P]) -> Action:
        buckets: dict[str, TokenBucket] = {}

        async def act(credential: Credential, texts: Mapping[str, str]) -> Body:
            account = credential.principal.account_id
            if not buckets.setdefault(account, TokenBucket(rate)).try_take(core.clock.now()):
                raise CloudError("Throttling", f"{operation.name} is called too often.", 429)
            workflow = account_lookup(account)
            parameters = read_parameters(operation.parameters, texts)
            workflow.authorize(credential.principal, operation.name, parameters.flow(workflow))
            return await operation.run(workflow, parameters)

        return act

    return rpc(
        {operation.name: action(operation) for operation in OPERATIONS},
        credentials=credentials,
        version=VERSION,
        unknown_action=_not_supported,
    )


def _not_supported(action: str) -> CloudError:
    """Return the error, which has the service's code (docs 2590644)."""
    reason = UNSUPPORTED_ACTIONS.get(action, "there is no such action")
    return CloudError("ActionNotSupported", f"{action or 'a call without Action'}: {reason}.")
