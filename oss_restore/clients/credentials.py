"""The credentials for signing calls, found in the same places as by Alibaba Cloud's own tools."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

from alibabacloud_credentials.client import Client
from alibabacloud_credentials.exceptions import CredentialException
from alibabacloud_credentials.models import Config
from alibabacloud_credentials.provider import (
    CLIProfileCredentialsProvider,
    EnvironmentVariableCredentialsProvider,
)
from alibabacloud_credentials.provider.refreshable import Credentials
from alibabacloud_credentials_api import ICredentialsProvider
from Tea.exceptions import TeaException

from oss_restore.errors import RefusedError
from oss_restore.language import gettext as _
from oss_restore.redaction import remember

# The library logs each source without keys, with a traceback; the message below is enough.
logging.getLogger("credentials").setLevel(logging.CRITICAL)


_KEY_VARIABLES: Final = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET")
_RENEWED_BEFORE: Final = timedelta(minutes=5)
_IN_NO_PLACE = "any of the providers in the chain"  # followed by the reason of each provider


@dataclass(frozen=True)
class AccessKeys:
    """Access keys, which change if they are temporary.

    Attributes:
        found_in: source in which the official library found them, such as ``default/env``.
    """

    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str = field(repr=False)
    found_in: str = ""


@dataclass(frozen=True)
class SessionKeys:
    """The keys of a role's session, and the time when it ends."""

    keys: AccessKeys
    ends: datetime


class _Sessions(ICredentialsProvider):  # type: ignore[misc]  # the base is untyped
    """A provider of a role's keys that supports http, which a local cloud uses.

    The official library's own provider only supports https (provider/ram_role_arn.py up to 1.0.12).
    """

    def __init__(self, assume: Callable[[], SessionKeys]) -> None:
        self._assume = assume
        self._session: SessionKeys | None = None
        self._renewing = Lock()

    def get_credentials(self) -> Credentials:
        with self._renewing:
            if self._session is None or datetime.now(UTC) > self._session.ends - _RENEWED_BEFORE:
                self._session = self._assume()
            keys = self._session.keys
        return Credentials(
            access_key_id=keys.access_key_id,
            access_key_secret=keys.access_key_secret,
            security_token=keys.security_token,
            provider_name=self.get_provider_name(),
        )

    async def get_credentials_async(self) -> Credentials:
        return self.get_credentials()

    def get_provider_name(self) -> str:
        return "assumed_role"


class CallerCredentials:
    """Credentials that are read for each call, so that temporary keys are renewed.

    Args:
        client: a client of the official library.
    """

    def __init__(self, client: Client) -> None:
        self.client = client

    @classmethod
    def resolve(cls, profile: str | None = None) -> CallerCredentials:
        """Find keys in environment variables, OIDC, profile files or the instance's RAM role.

        Args:
            profile: profile of the ``aliyun`` command line, in place of all these.
        """
        if profile is not None:
            return cls(Client(provider=CLIProfileCredentialsProvider(profile_name=profile)))
        if all(os.environ.get(name) for name in _KEY_VARIABLES):
            # The first source of the usual chain, which also starts a scheduler for the last one.
            return cls(Client(provider=EnvironmentVariableCredentialsProvider()))
        return cls(Client())

    @classmethod
    def renewed(cls, assume: Callable[[], SessionKeys]) -> CallerCredentials:
        """Use the keys of sessions, each renewed before it ends.

        Args:
            assume: starts a session; may raise ``OperatorError``.
        """
        return cls(Client(provider=_Sessions(assume)))

    @classmethod
    def fixed(
        cls, access_key_id: str, access_key_secret: str, token: str = ""
    ) -> CallerCredentials:
        """Use fixed keys, which are permanent or cannot be renewed here.

        Args:
            access_key_id: the public part of the key.
            access_key_secret: the secret part of the key.
            token: security token of temporary keys.
        """
        return cls(
            Client(
                Config(
                    type="sts" if token else "access_key",
                    access_key_id=access_key_id,
                    access_key_secret=access_key_secret,
                    security_token=token or None,
                )
            )
        )

    def keys(self) -> AccessKeys:
        """Return the current keys.

        Raises:
            OperatorError: no keys were found.
        """
        try:
            credential = self.client.get_credential()
        except (CredentialException, TeaException, OSError, ValueError) as error:
            reason = str(getattr(error, "message", error))
            raise RefusedError(
                _(
                    "no credentials in the environment variables, an OIDC role, the profiles of the"
                    " aliyun command line, or the RAM role of the instance"
                )
                if _IN_NO_PLACE in reason
                else _("no credentials found: {reason}").format(reason=reason),
                hint=_(
                    "set ALIBABA_CLOUD_ACCESS_KEY_ID and "
                    "ALIBABA_CLOUD_ACCESS_KEY_SECRET, run `aliyun configure`, or "
                    "name a local cloud with --cloud FILE"
                ),
            ) from error
        remember(
            credential.access_key_id, credential.access_key_secret, credential.security_token or ""
        )
        return AccessKeys(
            credential.access_key_id,
            credential.access_key_secret,
            credential.security_token or "",
            credential.provider_name or "",
        )
