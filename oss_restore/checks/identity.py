"""The identity of the caller, from STS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from alibabacloud_tea_openapi.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions
from Tea.exceptions import TeaException

from oss_restore.clients.target import Target
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.language import gettext as _

_SERVICE: Final = "STS"
_RUNTIME: Final = RuntimeOptions(read_timeout=10_000, connect_timeout=5_000)


@dataclass(frozen=True)
class CallerIdentity:
    """The caller's identity, as STS reports it."""

    account_id: str
    arn: str


def identity_of(target: Target) -> CallerIdentity:
    """Ask STS for the caller's identity, which needs no permission (docs GetCallerIdentity).

    Raises:
        OperatorError: STS does not know the keys, or cannot be reached.
    """
    url = urlsplit(target.sts)
    client = Client(
        Config(
            endpoint=url.netloc,
            protocol=url.scheme,
            credential=target.credentials.client,
            signature_algorithm="v2",  # the generic client's name for RPC's HMAC-SHA1
        )
    )
    params = Params(
        action="GetCallerIdentity",
        version="2015-04-01",
        protocol=url.scheme,
        method="POST",
        auth_type="AK",
        style="RPC",
        pathname="/",
        req_body_type="formData",
        body_type="json",
    )
    try:
        body = client.call_api(params, OpenApiRequest(), _RUNTIME)["body"]
    except AlibabaCloudException as error:
        raise OperatorError(
            _("{service} refused the call: {code}: {reason}").format(
                service=_SERVICE, code=error.code, reason=error.message
            ),
            hint=_("check the credentials"),
            status=ExitStatus.REFUSED,
        ) from error
    except TeaException as error:
        raise OperatorError(
            _("cannot reach {service} at {endpoint}: {reason}").format(
                service=_SERVICE, endpoint=target.sts, reason=error
            ),
            status=ExitStatus.REFUSED,
        ) from error
    return CallerIdentity(str(body["AccountId"]), str(body["Arn"]))
