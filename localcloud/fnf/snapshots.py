"""Converts flows and executions to records and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Final

from pydantic import TypeAdapter

from localcloud.fnf.documents import parse_object
from localcloud.fnf.executions import Execution, ExecutionState
from localcloud.fnf.flows import DeployedFlow, FlowState
from localcloud.fnf.history import EventHistory

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
    return _EXECUTION.dump_json(execution)


def load_execution(text: bytes, history: Callable[[str, str], EventHistory]) -> Execution:
    """Load what :func:`dump_execution` returned; raise ``pydantic.ValidationError`` if invalid.

    Args:
        text: the JSON.
        history: makes an empty history, given a flow and an execution.
    """
    state = _EXECUTION.validate_json(text)
    saved = {field.name: getattr(state, field.name) for field in fields(ExecutionState)}
    return Execution(
        **saved,
        history=history(state.flow, state.name),
        result=parse_object(state.output) if state.status == "Succeeded" else {},
    )
