"""The credentials that sign calls, found as Alibaba Cloud's own tools find them."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from alibabacloud_credentials.client import Client
from alibabacloud_credentials.exceptions import CredentialException
from alibabacloud_credentials.models import Config
from Tea.exceptions import TeaException

from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.language import gettext as _
from oss_restore.redaction import remember

# The library logs each place without keys, with a traceback; one message below says it all.
logging.getLogger("credentials").setLevel(logging.CRITICAL)


_IN_NO_PLACE = "any of the providers in the chain"  # the library lists what each lacks


@dataclass(frozen=True)
class AccessKeys:
    """Access keys, which change if they are temporary.

    Attributes:
        found_in: where the official library found them, such as ``default/env``.
    """

    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str = field(repr=False)
    found_in: str = ""


class CallerCredentials:
    """Credentials that are read for each call, so that temporary ones are renewed.

    Args:
        client: a client of the official library.
    """

    def __init__(self, client: Client) -> None:
        self.client = client

    @classmethod
    def found(cls) -> CallerCredentials:
        """Find keys in environment variables, OIDC, profile files or the instance's RAM role."""
        return cls(Client())

    @classmethod
    def fixed(
        cls, access_key_id: str, access_key_secret: str, token: str = ""
    ) -> CallerCredentials:
        """Use fixed keys, which last or cannot be renewed here.

        Args:
            access_key_id: the public one.
            access_key_secret: the secret one.
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
            OperatorError: there are none.
        """
        try:
            found = self.client.get_credential()
        except (CredentialException, TeaException, OSError, ValueError) as error:
            reason = str(getattr(error, "message", error))
            raise OperatorError(
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
                status=ExitStatus.REFUSED,
            ) from error
        remember(found.access_key_id, found.access_key_secret, found.security_token or "")
        return AccessKeys(
            found.access_key_id,
            found.access_key_secret,
            found.security_token or "",
            found.provider_name or "",
        )
