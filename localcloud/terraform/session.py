"""One provider configuration: who calls, and what of the cloud it reaches.

The provider of this cloud runs inside it, not as Terraform's child. So it sees the ``provider``
block and nothing of Terraform's environment. Where the block holds no keys, the caller is the one
that the attached address was made for; ``assume_role`` then applies on top, as it would with keys
from the environment. Other sources of keys (``profile``, ``credentials_uri``, ``ecs_role_name``,
``shared_credentials_file``) stand for that same caller. ``endpoints`` change nothing: the models
are called directly.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from localcloud.core import Core
from localcloud.errors import AccessDeniedError, CloudError
from localcloud.fc.compute import FunctionCompute
from localcloud.fnf.model import Workflow
from localcloud.oss.model import Bucket
from localcloud.oss.service import ObjectStorage
from localcloud.ram.credentials import Credentials, Principal
from localcloud.ram.model import Ram
from localcloud.sls import LogService
from localcloud.terraform.diagnostics import ArgumentError
from localcloud.terraform.peer import working_directory
from localcloud.terraform.values import Object, given


class Account(Protocol):
    """The services of one account."""

    @property
    def ram(self) -> Ram: ...

    @property
    def fc(self) -> FunctionCompute: ...

    @property
    def fnf(self) -> Workflow: ...

    @property
    def sls(self) -> LogService: ...


class Accounts(Protocol):
    """What the provider needs of the cloud."""

    @property
    def core(self) -> Core: ...

    @property
    def credentials(self) -> Credentials: ...

    @property
    def oss(self) -> ObjectStorage: ...

    @property
    def accounts(self) -> Mapping[str, Account]:
        """The services of every account, by account id."""
        ...


class AssumeRole(BaseModel):
    """The ``assume_role`` block."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    role_arn: str
    session_name: str = "terraform"
    session_expiration: int = 3600
    policy: str = ""
    external_id: str = ""


class ProviderConfig(BaseModel):
    """The ``provider`` block, as far as it matters here."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    access_key: str = ""
    secret_key: str = ""
    security_token: str = ""
    region: str = ""
    account_id: str = ""
    assume_role: tuple[AssumeRole, ...] = Field(default=(), max_length=1)
    assume_role_with_oidc: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """What a resource acts with.

    Attributes:
        principal: who calls.
        cloud: every account's services.
        peer: the other end of Terraform's connection.
    """

    principal: Principal
    cloud: Accounts
    peer: str

    @property
    def account(self) -> Account:
        """The services of the caller's account."""
        return self.cloud.accounts[self.principal.account_id]

    @property
    def account_id(self) -> str:
        """The caller's account."""
        return self.principal.account_id

    @property
    def region(self) -> str:
        """The cloud's region."""
        return self.cloud.core.settings.region

    @property
    def now(self) -> float:
        """Cloud time, in seconds since 1970."""
        return self.cloud.core.clock.now()

    def authorize(
        self, action: str, resource: str, context: Mapping[str, str] | None = None
    ) -> None:
        """Lets the caller do that, or raises ``AccessDeniedError``."""
        self.account.ram.authorize(self.principal, action, resource, context)

    def pass_role(self, role: str, service: str) -> None:
        """Gives a service a role to work with.

        Args:
            role: its ARN.
            service: the service's host, such as ``fc.aliyuncs.com``.

        Raises:
            AccessDeniedError: the caller may not pass it, or it does not trust the service.
            CloudError: ``EntityNotExist.Role``.
        """
        self.authorize("ram:PassRole", role, {"acs:Service": service})
        tried = self.account.ram.assume(role, by=service, session="check")
        self.cloud.credentials.revoke(tried.access_key_id)

    def bucket(self, action: str, name: str, key: str = "") -> Bucket | None:
        """The bucket of that name, if there is one, for something the caller may do with it.

        Args:
            action: such as ``oss:PutObject``.
            name: of the bucket.
            key: of the object that it is about; empty for the bucket itself.

        Raises:
            AccessDeniedError: the caller may not, or the bucket is another account's.
        """
        resource = f"acs:oss:*:{self.account_id}:{name}" + (f"/{key}" if key else "")
        self.authorize(action, resource)
        bucket = self.cloud.oss.find_bucket(name)
        if bucket is not None and bucket.owner != self.account_id:
            raise AccessDeniedError(principal=self.principal.arn, action=action, resource=resource)
        return bucket

    def read_object(self, bucket: str, key: str) -> bytes:
        """The bytes of an object that an argument names."""
        self.bucket("oss:GetObject", bucket, key)
        stored = self.cloud.oss.get_object(bucket, key)
        return stored.read(key, 0, stored.size)

    def read_file(self, argument: str, name: str) -> bytes:
        """The bytes of a file that an argument names, as Terraform's working directory has it.

        Raises:
            ArgumentError: there is no such file, or it cannot be read.
        """
        path = Path(name).expanduser()
        if not path.is_absolute():
            path = working_directory(self.peer) / path
        try:
            return path.read_bytes()
        except OSError as error:
            raise ArgumentError(argument, f"Cannot read {path}: {error.strerror}.") from error


