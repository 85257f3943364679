"""RAM's API, version 2015-05-01: roles, policies, users, as far as a deployment needs them.

Names of actions, parameters and answers: RAM's API reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_pascal

from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.http import Handler
from localcloud.ram.credentials import Credential, CredentialStore
from localcloud.ram.entities import Policy, PolicyVersion, Role, User
from localcloud.ram.model import Ram
from localcloud.rpc import Action, rpc

VERSION: Final = "2015-05-01"
AccountLookup: TypeAlias = Callable[[str], Ram]
Answer: TypeAlias = Mapping[str, object]


class Parameters(BaseModel):
    """Parameters of an action; the protocol's own travel beside them."""

    model_config = ConfigDict(alias_generator=to_pascal, extra="ignore", frozen=True)

    @property
    def resources(self) -> tuple[str, ...]:
        """The resources of the call, as the last part of each ARN."""
        return ("*",)


class RoleName(Parameters):
    role_name: str

    @property
    def resources(self) -> tuple[str, ...]:
        return (f"role/{self.role_name}",)


class CreateRole(RoleName):
    assume_role_policy_document: str
    description: str = ""
    max_session_duration: int = 3600


class UpdateRole(RoleName):
    new_assume_role_policy_document: str | None = None
    new_description: str | None = None
    new_max_session_duration: int | None = None


class PolicyName(Parameters):
    policy_name: str
    policy_type: Literal["Custom"] = "Custom"  # the local cloud has no system policies

    @property
    def resources(self) -> tuple[str, ...]:
        return (f"policy/{self.policy_name}",)


class CreatePolicy(PolicyName):
    policy_document: str
    description: str = ""


class CreatePolicyVersion(PolicyName):
    policy_document: str
    set_as_default: bool = False
    rotate_strategy: str = "None"


class OnePolicyVersion(PolicyName):
    version_id: str = Field(pattern=r"^v[0-9]{1,9}$")

    @property
    def number(self) -> int:
        return int(self.version_id[1:])


class RolePolicyName(PolicyName):
    role_name: str

    @property
    def resources(self) -> tuple[str, ...]:
        return (*super().resources, f"role/{self.role_name}")


class UserName(Parameters):
    user_name: str

    @property
    def resources(self) -> tuple[str, ...]:
        return (f"user/{self.user_name}",)


class UserPolicyName(PolicyName):
    user_name: str

    @property
    def resources(self) -> tuple[str, ...]:
        return (*super().resources, f"user/{self.user_name}")


P = TypeVar("P", bound=Parameters)


class _Api:
    """Answers the actions on one account; ``now`` is cloud time."""

    def __init__(self, ram: Ram, now: float) -> None:
        self._ram = ram
        self._now = now

    def create_role(self, given: CreateRole) -> Answer:
        role = self._ram.create_role(
            given.role_name,
            given.assume_role_policy_document,
            given.description,
            self._now,
            max_session=given.max_session_duration,
        )
        return {"Role": _role(role)}

    def get_role(self, given: RoleName) -> Answer:
        return {"Role": _role(self._ram.role(given.role_name))}

    def update_role(self, given: UpdateRole) -> Answer:
        role = self._ram.update_role(
            given.role_name,
            trust_text=given.new_assume_role_policy_document,
            description=given.new_description,
            max_session=given.new_max_session_duration,
        )
        return {"Role": _role(role)}

    def delete_role(self, given: RoleName) -> Answer:
        self._ram.delete_role(given.role_name)
        return {}

    def list_roles(self, _given: Parameters) -> Answer:
        roles = [_role(role) for role in self._ram.roles.values()]
        return {"IsTruncated": False, "Roles": {"Role": roles}}

    def create_policy(self, given: CreatePolicy) -> Answer:
        policy = self._ram.create_policy(
            given.policy_name, given.policy_document, given.description, self._now
        )
        return {"Policy": _policy(policy)}

    def get_policy(self, given: PolicyName) -> Answer:
        policy = self._ram.policy(given.policy_name)
        return {
            "Policy": {
                **_policy(policy),
                "AttachmentCount": self._ram.attachments(policy.name),
            },
            "DefaultPolicyVersion": _version(policy, policy.default),
        }

    def create_policy_version(self, given: CreatePolicyVersion) -> Answer:
        version = self._ram.create_policy_version(
            given.policy_name,
            given.policy_document,
            self._now,
            set_default=given.set_as_default,
            rotate=given.rotate_strategy == "DeleteOldestNonDefaultVersionWhenLimitExceeded",
        )
        return {"PolicyVersion": _version(self._ram.policy(given.policy_name), version)}

    def list_policy_versions(self, given: PolicyName) -> Answer:
        policy = self._ram.policy(given.policy_name)
        versions = [_version(policy, version) for version in policy.versions]
        return {"PolicyVersions": {"PolicyVersion": versions}}

    def delete_policy_version(self, given: OnePolicyVersion) -> Answer:
        self._ram.delete_policy_version(given.policy_name, given.number)
        return {}

    def delete_policy(self, given: PolicyName) -> Answer:
        self._ram.delete_policy(given.policy_name)
        return {}

    def attach_policy_to_role(self, given: RolePolicyName) -> Answer:
        self._ram.attach(given.policy_name, given.role_name)
        return {}

    def detach_policy_from_role(self, given: RolePolicyName) -> Answer:
        self._ram.detach(given.policy_name, given.role_name)
        return {}

    def list_policies_for_role(self, given: RoleName) -> Answer:
        names = self._ram.role(given.role_name).policies
        policies = [_policy(self._ram.policy(name)) for name in names]
        return {"Policies": {"Policy": policies}}

    def create_user(self, given: UserName) -> Answer:
        return {"User": _user(self._ram.create_user(given.user_name, self._now))}

    def get_user(self, given: UserName) -> Answer:
        return {"User": _user(self._ram.user(given.user_name))}

    def delete_user(self, given: UserName) -> Answer:
        self._ram.delete_user(given.user_name)
        return {}

    def create_access_key(self, given: UserName) -> Answer:
        key = self._ram.create_access_key(given.user_name)
        return {
            "AccessKey": {
                "AccessKeyId": key.access_key_id,
                "AccessKeySecret": key.secret,
                "Status": "Active",
            }
        }

    def attach_policy_to_user(self, given: UserPolicyName) -> Answer:
        self._ram.attach_to_user(given.policy_name, given.user_name)
        return {}

    def detach_policy_from_user(self, given: UserPolicyName) -> Answer:
        self._ram.detach_from_user(given.policy_name, given.user_name)
        return {}


