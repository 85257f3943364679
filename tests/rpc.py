"""RPC calls with Alibaba Cloud's generic client."""

from __future__ import annotations

from typing import Any

from alibabacloud_tea_openapi.client import Client
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions

# The generic client's name for RPC signatures with HMAC-SHA1.
SIGNATURE = "v2"


def call_rpc(config: Config, version: str, action: str, query: dict[str, str]) -> dict[str, Any]:
    """Make a call, and return the body of the response.

    Args:
        config: endpoint and keys, with ``SIGNATURE`` as the signature's algorithm.
        version: version of the service's API, a date.
        action: name of the action, such as ``GetPolicy``.
        query: parameters of the action.
    """
    params = Params(
        action=action,
        version=version,
        protocol=config.protocol,
        method="POST",
        auth_type="AK",
        style="RPC",
        pathname="/",
        req_body_type="formData",
        body_type="json",
    )
    answer = Client(config).call_api(params, OpenApiRequest(query=query), RuntimeOptions())
    return dict(answer["body"])
