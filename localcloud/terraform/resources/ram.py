"""RAM: roles, custom policies, and attachments.

The order of calls, and so the required permissions, is that of the provider (source of 1.289.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import Field

from localcloud.clock import iso_time
from localcloud.errors import CloudError
from localcloud.terraform.arguments import Arguments
from localcloud.terraform.diagnostics import ArgumentError
from localcloud.terraform.resources.base import ResourceHandler
from localcloud.terraform.resources.tags import change_tags, observed_tags
from localcloud.terraform.session import Session
from localcloud.terraform.values import Object

_TAGGING: Final = ("ram:TagResources", "ram:UntagResources")
_ROTATE: Final = "DeleteOldestNonDefaultVersionWhenLimitExceeded"


def _role_arn(session: Session, name: str) -> str:
    return f"acs:ram::{session.account_id}:role/{name}"


def _policy_arn(session: Session, name: str) -> str:
    return f"acs:ram::{session.account_id}:policy/{name}"


class RoleArguments(Arguments):
    """Arguments of ``alicloud_ram_role``; ``name`` and ``document`` are older names."""

    role_name: str = ""
    name: str = ""
    assume_role_policy_document: str = ""
    document: str = ""
    description: str = ""
    max_session_duration: int = 3_600
    tags: dict[str, str] = Field(default={})
    force: bool = False

    @property
    def trust(self) -> str:
        """The trust policy, from either argument."""
        return self.assume_role_policy_document or self.document


class RoleHandler(ResourceHandler[RoleArguments]):
    """``alicloud_ram_role``."""

    arguments = RoleArguments
    # If only one of the two is set, the other gets the same value.
    volatile = frozenset({"assume_role_policy_document", "document"})

    async def create(self, session: Session, planned: RoleArguments) -> str:
        name = planned.role_name or planned.name
        if not name:
            raise ArgumentError("role_name", "A role needs a name.")
        if not planned.trust:
            raise ArgumentError("assume_role_policy_document", "A role needs a trust policy.")
        session.authorize("ram:CreateRole", _role_arn(session, name))
        session.account.ram.create_role(
            name,
            planned.trust,
            planned.description,
            session.now,
            max_session=planned.max_session_duration,
        )
        self._tag(session, name, {}, planned.tags)
        return name

    async def read(self, session: Session, id_: str, state: Object) -> Object | None:
        session.authorize("ram:GetRole", _role_arn(session, id_))
        role = session.account.ram.roles.get(id_)
        if role is None:
            return None
        session.authorize("ram:ListTagResources", _role_arn(session, id_))
        return {
            "id": role.name,
            "name": role.name,
            "role_name": role.name,
            "role_id": role.role_id,
            "arn": role.arn,
            "assume_role_policy_document": role.trust_text,
            "document": role.trust_text,
            "description": role.description,
            "create_time": iso_time(role.created_at),
            "max_session_duration": role.max_session,
            **observed_tags(role.tags, state),
        }

    async def update(
        self, session: Session, id_: str, prior: RoleArguments, planned: RoleArguments
    ) -> None:
        if planned.model_copy(update={"tags": prior.tags}) != prior:
            session.authorize("ram:UpdateRole", _role_arn(session, id_))
            session.account.ram.update_role(
                id_,
                trust_text=planned.trust,
                description=planned.description,
                max_session=planned.max_session_duration,
            )
        self._tag(session, id_, prior.tags, planned.tags)

    @staticmethod
    def _tag(
        session: Session, name: str, prior: Mapping[str, str], planned: Mapping[str, str]
    ) -> None:
        role, arn = session.account.ram.role(name), _role_arn(session, name)
        change_tags(session, role, arn, prior, planned, _TAGGING)

    async def delete(self, session: Session, id_: str, prior: RoleArguments) -> None:
        ram = session.account.ram
        if id_ not in ram.roles:
            return
        if prior.force:
            session.authorize("ram:ListPoliciesForRole", _role_arn(session, id_))
            for policy in list(ram.role(id_).policies):
                _detach(session, policy, id_)
        session.authorize("ram:DeleteRole", _role_arn(session, id_))
        ram.delete_role(id_)


class PolicyArguments(Arguments):
    """Arguments of ``alicloud_ram_policy``; ``name`` and ``document`` are older names."""

    policy_name: str = ""
    name: str = ""
    policy_document: str = ""
    document: str = ""
    description: str = ""
    rotate_strategy: str = "None"
    tags: dict[str, str] = Field(default={})
    force: bool = False

    @property
    def text(self) -> str:
        """The document, from either argument."""
        return self.policy_document or self.document


class PolicyHandler(ResourceHandler[PolicyArguments]):
    """``alicloud_ram_policy``."""

    arguments = PolicyArguments
    # If only one of the two documents is set, the other gets the same value.
    volatile = frozenset({"policy_document", "document", "default_version", "version_id"})

    async def create(self, session: Session, planned: PolicyArguments) -> str:
        name = planned.policy_name or planned.name
        if not name:
            raise ArgumentError("policy_name", "A policy needs a name.")
        if not planned.text:
            raise ArgumentError("policy_document", "A policy needs a document.")
        session.authorize("ram:CreatePolicy", _policy_arn(session, name))
        session.account.ram.create_policy(name, planned.text, planned.description, session.now)
        self._tag(session, name, {}, planned.tags)
        return name

    async def read(self, session: Session, id_: str, state: Object) -> Object | None:
        session.authorize("ram:GetPolicy", _policy_arn(session, id_))
        ram = session.account.ram
        policy = ram.policies.get(id_)
        if policy is None:
            return None
        session.authorize("ram:ListTagResources", _policy_arn(session, id_))
        return {
            "id": policy.name,
            "name": policy.name,
            "policy_name": policy.name,
            "policy_document": policy.text,
            "document": policy.text,
            "description": policy.description,
            "type": "Custom",
            "create_time": iso_time(policy.created_at),
            "default_version": f"v{policy.version}",
            "version_id": f"v{policy.version}",
            "attachment_count": ram.attachments(id_),
            **observed_tags(policy.tags, state),
        }

    async def update(
        self, session: Session, id_: str, prior: PolicyArguments, planned: PolicyArguments
    ) -> None:
        ram = session.account.ram
        if planned.text != ram.policy(id_).text:
            session.authorize("ram:CreatePolicyVersion", _policy_arn(session, id_))
            ram.create_policy_version(
                id_,
                planned.text,
                session.now,
                set_default=True,
                rotate=planned.rotate_strategy == _ROTATE,
            )
        if planned.description != prior.description:
            session.authorize("ram:UpdatePolicyDescription", _policy_arn(session, id_))
            ram.policy(id_).description = planned.description
        self._tag(session, id_, prior.tags, planned.tags)

    @staticmethod
    def _tag(
        session: Session, name: str, prior: Mapping[str, str], planned: Mapping[str, str]
    ) -> None:
        policy, arn = session.account.ram.policy(name), _policy_arn(session, name)
        change_tags(session, policy, arn, prior, planned, _TAGGING)

    async def delete(self, session: Session, id_: str, prior: PolicyArguments) -> None:
        ram, arn = session.account.ram, _policy_arn(session, id_)
        if id_ not in ram.policies:
            return
        if prior.force:
            session.authorize("ram:ListEntitiesForPolicy", arn)
            for role in ram.roles.values():
                if id_ in role.policies:
                    _detach(session, id_, role.name)
            for user in ram.users.values():
                if id_ in user.policies:
                    session.authorize("ram:DetachPolicyFromUser", arn)
                    session.authorize("ram:DetachPolicyFromUser", user.arn)
                    ram.detach_from_user(id_, user.name)
        # Deletes all of its versions in one call (CascadingDelete).
        session.authorize("ram:DeletePolicy", arn)
        ram.delete_policy(id_, with_versions=True)


def _detach(session: Session, policy: str, role: str) -> None:
    session.authorize("ram:DetachPolicyFromRole", _policy_arn(session, policy))
    session.authorize("ram:DetachPolicyFromRole", _role_arn(session, role))
    session.account.ram.detach(policy, role)


class AttachmentArguments(Arguments):
    """Arguments of ``alicloud_ram_role_policy_attachment``."""

    policy_name: str
    policy_type: str
    role_name: str


class AttachmentHandler(ResourceHandler[AttachmentArguments]):
    """``alicloud_ram_role_policy_attachment``. Its id is ``role:POLICY:TYPE:ROLE``."""

    arguments = AttachmentArguments

    async def create(self, session: Session, planned: AttachmentArguments) -> str:
        if planned.policy_type != "Custom":
            raise ArgumentError("policy_type", "The local cloud has no system policies.")
        session.authorize("ram:AttachPolicyToRole", _policy_arn(session, planned.policy_name))
        session.authorize("ram:AttachPolicyToRole", _role_arn(session, planned.role_name))
        session.account.ram.attach(planned.policy_name, planned.role_name)
        return f"role:{planned.policy_name}:{planned.policy_type}:{planned.role_name}"

    async def read(self, session: Session, id_: str, state: Object) -> Object | None:
        kind, policy, policy_type, role_name = _parts(id_)
        session.authorize("ram:ListPoliciesForRole", _role_arn(session, role_name))
        role = session.account.ram.roles.get(role_name)
        if kind != "role" or role is None or policy not in role.policies:
            return None
        return {
            "id": id_,
            "policy_name": policy,
            "policy_type": policy_type,
            "role_name": role_name,
        }

    async def delete(self, session: Session, id_: str, prior: AttachmentArguments) -> None:
        role = session.account.ram.roles.get(prior.role_name)
        if role is not None and prior.policy_name in role.policies:
            _detach(session, prior.policy_name, prior.role_name)


def _parts(id_: str) -> tuple[str, str, str, str]:
    try:
        kind, policy, policy_type, role = id_.split(":")
    except ValueError:
        raise CloudError(
            "InvalidId", f"{id_!r} is not an attachment: its id is role:POLICY:TYPE:ROLE."
        ) from None
    return kind, policy, policy_type, role
