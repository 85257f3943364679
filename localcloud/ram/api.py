"""RAM's API, version 2015-05-01: the roles, policies and users that a deployment needs.

Names of actions, parameters and response fields are from RAM's API reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from localcloud.clock import iso_time
from localcloud.core import Core
from localcloud.http import Handler
from localcloud.ram.credentials import CredentialStore, Principal
from localcloud.ram.entities import Policy, PolicyVersion, Role, User
from localcloud.ram.model import Ram, RamLookup
from localcloud.ram.parameters import (
    CreatePolicy,
    CreatePolicyVersion,
    CreateRole,
    DeletePolicy,
    ListPage,
    ListTagResources,
    OnePolicyVersion,
    PolicyName,
    RamParameters,
    RoleName,
    RolePolicyName,
    TagResources,
    UntagResources,
    UpdateRole,
    UserName,
    UserPolicyName,
)
from localcloud.rpc_operations import RpcOperation, RpcParameters, RpcResponse, serve_operations

VERSION: Final = "2015-05-01"


@dataclass(frozen=True)
class RamCall:
    """The context of a request: the account's RAM, and cloud time."""

    ram: Ram
    now: float


def _create_role(call: RamCall, parameters: CreateRole) -> RpcResponse:
    role = call.ram.create_role(
        parameters.role_name,
        parameters.assume_role_policy_document,
        parameters.description,
        call.now,
        max_session=parameters.max_session_duration,
    )
    role.tags = parameters.tags
    return {"Role": _role(role)}


def _get_role(call: RamCall, parameters: RoleName) -> RpcResponse:
    return {"Role": _role(call.ram.role(parameters.role_name))}


def _update_role(call: RamCall, parameters: UpdateRole) -> RpcResponse:
    role = call.ram.update_role(
        parameters.role_name,
        trust_text=parameters.new_assume_role_policy_document,
        description=parameters.new_description,
        max_session=parameters.new_max_session_duration,
    )
    return {"Role": _role(role)}


def _delete_role(call: RamCall, parameters: RoleName) -> RpcResponse:
    call.ram.delete_role(parameters.role_name)
    return {}


def _list_roles(call: RamCall, _given: ListPage) -> RpcResponse:
    roles = [_role(role) for role in call.ram.roles.values()]
    return {"IsTruncated": False, "Roles": {"Role": roles}}


def _create_policy(call: RamCall, parameters: CreatePolicy) -> RpcResponse:
    policy = call.ram.create_policy(
        parameters.policy_name, parameters.policy_document, parameters.description, call.now
    )
    policy.tags = parameters.tags
    return {"Policy": _policy(policy)}


def _get_policy(call: RamCall, parameters: PolicyName) -> RpcResponse:
    policy = call.ram.policy(parameters.policy_name)
    return {
        "Policy": {
            **_policy(policy),
            "AttachmentCount": call.ram.attachments(policy.name),
        },
        "DefaultPolicyVersion": _version(policy, policy.default),
    }


def _create_policy_version(call: RamCall, parameters: CreatePolicyVersion) -> RpcResponse:
    version = call.ram.create_policy_version(
        parameters.policy_name,
        parameters.policy_document,
        call.now,
        set_default=parameters.set_as_default,
        rotate=parameters.rotate_strategy == "DeleteOldestNonDefaultVersionWhenLimitExceeded",
    )
    return {"PolicyVersion": _version(call.ram.policy(parameters.policy_name), version)}


def _list_policy_versions(call: RamCall, parameters: PolicyName) -> RpcResponse:
    policy = call.ram.policy(parameters.policy_name)
    versions = [_version(policy, version) for version in policy.versions]
    return {"PolicyVersions": {"PolicyVersion": versions}}


def _delete_policy_version(call: RamCall, parameters: OnePolicyVersion) -> RpcResponse:
    call.ram.delete_policy_version(parameters.policy_name, parameters.number)
    return {}


def _delete_policy(call: RamCall, parameters: DeletePolicy) -> RpcResponse:
    call.ram.delete_policy(parameters.policy_name, with_versions=parameters.cascading_delete)
    return {}


def _attach_policy_to_role(call: RamCall, parameters: RolePolicyName) -> RpcResponse:
    call.ram.attach(parameters.policy_name, parameters.role_name)
    return {}


def _detach_policy_from_role(call: RamCall, parameters: RolePolicyName) -> RpcResponse:
    call.ram.detach(parameters.policy_name, parameters.role_name)
    return {}


def _list_policies_for_role(call: RamCall, parameters: RoleName) -> RpcResponse:
    names = call.ram.role(parameters.role_name).policies
    policies = [_policy(call.ram.policy(name)) for name in names]
    return {"Policies": {"Policy": policies}}


def _create_user(call: RamCall, parameters: UserName) -> RpcResponse:
    return {"User": _user(call.ram.create_user(parameters.user_name, call.now))}


def _get_user(call: RamCall, parameters: UserName) -> RpcResponse:
    return {"User": _user(call.ram.user(parameters.user_name))}


def _delete_user(call: RamCall, parameters: UserName) -> RpcResponse:
    call.ram.delete_user(parameters.user_name)
    return {}


def _create_access_key(call: RamCall, parameters: UserName) -> RpcResponse:
    key = call.ram.create_access_key(parameters.user_name)
    return {
        "AccessKey": {
            "AccessKeyId": key.access_key_id,
            "AccessKeySecret": key.secret,
            "Status": "Active",
        }
    }


