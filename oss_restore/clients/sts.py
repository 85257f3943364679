"""Calls of STS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from alibabacloud_tea_openapi.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions
from Tea.exceptions import TeaException

from oss_restore.clients.target import Target
from oss_restore.clients.unreachable import cannot_reach
from oss_restore.errors import RefusedError

SERVICE: Final = "STS"
_RUNTIME: Final = RuntimeOptions(read_timeout=10_000, connect_timeout=5_000)


def call_sts(target: Target, action: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Call STS, and return the body of its response.

    Args:
        target: endpoints and credentials.
        action: name of the action, such as ``GetCallerIdentity``.
        query: parameters of the action.

    Raises:
        AlibabaCloudException: STS refused the call.
        OperatorError: STS could not be reached.
    """
    # "v2" is the generic client's name for RPC signatures with HMAC-SHA1.
    client = Client(target.sdk_config(target.sts, signature_algorithm="v2"))
    params = Params(
        action=action,
        version="2015-04-01",
        protocol="HTTPS",
        method="POST",
        auth_type="AK",
        style="RPC",
        pathname="/",
        req_body_type="formData",
        body_type="json",
    )
    try:
        response = client.call_api(params, OpenApiRequest(query=query), _RUNTIME)
    except AlibabaCloudException:  # a TeaException, too
        raise
    except TeaException as error:
        raise RefusedError(cannot_reach(SERVICE, target.sts, error)) from error
    body: dict[str, Any] = response["body"]
    return body
