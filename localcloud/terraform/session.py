"""The session of a provider configuration: the caller and the cloud's services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from localcloud.cms import CloudMonitor
from localcloud.core import Core
from localcloud.errors import AccessDeniedError
from localcloud.fc.code_package import PACKAGE_BYTES
from localcloud.fc.compute import FunctionCompute
from localcloud.fnf.model import Workflow
from localcloud.oss.api import ObjectStorage
from localcloud.oss.bucket import Bucket
from localcloud.ram.credentials import CredentialStore, Principal
from localcloud.ram.model import Ram
from localcloud.sls import LogService
from localcloud.terraform.connection import Connection
from localcloud.terraform.diagnostics import ArgumentError


class SessionAccount(Protocol):
    """The services of an account."""

    @property
    def ram(self) -> Ram: ...

    @property
    def fc(self) -> FunctionCompute: ...

    @property
    def fnf(self) -> Workflow: ...

    @property
    def sls(self) -> LogService: ...

    @property
    def cms(self) -> CloudMonitor: ...


class Accounts(Protocol):
    """The parts of the cloud that the provider needs."""

    @property
    def core(self) -> Core: ...

    @property
    def credentials(self) -> CredentialStore: ...

    @property
    def oss(self) -> ObjectStorage: ...

    @property
    def accounts(self) -> Mapping[str, SessionAccount]:
        """The services of all accounts, by account id."""
        ...

    def configuration_changed(self) -> None:
        """Record that something other than objects, flows and executions may have changed."""


@dataclass(frozen=True, slots=True)
class Session:
    """The session of a provider configuration.

    Attributes:
        principal: the caller.
        cloud: the services of all accounts.
        connection: the connection to Terraform.
    """

    principal: Principal
    cloud: Accounts
    connection: Connection

    @property
    def account(self) -> SessionAccount:
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
        """Authorize an action, or raise ``AccessDeniedError``."""
        self.account.ram.authorize(self.principal, action, resource, context)

    def pass_role(self, role: str, service: str) -> None:
        """Pass a role to a service.

        Args:
            role: the role's ARN.
            service: the service's host, such as ``fc.aliyuncs.com``.

        Raises:
            AccessDeniedError: the caller may not pass the role, or it does not trust the service.
            CloudError: ``EntityNotExist.Role``.
        """
        self.authorize("ram:PassRole", role, {"acs:Service": service})
        tried = self.account.ram.assume(role, by=service, session="check")
        self.cloud.credentials.revoke(tried.access_key_id)

    def bucket(self, action: str, name: str, key: str = "") -> Bucket | None:
        """Authorize an action on a bucket, and return the bucket, or None if it does not exist.

        Args:
            action: the action, such as ``oss:PutObject``.
            name: the bucket's name.
            key: the object's key; empty for the bucket itself.

        Raises:
            AccessDeniedError: the caller is not authorized, or the bucket is another account's.
        """
        resource = f"acs:oss:*:{self.account_id}:{name}" + (f"/{key}" if key else "")
        self.authorize(action, resource)
        bucket = self.cloud.oss.find_bucket(name)
        if bucket is not None and bucket.owner != self.account_id:
            raise AccessDeniedError(principal=self.principal.arn, action=action, resource=resource)
        return bucket

    def read_code(self, bucket: str, key: str) -> bytes:
        """Read an object that contains a function's code."""
        self.bucket("oss:GetObject", bucket, key)
        return self.cloud.oss.read_object(bucket, key, at_most=PACKAGE_BYTES)

    def read_file(self, argument: str, name: str) -> bytes:
        """Read a file in an argument, relative to Terraform's working directory.

        Raises:
            ArgumentError: the file does not exist or cannot be read.
        """
        try:
            path = Path(name).expanduser()
        except RuntimeError as error:  # the home of an unknown user
            raise ArgumentError(argument, f"Cannot read {name!r}: {error}") from error
        if not path.is_absolute():
            path = self.connection.working_directory() / path
        try:
            if path.exists() and not path.is_file():  # a device or pipe may never end
                raise ArgumentError(argument, f"Cannot read {path}: it is not a regular file.")
            return path.read_bytes()
        except OSError as error:
            raise ArgumentError(argument, f"Cannot read {path}: {error.strerror}.") from error
        except ValueError as error:  # a NUL in the path
            raise ArgumentError(argument, f"Cannot read {name!r}: {error}.") from error
