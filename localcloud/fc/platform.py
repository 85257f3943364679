"""The environment variables and context that the platform provides to a function.

Source: FC docs on the context and on environment variables. They depend on the runtime: python3.12
gets credentials in variables only, and no service.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from localcloud.fc.invocation import LATEST, FunctionPath
from localcloud.fc.model import FunctionSettings, LogConfig
from localcloud.ram.credentials import Credential
from localcloud.ram.model import Ram

SERVICE_HOST = "fc.aliyuncs.com"
TOKEN_SECONDS = 36 * 3600  # docs: temporary credentials of 36 hours
RENEW_AFTER_SECONDS = 3600  # assumed: early enough that credentials outlive long invocations

ContextFacts = Mapping[str, str | Mapping[str, str | int]]


@dataclass(frozen=True)
class Location:
    """The location of functions."""

    account_id: str
    region: str


@dataclass(frozen=True)
class InvocationTarget:
    """The function to invoke, in its current state."""

    path: FunctionPath
    config: FunctionSettings
    code_checksum: str
    role: str
    log_config: LogConfig | None

    @property
    def qualifier(self) -> str:
        """The invocation's qualifier, with the default filled in."""
        return self.path.qualifier or LATEST


class RoleSessions:
    """The temporary credentials of functions: one session per role and function at a time.

    Args:
        ram: RAM of the functions' account.
        renew_after: seconds of machine time after which new invocations get a new session.
    """

    def __init__(self, ram: Ram, *, renew_after: float = RENEW_AFTER_SECONDS) -> None:
        self._ram = ram
        self._renew_after = renew_after
        self._sessions: dict[tuple[str, str], tuple[float, Credential]] = {}

    def credential(self, role: str, function: str) -> Credential | None:
        """Return credentials of a function's role with enough time left; None without a role.

        Raises:
            AccessDeniedError: the role does not trust Function Compute.
            CloudError: ``EntityNotExist.Role``.
        """
        if not role:
            return None
        now = time.monotonic()
        made_at, credential = self._sessions.get((role, function), (None, None))
        if made_at is None or credential is None or now - made_at >= self._renew_after:
            credential = self._ram.assume(
                role, by=SERVICE_HOST, session="fc", function=function, lifetime=TOKEN_SECONDS
            )
            self._sessions[role, function] = (now, credential)
        return credential


def environment(
    target: InvocationTarget,
    location: Location,
    credential: Credential | None,
    *,
    code: Path,
    instance_id: str,
) -> dict[str, str]:
    """Return an instance's environment variables: the function's own and the platform's."""
    keys = {}
    if credential is not None:
        keys = {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": credential.access_key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": credential.secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": credential.token,
        }
    version = "FC_FUNCTION_VERSION" if _is_modern(target) else "FC_VER_ID"
    return {
        **target.config.environment,
        **keys,
        "FC_FUNC_CODE_PATH": str(code),
        "FC_ACCOUNT_ID": location.account_id,
        "FC_FUNCTION_HANDLER": target.config.handler,
        "FC_FUNCTION_MEMORY_SIZE": str(target.config.memory_size),
        "FC_FUNCTION_NAME": target.path.function,
        "FC_REGION": location.region,
        "FC_INSTANCE_ID": instance_id,
        version: target.qualifier,
    }


def context(
    target: InvocationTarget, location: Location, credential: Credential | None, request_id: str
) -> ContextFacts:
    """Return the attributes of an invocation's context."""
    function: dict[str, str | int] = {
        "name": target.path.function,
        "handler": target.config.handler,
        "memory": target.config.memory_size,
        "timeout": target.config.timeout,
    }
    logs = {
        "log_project": target.log_config.project if target.log_config else "",
        "log_store": target.log_config.logstore if target.log_config else "",
    }
    version = {"qualifier": target.qualifier, "version_id": ""}
    everywhere = {
        "request_id": request_id,
        "region": location.region,
        "account_id": location.account_id,
    }
    if _is_modern(target):
        return {**everywhere, **logs, "function": {**function, **version}}
    return {
        **everywhere,
        "credentials": {
            "access_key_id": credential.access_key_id if credential else "",
            "access_key_secret": credential.secret if credential else "",
            "security_token": credential.token if credential else "",
        },
        "function": function,
        # Assumed to be empty in FC 3.0.
        "service": {"name": target.path.service, **logs, **version},
    }


def _is_modern(target: InvocationTarget) -> bool:
    """Return whether the runtime is based on Debian 11 or later."""
    return target.config.runtime == "python3.12"