def _attach_policy_to_user(call: RamCall, parameters: UserPolicyName) -> RpcResponse:
    call.ram.attach_to_user(parameters.policy_name, parameters.user_name)
    return {}


def _detach_policy_from_user(call: RamCall, parameters: UserPolicyName) -> RpcResponse:
    call.ram.detach_from_user(parameters.policy_name, parameters.user_name)
    return {}


def _tag_resources(call: RamCall, parameters: TagResources) -> RpcResponse:
    for name in parameters.resource_names:
        call.ram.tagged(parameters.resource_type, name).tags |= parameters.tags
    return {}


def _untag_resources(call: RamCall, parameters: UntagResources) -> RpcResponse:
    for name in parameters.resource_names:
        resource = call.ram.tagged(parameters.resource_type, name)
        keys = resource.tags.keys() if parameters.all else parameters.tag_keys
        resource.tags = {key: value for key, value in resource.tags.items() if key not in keys}
    return {}


def _list_tag_resources(call: RamCall, parameters: ListTagResources) -> RpcResponse:
    tags = [
        {
            "ResourceType": parameters.resource_type,
            "ResourceName": name,
            "TagKey": key,
            "TagValue": value,
        }
        for name in parameters.resource_names
        for key, value in call.ram.tagged(parameters.resource_type, name).tags.items()
    ]
    return {"TagResources": tags}


def _role(role: Role) -> RpcResponse:
    return {
        "RoleId": role.role_id,
        "RoleName": role.name,
        "Arn": role.arn,
        "Description": role.description,
        "AssumeRolePolicyDocument": role.trust_text,
        "MaxSessionDuration": role.max_session,
        "CreateDate": iso_time(role.created_at),
    }


def _policy(policy: Policy) -> RpcResponse:
    return {
        "PolicyName": policy.name,
        "PolicyType": "Custom",
        "Description": policy.description,
        "DefaultVersion": f"v{policy.version}",
        "CreateDate": iso_time(policy.created_at),
    }


def _version(policy: Policy, version: PolicyVersion) -> RpcResponse:
    return {
        "VersionId": f"v{version.number}",
        "IsDefaultVersion": version.number == policy.version,
        "PolicyDocument": version.text,
        "CreateDate": iso_time(version.created_at),
    }


def _user(user: User) -> RpcResponse:
    return {
        "UserId": user.user_id,
        "UserName": user.name,
        "CreateDate": iso_time(user.created_at),
    }


OPERATIONS: Final[tuple[RpcOperation[RamCall, Any], ...]] = (
    RpcOperation("CreateRole", CreateRole, _create_role),
    RpcOperation("GetRole", RoleName, _get_role),
    RpcOperation("UpdateRole", UpdateRole, _update_role),
    RpcOperation("DeleteRole", RoleName, _delete_role),
    RpcOperation("ListRoles", ListPage, _list_roles),
    RpcOperation("CreatePolicy", CreatePolicy, _create_policy),
    RpcOperation("GetPolicy", PolicyName, _get_policy),
    RpcOperation("CreatePolicyVersion", CreatePolicyVersion, _create_policy_version),
    RpcOperation("ListPolicyVersions", PolicyName, _list_policy_versions),
    RpcOperation("DeletePolicyVersion", OnePolicyVersion, _delete_policy_version),
    RpcOperation("DeletePolicy", DeletePolicy, _delete_policy),
    RpcOperation("AttachPolicyToRole", RolePolicyName, _attach_policy_to_role),
    RpcOperation("DetachPolicyFromRole", RolePolicyName, _detach_policy_from_role),
    RpcOperation("ListPoliciesForRole", RoleName, _list_policies_for_role),
    RpcOperation("CreateUser", UserName, _create_user),
    RpcOperation("GetUser", UserName, _get_user),
    RpcOperation("DeleteUser", UserName, _delete_user),
    RpcOperation("CreateAccessKey", UserName, _create_access_key),
    RpcOperation("AttachPolicyToUser", UserPolicyName, _attach_policy_to_user),
    RpcOperation("DetachPolicyFromUser", UserPolicyName, _detach_policy_from_user),
    RpcOperation("TagResources", TagResources, _tag_resources),
    RpcOperation("UntagResources", UntagResources, _untag_resources),
    RpcOperation("ListTagResources", ListTagResources, _list_tag_resources),
)


def ram_handler(core: Core, credentials: CredentialStore, account_lookup: RamLookup) -> Handler:
    """Return RAM's HTTP handler, for all accounts.

    Args:
        core: the cloud's shared state.
        credentials: the keys that requests may be signed with.
        account_lookup: RAM of an account, by the account's id.
    """

    def enter(principal: Principal, operation: str, parameters: RpcParameters) -> RamCall:
        assert isinstance(parameters, RamParameters)
        ram = account_lookup(principal.account_id)
        for resource in parameters.resources:
            arn = f"acs:ram::{principal.account_id}:{resource}"
            ram.authorize(principal, f"ram:{operation}", arn)
        return RamCall(ram, core.clock.now())

    return serve_operations(
        OPERATIONS,
        credentials=credentials,
        version=VERSION,
        enter=enter,
        changed=partial(core.journal.touch, "ram"),
    )
