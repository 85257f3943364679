"""The JSON of flows, executions and events in the API 2019-03-15."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeAlias

from localcloud.fnf.executions import Execution
from localcloud.fnf.flows import DeployedFlow
from localcloud.fnf.history import Event

Body: TypeAlias = dict[str, object]


def flow_view(flow: DeployedFlow) -> Body:
    """Return a flow's JSON."""
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


def metadata_view(execution: Execution) -> Body:
    """Return an execution's JSON without definition, input and output."""
    return {
        "FlowName": execution.flow,
        "Name": execution.name,
        "Status": execution.status,
        "StartedTime": _time(execution.started_at),
        "StoppedTime": "" if execution.stopped_at is None else _time(execution.stopped_at),
    }


def execution_view(execution: Execution) -> Body:
    """Return an execution's JSON."""
    return {
        **metadata_view(execution),
        "FlowDefinition": execution.definition,
        "Input": execution.input,
        "Output": execution.output,
    }


def event_view(event: Event) -> Body:
    """Return an event's JSON."""
    return {
        "StepName": event.step,
        "Type": event.type,
        "EventId": event.id,
        "ScheduleEventId": event.cause,
        "EventDetail": event.detail,
        "Time": _time(event.time),
    }


def _time(seconds: float) -> str:
    """Format a timestamp such as ``2020-10-27T22:17:52.413Z``."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
