"""Serverless Workflow: flows."""

from __future__ import annotations

from typing import Final, Literal

from localcloud.clock import iso_time
from localcloud.terraform.arguments import Arguments
from localcloud.terraform.resources.base import ResourceHandler
from localcloud.terraform.session import Session
from localcloud.terraform.values import Object

SERVICE_HOST: Final = "fnf.aliyuncs.com"


class FlowArguments(Arguments):
    """Arguments of ``alicloud_fnf_flow``."""

    name: str
    type: Literal["FDL", "DEFAULT"]
    definition: str
    description: str
    role_arn: str = ""


class FlowHandler(ResourceHandler[FlowArguments]):
    """``alicloud_fnf_flow``."""

    arguments = FlowArguments
    volatile = frozenset({"last_modified_time"})

    async def create(self, session: Session, planned: FlowArguments) -> str:
        # The docs grant CreateFlow on flow/*, whatever the name.
        session.account.fnf.authorize(session.principal, "CreateFlow", "*")
        if planned.role_arn:
            session.pass_role(planned.role_arn, SERVICE_HOST)
        session.account.fnf.flows.create(
            planned.name,
            planned.definition,
            description=planned.description,
            role_arn=planned.role_arn,
            type=planned.type,
        )
        return planned.name

    async def read(self, session: Session, id_: str, state: Object) -> Object | None:
        session.account.fnf.authorize(session.principal, "DescribeFlow", id_)
        flow = next((flow for flow in session.account.fnf.flows if flow.name == id_), None)
        if flow is None:
            return None
        return {
            "id": flow.name,
            "name": flow.name,
            "flow_id": flow.id,
            "type": flow.type,
            "definition": flow.definition,
            "description": flow.description,
            "role_arn": flow.role_arn,
            "last_modified_time": iso_time(flow.modified_at),
        }

    async def update(
        self, session: Session, id_: str, prior: FlowArguments, planned: FlowArguments
    ) -> None:
        session.account.fnf.authorize(session.principal, "UpdateFlow", id_)
        if planned.role_arn:
            session.pass_role(planned.role_arn, SERVICE_HOST)
        session.account.fnf.flows.update(
            id_,
            definition=planned.definition,
            description=planned.description,
            role_arn=planned.role_arn,
            type=planned.type,
        )

    async def delete(self, session: Session, id_: str, prior: FlowArguments) -> None:
        session.account.fnf.authorize(session.principal, "DeleteFlow", id_)
        if any(flow.name == id_ for flow in session.account.fnf.flows):
            session.account.fnf.delete_flow(id_)