def open_session(cloud: Accounts, caller: Principal, config: Object, peer: str) -> Session:
    """The session of one provider configuration.

    Args:
        cloud: whose services it will use.
        caller: who calls where the configuration has no keys.
        config: the ``provider`` block.
        peer: the other end of Terraform's connection.

    Raises:
        CloudError: the keys, the role, the account or the region are not this cloud's.
    """
    wanted = ProviderConfig.model_validate(given(config))
    if wanted.region and wanted.region != cloud.core.settings.region:
        raise ArgumentError(
            "region",
            f"This local cloud is {cloud.core.settings.region}, not {wanted.region}: "
            f"start it for {wanted.region}, or configure the provider for its region.",
        )
    if wanted.assume_role_with_oidc:
        raise ArgumentError("assume_role_with_oidc", "The local cloud knows no OIDC providers.")
    principal = _with_keys(cloud, caller, wanted)
    for role in wanted.assume_role:
        principal = _assume(cloud, principal, role)
    if wanted.account_id and wanted.account_id != principal.account_id:
        raise ArgumentError(
            "account_id",
            f"The caller {principal.arn} is not of account {wanted.account_id}: "
            "give keys of that account, or assume_role with a role of it.",
        )
    _account(cloud, principal.account_id)
    return Session(principal, cloud, peer)


def _with_keys(cloud: Accounts, caller: Principal, config: ProviderConfig) -> Principal:
    if not config.access_key:
        return caller
    credential = cloud.credentials.find(config.access_key, config.security_token)
    if not hmac.compare_digest(credential.secret, config.secret_key):
        raise CloudError("SignatureDoesNotMatch", "secret_key is not the access key's.", 403)
    return credential.principal


def _assume(cloud: Accounts, caller: Principal, wanted: AssumeRole) -> Principal:
    if wanted.policy:
        raise ArgumentError("assume_role", "The local cloud knows no session policies.")
    # acs:ram::ACCOUNT:role/NAME
    account_id = wanted.role_arn.removeprefix("acs:ram::").partition(":")[0]
    if not wanted.role_arn.startswith(f"acs:ram::{account_id}:role/"):
        raise ArgumentError("assume_role", f"{wanted.role_arn!r} is no ARN of a RAM role.")
    _account(cloud, caller.account_id).ram.authorize(caller, "sts:AssumeRole", wanted.role_arn)
    credential = _account(cloud, account_id).ram.assume(
        wanted.role_arn,
        by=caller.arn,
        kind="RAM",
        session=wanted.session_name,
        lifetime=wanted.session_expiration,
        context={"sts:ExternalId": wanted.external_id} if wanted.external_id else None,
    )
    return credential.principal


def _account(cloud: Accounts, account_id: str) -> Account:
    try:
        return cloud.accounts[account_id]
    except KeyError:
        raise CloudError(
            "NoSuchAccount", f"The local cloud has no account {account_id!r}.", 404
        ) from None
