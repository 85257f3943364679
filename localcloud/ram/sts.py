"""STS's API, version 2015-04-01: the caller's identity, and temporary keys for a role."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_pascal

from localcloud.errors import CloudError
from localcloud.http import Handler
from localcloud.ram.credentials import Credential, CredentialStore, Principal
from localcloud.ram.model import Ram
from localcloud.rpc import rpc

VERSION: Final = "2015-04-01"
AccountLookup: TypeAlias = Callable[[str], Ram]
Answer: TypeAlias = Mapping[str, object]


class AssumeRole(BaseModel):
    """Parameters of AssumeRole; the duration in seconds. A session has no policy of its own."""

    model_config = ConfigDict(alias_generator=to_pascal, extra="ignore", frozen=True)

    role_arn: str = Field(pattern=r"^acs:ram::\d+:role/.+$")
    role_session_name: str = Field(pattern=r"^[A-Za-z0-9.@_-]{2,64}$")
    duration_seconds: int = Field(default=3600, ge=900)
    external_id: str | None = None
    policy: None = None  # refused: without it the session would have more rights than asked for

    @property
    def account_id(self) -> str:
        """Whose role it is."""
        return self.role_arn.split(":")[3]

    @property
    def context(self) -> Mapping[str, str]:
        """Condition keys for the role's trust policy."""
        return {} if self.external_id is None else {"sts:ExternalId": self.external_id}


def sts_handler(credentials: CredentialStore, account_lookup: AccountLookup) -> Handler:
    """The HTTP handler of STS, for every account.

    Args:
        credentials: whose signatures count.
        account_lookup: RAM of an account, by the account's id; ``KeyError`` if there is none.
    """

    async def get_caller_identity(credential: Credential, _: Mapping[str, str]) -> Answer:
        return _identity(account_lookup(credential.principal.account_id), credential.principal)

    async def assume_role(credential: Credential, given: Mapping[str, str]) -> Answer:
        asked = _parse(given)
        caller = credential.principal
        if caller.is_root:  # docs 42775
            raise CloudError("NoPermission", "Roles may not be assumed by root accounts.", 403)
        account_lookup(caller.account_id).authorize(caller, "sts:AssumeRole", asked.role_arn)
        try:
            owner = account_lookup(asked.account_id)
        except KeyError:
            raise CloudError(
                "EntityNotExist.Role", f"There is no role {asked.role_arn!r}.", 404
            ) from None
        role = owner.find_role(asked.role_arn)
        if asked.duration_seconds > role.max_session:
            raise CloudError(
                "InvalidParameter.DurationSeconds",
                f"The role's sessions last {role.max_session} seconds at the most.",
            )
        temporary = owner.assume(
            asked.role_arn,
            by=caller.arn,
            kind="RAM",
            session=asked.role_session_name,
            lifetime=asked.duration_seconds,
            context=asked.context,
        )
        expires_at = datetime.fromtimestamp(temporary.expires_at or 0, UTC)
        return {
            "CredentialStore": {
                "AccessKeyId": temporary.access_key_id,
                "AccessKeySecret": temporary.secret,
                "SecurityToken": temporary.token,
                "Expiration": expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
            "AssumedRoleUser": {
                "Arn": temporary.principal.arn,
                "AssumedRoleId": f"{role.role_id}:{asked.role_session_name}",
            },
        }

    actions = {"GetCallerIdentity": get_caller_identity, "AssumeRole": assume_role}
    return rpc(actions, credentials=credentials, version=VERSION)


def _identity(ram: Ram, principal: Principal) -> Answer:
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


def _parse(given: Mapping[str, str]) -> AssumeRole:
    try:
        return AssumeRole.model_validate(given)
    except ValidationError as error:
        fault = error.errors()[0]
        name = ".".join(map(str, fault["loc"]))
        raise CloudError(f"InvalidParameter.{name}", f"{name}: {fault['msg']}") from error
