"""The identity of the caller, from STS."""

from __future__ import annotations

from dataclasses import dataclass

from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

from oss_restore.clients.sts import SERVICE, call_sts
from oss_restore.clients.target import Target
from oss_restore.errors import RefusedError
from oss_restore.language import gettext as _


@dataclass(frozen=True)
class CallerIdentity:
    """The caller's identity according to STS."""

    account_id: str
    arn: str


def identity_of(target: Target) -> CallerIdentity:
    """Ask STS for the caller's identity, which needs no permission (docs GetCallerIdentity).

    Raises:
        OperatorError: STS refuses the keys, or cannot be reached.
    """
    try:
        body = call_sts(target, "GetCallerIdentity")
    except AlibabaCloudException as error:
        raise RefusedError(
            _("{service} refused the call: {code}: {reason}").format(
                service=SERVICE, code=error.code, reason=error.message
            ),
            hint=_("check the credentials"),
        ) from error
    return CallerIdentity(str(body["AccountId"]), str(body["Arn"]))
