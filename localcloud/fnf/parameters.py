"""What each action of the API 2019-03-15 takes (SDK 2.0.1), checked as it comes in."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_pascal

from localcloud.fnf.executions import Status
from localcloud.fnf.flows import FlowType
from localcloud.fnf.model import Workflow

Error = Annotated[str, StringConstraints(max_length=128)]
Cause = Annotated[str, StringConstraints(max_length=4_096)]

ANY_FLOW: Final = "*"


class ActionParameters(BaseModel):
    """Parameters of one action; the protocol's own travel beside them."""

    model_config = ConfigDict(alias_generator=to_pascal, extra="ignore", frozen=True)

    def flow(self, workflow: Workflow) -> str:  # noqa: ARG002 - some need it
        """Name of the flow that the call is about."""
        return ANY_FLOW


class _WithName(ActionParameters):
    name: str

    def flow(self, workflow: Workflow) -> str:  # noqa: ARG002 - as above
        return self.name


class _WithFlowName(ActionParameters):
    flow_name: str

    def flow(self, workflow: Workflow) -> str:  # noqa: ARG002 - as above
        return self.flow_name


class _WithToken(ActionParameters):
    task_token: str

    def flow(self, workflow: Workflow) -> str:
        return workflow.callbacks.read(self.task_token).flow


class CreateFlow(_WithName):
    definition: str
    description: str
    type: FlowType
    role_arn: str = ""
    # Express flows, environments and external storage are not part of the local cloud.
    execution_mode: Literal["", "Standard"] = ""
    environment: Literal[""] = ""
    external_storage_location: Literal[""] = ""


class UpdateFlow(_WithName):
    definition: str | None = None
    description: str | None = None
    role_arn: str | None = None
    type: FlowType | None = None
    environment: Literal[""] = ""


class NamedFlow(_WithName):
    pass


class ListFlows(ActionParameters):
    limit: int = Field(default=60, ge=1, le=999)
    next_token: str = ""


class StartExecution(_WithFlowName):
    execution_name: str = ""
    input: str = ""
    callback_token: str = Field(default="", alias="CallbackFnFTaskToken")


class StartSyncExecution(_WithFlowName):
    pass


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
