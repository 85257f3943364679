"""The validated parameters of each action of the API 2019-03-15 (SDK 2.0.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, TypeVar

from pydantic import (
    AwareDatetime,
    Field,
    StringConstraints,
    ValidationError,
)

from localcloud.errors import CloudError
from localcloud.fnf.documents import describe
from localcloud.fnf.executions import Status
from localcloud.fnf.flows import FlowType
from localcloud.fnf.model import Workflow
from localcloud.fnf.unsupported import UNSUPPORTED_PARAMETERS
from localcloud.rpc import PROTOCOL_PARAMETERS
from localcloud.rpc_operations import RpcParameters

Error = Annotated[str, StringConstraints(max_length=128)]
Cause = Annotated[str, StringConstraints(max_length=4_096)]

ANY_FLOW: Final = "*"
P = TypeVar("P", bound="ActionParameters")


class ActionParameters(RpcParameters):
    """The parameters of an action of Serverless Workflow."""

    def flow(self, workflow: Workflow) -> str:  # noqa: ARG002 - some need it
        """Return the name of the flow that the request concerns."""
        return ANY_FLOW


class _WithName(ActionParameters):
    name: str

    def flow(self, workflow: Workflow) -> str:  # noqa: ARG002 - other actions need it
        return self.name


class _WithFlowName(ActionParameters):
    flow_name: str

    def flow(self, workflow: Workflow) -> str:  # noqa: ARG002 - other actions need it
        return self.flow_name


class _WithToken(ActionParameters):
    task_token: str

    def flow(self, workflow: Workflow) -> str:
        return workflow.callbacks.read(self.task_token).flow


def read_parameters(kind: type[P], texts: Mapping[str, str]) -> P:
    """Parse an action's parameters.

    Raises:
        CloudError: ``MissingRequiredParams``, ``InvalidArgument``, also for unsupported parameters
            unless they are empty.
    """
    own = {name: value for name, value in texts.items() if name not in PROTOCOL_PARAMETERS}
    for name, reason in UNSUPPORTED_PARAMETERS.items():
        if own.pop(name, ""):
            raise CloudError("InvalidArgument", f"{name}: {reason}.")
    try:
        return kind.model_validate(own)
    except ValidationError as error:
        missing = any(fault["type"] == "missing" for fault in error.errors())
        code = "MissingRequiredParams" if missing else "InvalidArgument"
        raise CloudError(code, describe(error)) from error


class CreateFlow(_WithName):
    definition: str
    description: str
    type: FlowType
    role_arn: str = ""
    execution_mode: Literal["", "Standard"] = ""  # Express flows are not supported


class UpdateFlow(_WithName):
    definition: str | None = None
    description: str | None = None
    role_arn: str | None = None
    type: FlowType | None = None


class NamedFlow(_WithName):
    pass


class ListFlows(ActionParameters):
    limit: int = Field(default=60, ge=1, le=999)
    next_token: str = ""


class StartExecution(_WithFlowName):
    execution_name: str = ""
    input: str = ""
    callback_token: str = Field(default="", alias="CallbackFnFTaskToken")


class DescribeRegions(ActionParameters):
    accept_language: str = ""


class NamedExecution(_WithFlowName):
    execution_name: str


class DescribeExecution(NamedExecution):
    wait_time_seconds: int = Field(default=0, ge=0, le=60)


class StopExecution(NamedExecution):
    error: Error = ""
    cause: Cause = ""


class ListExecutions(_WithFlowName):
    execution_name_prefix: str = ""
    status: Status | None = None
    started_time_begin: AwareDatetime | None = None
    started_time_end: AwareDatetime | None = None
    limit: int = Field(default=60, ge=1, le=99)
    next_token: str = ""
    metadata_only: bool = False


class GetExecutionHistory(NamedExecution):
    limit: int = Field(default=60, ge=1, le=999)
    next_token: str = ""


class ReportTaskSucceeded(_WithToken):
    output: str


class ReportTaskFailed(_WithToken):
    error: Error = Field(min_length=1)
    cause: Cause = ""