def ram_handler(core: Core, credentials: CredentialStore, account_lookup: AccountLookup) -> Handler:
    """The HTTP handler of RAM, for every account.

    Args:
        core: its clock dates what is made.
        credentials: whose signatures count.
        account_lookup: RAM of an account, by the account's id.
    """

    def action(name: str, kind: type[P], answer: Callable[[_Api, P], Answer]) -> tuple[str, Action]:
        async def act(credential: Credential, given: Mapping[str, str]) -> Answer:
            parameters = _parse(kind, given)
            principal = credential.principal
            ram = account_lookup(principal.account_id)
            for resource in parameters.resources:
                arn = f"acs:ram::{principal.account_id}:{resource}"
                ram.authorize(principal, f"ram:{name}", arn)
            answered = answer(_Api(ram, core.clock.now()), parameters)
            if not name.startswith(("Get", "List")):
                core.journal.touch("ram", principal.account_id)
            return answered

        return name, act

    actions = (
        action("CreateRole", CreateRole, _Api.create_role),
        action("GetRole", RoleName, _Api.get_role),
        action("UpdateRole", UpdateRole, _Api.update_role),
        action("DeleteRole", RoleName, _Api.delete_role),
        action("ListRoles", Parameters, _Api.list_roles),
        action("CreatePolicy", CreatePolicy, _Api.create_policy),
        action("GetPolicy", PolicyName, _Api.get_policy),
        action("CreatePolicyVersion", CreatePolicyVersion, _Api.create_policy_version),
        action("ListPolicyVersions", PolicyName, _Api.list_policy_versions),
        action("DeletePolicyVersion", OnePolicyVersion, _Api.delete_policy_version),
        action("DeletePolicy", PolicyName, _Api.delete_policy),
        action("AttachPolicyToRole", RolePolicyName, _Api.attach_policy_to_role),
        action("DetachPolicyFromRole", RolePolicyName, _Api.detach_policy_from_role),
        action("ListPoliciesForRole", RoleName, _Api.list_policies_for_role),
        action("CreateUser", UserName, _Api.create_user),
        action("GetUser", UserName, _Api.get_user),
        action("DeleteUser", UserName, _Api.delete_user),
        action("CreateAccessKey", UserName, _Api.create_access_key),
        action("AttachPolicyToUser", UserPolicyName, _Api.attach_policy_to_user),
        action("DetachPolicyFromUser", UserPolicyName, _Api.detach_policy_from_user),
    )
    return rpc(dict(actions), credentials=credentials, version=VERSION)


def _parse(kind: type[P], given: Mapping[str, str]) -> P:
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        fault = error.errors()[0]
        name = ".".join(map(str, fault["loc"]))
        raise CloudError(f"InvalidParameter.{name}", f"{name}: {fault['msg']}") from error


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _role(role: Role) -> Answer:
    return {
        "RoleId": role.role_id,
        "RoleName": role.name,
        "Arn": role.arn,
        "Description": role.description,
        "AssumeRolePolicyDocument": role.trust_text,
        "MaxSessionDuration": role.max_session,
        "CreateDate": _moment(role.created_at),
    }


def _policy(policy: Policy) -> Answer:
    return {
        "PolicyName": policy.name,
        "PolicyType": "Custom",
        "Description": policy.description,
        "DefaultVersion": f"v{policy.version}",
        "CreateDate": _moment(policy.created_at),
    }


def _version(policy: Policy, version: PolicyVersion) -> Answer:
    return {
        "VersionId": f"v{version.number}",
        "IsDefaultVersion": version.number == policy.version,
        "PolicyDocument": version.text,
        "CreateDate": _moment(version.created_at),
    }


def _user(user: User) -> Answer:
    return {
        "UserId": user.user_id,
        "UserName": user.name,
        "CreateDate": _moment(user.created_at),
    }
