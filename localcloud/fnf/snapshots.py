"""The flows and executions of an account as data, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from pydantic import TypeAdapter

from fdl.tree import Json
from localcloud.fnf.executions import Execution, Status
from localcloud.fnf.failures import RESTARTED
from localcloud.fnf.flows import DeployedFlow, Flows, FlowType
from localcloud.fnf.history import History, HistoryState


@dataclass
class ExecutionState:
    """An execution as data."""

    name: str
    definition: int  # index into the flow's texts, which its executions share
    input: str
    role_arn: str
    started_at: float
    status: Status
    stopped_at: float | None
    output: str
    error: str
    cause: str
    history: HistoryState


@dataclass
class FlowState:
    """A flow as data."""

    id: str
    name: str
    type: FlowType
    definition: str
    description: str
    role_arn: str
    created_at: float
    modified_at: float
    definitions: list[str]
    executions: list[ExecutionState]


_STATE: Final = TypeAdapter(list[FlowState])


def dump(flows: Flows) -> Json:
    """All flows and their executions, as data for JSON."""
    return cast("Json", _STATE.dump_python([_dump_flow(flow) for flow in flows], mode="json"))


def load(flows: Flows, data: Json, *, history: Callable[[], History], now: float) -> None:
    """Puts dumped flows and executions in place. Those that ran have failed now.

    Args:
        flows: where they go.
        data: what :func:`dump` returned.
        history: makes an empty history.
        now: cloud time in seconds.

    Raises:
        pydantic.ValidationError: the data was not made by :func:`dump`.
    """
    for state in _STATE.validate_python(data):
        flow = DeployedFlow(
            id=state.id,
            name=state.name,
            type=state.type,
            definition=state.definition,
            description=state.description,
            role_arn=state.role_arn,
            created_at=state.created_at,
            modified_at=state.modified_at,
        )
        for kept in state.executions:
            execution = _load_execution(state, kept, history())
            flow.executions[execution.name] = execution
            if not execution.ended:
                execution.fail(
                    "Failed",
                    RESTARTED,
                    "the local cloud was restarted while this execution ran, and does not take it"
                    " up again: start it anew",
                    now,
                )
        flows.add(flow)


def _dump_flow(flow: DeployedFlow) -> FlowState:
    definitions = list(dict.fromkeys(e.definition for e in flow.executions.values()))
    return FlowState(
        id=flow.id,
        name=flow.name,
        type=flow.type,
        definition=flow.definition,
        description=flow.description,
        role_arn=flow.role_arn,
        created_at=flow.created_at,
        modified_at=flow.modified_at,
        definitions=definitions,
        executions=[
            ExecutionState(
                name=execution.name,
                definition=definitions.index(execution.definition),
                input=execution.input,
                role_arn=execution.role_arn,
                started_at=execution.started_at,
                status=execution.status,
                stopped_at=execution.stopped_at,
                output=execution.output,
                error=execution.error,
                cause=execution.cause,
                history=execution.history.dump(),
            )
            for execution in flow.executions.values()
        ],
    )


def _load_execution(flow: FlowState, state: ExecutionState, history: History) -> Execution:
    history.load(state.history)
    return Execution(
        flow=flow.name,
        name=state.name,
        definition=flow.definitions[state.definition],
        input=state.input,
        role_arn=state.role_arn,
        started_at=state.started_at,
        history=history,
        status=state.status,
        stopped_at=state.stopped_at,
        output=state.output,
        error=state.error,
        cause=state.cause,
    )
