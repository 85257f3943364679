"""Converts flows and executions to records and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

from localcloud.fnf.documents import parse_object
from localcloud.fnf.executions import Execution, Status, TaskReport
from localcloud.fnf.flows import DeployedFlow, FlowState
from localcloud.fnf.history import EventHistory


@dataclass
class ExecutionState:
    """An execution as data, without its history."""

    flow: str
    name: str
    definition: str
    input: str
    role_arn: str
    started_at: float
    depth: int
    callback_token: str
    status: Status
    stopped_at: float | None
    output: str
    error: str
    cause: str
    children: dict[int, tuple[str, str]]
    reports: dict[int, TaskReport]


_FLOW: Final = TypeAdapter(FlowState)
_EXECUTION: Final = TypeAdapter(ExecutionState)


def dump_flow(flow: DeployedFlow) -> bytes:
    """Return a flow as JSON, without its executions."""
    return _FLOW.dump_json(flow)


def load_flow(text: bytes) -> DeployedFlow:
    """Load what :func:`dump_flow` returned; raise ``pydantic.ValidationError`` if invalid."""
    return DeployedFlow(**vars(_FLOW.validate_json(text)))


def dump_execution(execution: Execution) -> bytes:
    """Return an execution as JSON, without its history."""
    return _EXECUTION.dump_json(
        ExecutionState(
            flow=execution.flow,
            name=execution.name,
            definition=execution.definition,
            input=execution.input,
            role_arn=execution.role_arn,
            started_at=execution.started_at,
            depth=execution.depth,
            callback_token=execution.callback_token,
            status=execution.status,
            stopped_at=execution.stopped_at,
            output=execution.output,
            error=execution.error,
            cause=execution.cause,
            children=execution.children,
            reports=execution.reports,
        )
    )


def load_execution(text: bytes, history: Callable[[str, str], EventHistory]) -> Execution:
    """Load what :func:`dump_execution` returned; raise ``pydantic.ValidationError`` if invalid.

    Args:
        text: the JSON.
        history: makes an empty history, given a flow and an execution.
    """
    state = _EXECUTION.validate_json(text)
    return Execution(
        flow=state.flow,
        name=state.name,
        definition=state.definition,
        input=state.input,
        role_arn=state.role_arn,
        started_at=state.started_at,
        history=history(state.flow, state.name),
        depth=state.depth,
        callback_token=state.callback_token,
        status=state.status,
        stopped_at=state.stopped_at,
        output=state.output,
        error=state.error,
        cause=state.cause,
        children=state.children,
        reports=state.reports,
        result=parse_object(state.output) if state.status == "Succeeded" else {},
    )
