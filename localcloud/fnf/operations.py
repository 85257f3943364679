"""Every operation of the API 2019-03-15: its parameters and its answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
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
from localcloud.fnf.views import Answer, event_view, execution_view, flow_view, metadata_view
from localcloud.operation_row import OperationRow

P = TypeVar("P", bound=ActionParameters)


@dataclass(frozen=True)
class FnfOperation(Generic[P]):
    """One operation.

    Attributes:
        name: as the API spells it; RAM is asked for ``fnf:`` and this name.
        parameters: what it takes.
        answer: carries it out.
    """

    name: str
    parameters: type[P]
    answer: Callable[[Workflow, P], Awaitable[Answer]]


async def _create_flow(workflow: Workflow, given: CreateFlow) -> Answer:
    flow = workflow.flows.create(
        given.name,
        given.definition,
        description=given.description,
        role_arn=given.role_arn,
        type=given.type,
    )
    return flow_view(flow)


async def _update_flow(workflow: Workflow, given: UpdateFlow) -> Answer:
    flow = workflow.flows.update(
        given.name,
        definition=given.definition,
        description=given.description,
        role_arn=given.role_arn,
        type=given.type,
    )
    return flow_view(flow)


async def _describe_flow(workflow: Workflow, given: NamedFlow) -> Answer:
    return flow_view(workflow.flows.find(given.name))


async def _delete_flow(workflow: Workflow, given: NamedFlow) -> Answer:
    workflow.delete_flow(given.name)
    return {}


async def _list_flows(workflow: Workflow, given: ListFlows) -> Answer:
    page = workflow.list_flows(limit=given.limit, token=given.next_token)
    return {"Flows": [flow_view(flow) for flow in page.items], **_next(page.next_token)}


async def _start_execution(workflow: Workflow, given: StartExecution) -> Answer:
    execution = workflow.start_execution(
        given.flow_name,
        name=given.execution_name,
        input=given.input,
        callback_token=given.callback_token,
    )
    # Right after the start there is no status yet (seen in post-execution-actions).
    return {**execution_view(execution), "Status": ""}


async def _describe_execution(workflow: Workflow, given: DescribeExecution) -> Answer:
    execution = await workflow.describe_execution(
        given.flow_name, given.execution_name, wait_seconds=given.wait_time_seconds
    )
    return execution_view(execution)


async def _stop_execution(workflow: Workflow, given: StopExecution) -> Answer:
    # The answer is the execution as it was before (seen in post-execution-actions).
    execution = workflow.execution(given.flow_name, given.execution_name)
    role = {"RoleArn": execution.role_arn} if execution.role_arn else {}
    before = {**execution_view(execution), **role}
    await workflow.stop_execution(
        given.flow_name, given.execution_name, error=given.error, cause=given.cause
    )
    return before


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
    show = metadata_view if given.metadata_only else execution_view
    return {"Executions": [show(execution) for execution in page.items], **_next(page.next_token)}


async def _get_execution_history(workflow: Workflow, given: GetExecutionHistory) -> Answer:
    page = workflow.history(
        given.flow_name, given.execution_name, limit=given.limit, token=given.next_token
    )
    return {"Events": [event_view(event) for event in page.items], **_next(page.next_token)}


async def _report_task_succeeded(workflow: Workflow, given: ReportTaskSucceeded) -> Answer:
    return {"EventId": workflow.report_task_succeeded(given.task_token, given.output)}


async def _report_task_failed(workflow: Workflow, given: ReportTaskFailed) -> Answer:
    return {"EventId": workflow.report_task_failed(given.task_token, given.error, given.cause)}


async def _describe_regions(workflow: Workflow, _given: DescribeRegions) -> Answer:
    region = {
        "RegionId": workflow.region,
        "RegionEndpoint": f"{workflow.region}.fnf.aliyuncs.com",
        "LocalName": workflow.region,
    }
    return {"Regions": {"Region": [region]}}


def _next(token: str) -> Answer:
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


def operation_rows() -> Iterator[OperationRow]:
    """Every operation, as a document lists it."""
    for operation in OPERATIONS:
        yield OperationRow(operation.name, f"Action={operation.name}", operation.parameters.names())
