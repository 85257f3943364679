"""Determines the caller from the ``provider`` block and defaults.

This provider runs inside the cloud, not as Terraform's child process, so it sees the ``provider``
block but not Terraform's environment. If the block has no keys, the caller is the one that the
attached address was created for; ``assume_role`` then applies, as with keys from the environment.
Other sources of keys (``profile``, ``credentials_uri``, ``ecs_role_name``,
``shared_credentials_file``) mean the same caller. ``endpoints`` have no effect: the models are
called directly.
"""

from __future__ import annotations

import hmac

from pydantic import Field

from localcloud.errors import CloudError
from localcloud.ram.credentials import Principal
from localcloud.terraform.arguments import Arguments, parse_arguments
from localcloud.terraform.connection import Connection
from localcloud.terraform.diagnostics import ArgumentError
from localcloud.terraform.session import Accounts, Session, SessionAccount
from localcloud.terraform.values import Object


class AssumeRoleArguments(Arguments):
    """The ``assume_role`` block."""

    role_arn: str
    session_name: str = "terraform"
    session_expiration: int = 3600
    policy: str = ""
    external_id: str = ""


class ProviderConfig(Arguments):
    """The arguments of the ``provider`` block that are used."""

    access_key: str = ""
    secret_key: str = ""
    security_token: str = ""
    region: str = ""
    account_id: str = ""
    assume_role: tuple[AssumeRoleArguments, ...] = Field(default=(), max_length=1)
    assume_role_with_oidc: tuple[object, ...] = ()


def open_session(
    cloud: Accounts, caller: Principal, config: Object, connection: Connection
) -> Session:
    """Open the session of one provider configuration.

    Args:
        cloud: the cloud.
        caller: the caller if the configuration has no keys.
        config: the ``provider`` block.
        connection: the connection from Terraform.

    Raises:
        CloudError: the keys, role, account or region do not belong to this cloud.
    """
    provider = parse_arguments(ProviderConfig, config)
    if provider.region and provider.region != cloud.core.settings.region:
        raise ArgumentError(
            "region",
            f"This local cloud is {cloud.core.settings.region}, not {provider.region}: "
            f"start it for {provider.region}, or configure the provider for its region.",
        )
    if provider.assume_role_with_oidc:
        raise ArgumentError(
            "assume_role_with_oidc", "The local cloud does not support OIDC providers."
        )
    principal = _with_keys(cloud, caller, provider)
    for role in provider.assume_role:
        principal = _assume(cloud, principal, role)
    if provider.account_id and provider.account_id != principal.account_id:
        raise ArgumentError(
            "account_id",
            f"The caller {principal.arn} does not belong to account {provider.account_id}: "
            "set keys of that account, or assume_role with one of its roles.",
        )
    _account(cloud, principal.account_id)
    return Session(principal, cloud, connection)


def _with_keys(cloud: Accounts, caller: Principal, config: ProviderConfig) -> Principal:
    if not config.access_key:
        return caller
    credential = cloud.credentials.find(config.access_key, config.security_token)
    if not hmac.compare_digest(credential.secret, config.secret_key):
        raise CloudError("SignatureDoesNotMatch", "secret_key does not match the access key.", 403)
    return credential.principal


def _assume(cloud: Accounts, caller: Principal, requested: AssumeRoleArguments) -> Principal:
    if requested.policy:
        raise ArgumentError("assume_role", "The local cloud does not support session policies.")
    # acs:ram::ACCOUNT:role/NAME
    account_id = requested.role_arn.removeprefix("acs:ram::").partition(":")[0]
    if not requested.role_arn.startswith(f"acs:ram::{account_id}:role/"):
        raise ArgumentError("assume_role", f"{requested.role_arn!r} is not the ARN of a RAM role.")
    _account(cloud, caller.account_id).ram.authorize(caller, "sts:AssumeRole", requested.role_arn)
    credential = _account(cloud, account_id).ram.assume(
        requested.role_arn,
        by=caller.arn,
        kind="RAM",
        session=requested.session_name,
        lifetime=requested.session_expiration,
        context={"sts:ExternalId": requested.external_id} if requested.external_id else None,
    )
    return credential.principal


def _account(cloud: Accounts, account_id: str) -> SessionAccount:
    try:
        return cloud.accounts[account_id]
    except KeyError:
        raise CloudError(
            "NoSuchAccount", f"The local cloud has no account {account_id!r}.", 404
        ) from None
