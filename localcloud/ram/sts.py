"""STS's API, version 2015-04-01: the caller's identity, and temporary keys for a role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import Field

from localcloud.clock import iso_time
from localcloud.errors import CloudError
from localcloud.http import Handler
from localcloud.ram.credentials import CredentialStore, Principal
from localcloud.ram.model import Ram, RamLookup
from localcloud.rpc_operations import RpcOperation, RpcParameters, RpcResponse, serve_operations

VERSION: Final = "2015-04-01"


class NoParameters(RpcParameters):
    """The parameters of an operation without any."""


class AssumeRole(RpcParameters):
    """The parameters of AssumeRole, with the duration in seconds."""

    role_arn: str = Field(pattern=r"^acs:ram::\d+:role/.+$")
    role_session_name: str = Field(pattern=r"^[A-Za-z0-9.@_-]{2,64}$")
    duration_seconds: int = Field(default=3600, ge=900)
    external_id: str | None = None
    policy: None = None  # refused: ignoring it would grant more permissions than requested

    @property
    def account_id(self) -> str:
        """The account of the role."""
        return self.role_arn.split(":")[3]

    @property
    def context(self) -> Mapping[str, str]:
        """The condition keys for the role's trust policy."""
        return {} if self.external_id is None else {"sts:ExternalId": self.external_id}


@dataclass(frozen=True)
class StsCall:
    """The context of a request: the caller, and a lookup of RAM by account id."""

    caller: Principal
    account_lookup: RamLookup


def _get_caller_identity(call: StsCall, _: NoParameters) -> RpcResponse:
    return _identity(call.account_lookup(call.caller.account_id), call.caller)


def _assume_role(call: StsCall, parameters: AssumeRole) -> RpcResponse:
    caller, account_lookup = call.caller, call.account_lookup
    if caller.is_root:  # docs 42775
        raise CloudError("NoPermission", "Roles may not be assumed by root accounts.", 403)
    account_lookup(caller.account_id).authorize(caller, "sts:AssumeRole", parameters.role_arn)
    try:
        owner = account_lookup(parameters.account_id)
    except KeyError:
        raise CloudError(
            "EntityNotExist.Role", f"There is no role {parameters.role_arn!r}.", 404
        ) from None
    role = owner.find_role(parameters.role_arn)
    if parameters.duration_seconds > role.max_session:
        raise CloudError(
            "InvalidParameter.DurationSeconds",
            f"The role's maximum session duration is {role.max_session} seconds.",
        )
    temporary = owner.assume(
        parameters.role_arn,
        by=caller.arn,
        kind="RAM",
        session=parameters.role_session_name,
        lifetime=parameters.duration_seconds,
        context=parameters.context,
    )
    return {
        "Credentials": {
            "AccessKeyId": temporary.access_key_id,
            "AccessKeySecret": temporary.secret,
            "SecurityToken": temporary.token,
            "Expiration": iso_time(temporary.expires_at or 0),
        },
        "AssumedRoleUser": {
            "Arn": temporary.principal.arn,
            "AssumedRoleId": f"{role.role_id}:{parameters.role_session_name}",
        },
    }


def _identity(ram: Ram, principal: Principal) -> RpcResponse:
    common = {"AccountId": principal.account_id, "Arn": principal.arn}
    if principal.role:
        role_id = ram.role(principal.role).role_id
        return {
            **common,
            "IdentityType": "AssumedRoleUser",
            "RoleId": role_id,
            "PrincipalId": f"{role_id}:{principal.arn.rpartition('/')[2]}",
        }
    account_id = principal.account_id
    user_id = ram.user(principal.user).user_id if principal.user else account_id
    kind = "RAMUser" if principal.user else "Account"
    return {**common, "IdentityType": kind, "UserId": user_id, "PrincipalId": user_id}


OPERATIONS: Final[tuple[RpcOperation[StsCall, Any], ...]] = (
    RpcOperation("GetCallerIdentity", NoParameters, _get_caller_identity),
    RpcOperation("AssumeRole", AssumeRole, _assume_role),
)


def sts_handler(credentials: CredentialStore, account_lookup: RamLookup) -> Handler:
    """Return the HTTP handler of STS, for all accounts.

    Args:
        credentials: the keys that requests may be signed with.
        account_lookup: returns RAM of an account by id; raises ``KeyError`` if there is none.
    """

    def enter(principal: Principal, _: str, __: RpcParameters) -> StsCall:
        return StsCall(principal, account_lookup)

    return serve_operations(OPERATIONS, credentials=credentials, version=VERSION, enter=enter)
