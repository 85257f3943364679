"""The operations of the API 2019-03-15, with their parameters and responses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

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
)
from localcloud.fnf.views import Body, event_view, execution_view, flow_view, metadata_view

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
