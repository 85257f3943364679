"""The RPC protocol of most services: an Action with parameters.

Older clients sign the parameters with HMAC-SHA1 (requests captured from alibabacloud-fnf20190315
2.0.1); newer ones send the action in a header and sign with ACS3 (alibabacloud-tea-openapi 0.4.6).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import parse_qsl, quote

import orjson

from localcloud import acs3
from localcloud.errors import CloudError
from localcloud.http import Handler, Request, Response
from localcloud.ram.credentials import Credential, CredentialStore

# Parameters of every request (SDKs, the aliyun CLI, the Terraform provider).
PROTOCOL_PARAMETERS: Final = frozenset(
    {
        *("Action", "Version", "Format", "Timestamp", "RegionId", "RequestId"),
        *("AccessKeyId", "SecurityToken", "Signature", "SignatureMethod", "SignatureNonce"),
        *("SignatureType", "SignatureVersion", "SecureTransport", "SourceIp"),
    }
)

_NAMING_HEADERS: Final = frozenset({"x-acs-action", "x-acs-version"})

Action = Callable[[Credential, Mapping[str, str]], Awaitable[Mapping[str, object]]]


def _encode(text: str) -> str:
    return quote(text, safe="-_.~")


def signature(method: str, parameters: Mapping[str, str], secret: str) -> str:
    """Return the signature of an RPC request (signature version 1.0)."""
    canonical = "&".join(
        f"{_encode(k)}={_encode(v)}" for k, v in sorted(parameters.items()) if k != "Signature"
    )
    text = f"{method}&%2F&{_encode(canonical)}"
    digest = hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _parameters(request: Request) -> dict[str, str]:
    parameters = _pairs(request.query)
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        parameters |= _pairs(request.body.decode("latin-1"))
    return parameters


def _pairs(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict", encoding="utf-8"))
    except ValueError as error:  # percent encoding of invalid UTF-8
        raise CloudError("InvalidParameter", f"the parameters are not UTF-8: {error}") from error


def _authenticate(
    credentials: CredentialStore, request: Request, parameters: Mapping[str, str]
) -> Credential:
    credential = credentials.find(
        parameters.get("AccessKeyId", ""), parameters.get("SecurityToken", "")
    )
    expected = signature(request.method, parameters, credential.secret)
    if not hmac.compare_digest(expected.encode(), parameters.get("Signature", "").encode()):
        raise CloudError(
            "SignatureDoesNotMatch",
            "The signature does not match: check the access key's secret.",
            403,
        )
    return credential


def _no_action(name: str) -> CloudError:
    return CloudError("InvalidAction.NotFound", f"There is no action {name!r}.", 404)


def rpc(
    actions: Mapping[str, Action],
    *,
    credentials: CredentialStore,
    version: str,
    unknown_action: Callable[[str], CloudError] = _no_action,
) -> Handler:
    """Return a handler that routes signed requests to actions by name.

    Args:
        actions: the actions, by name.
        credentials: the keys that requests may be signed with.
        version: the API version that requests must specify.
        unknown_action: returns the error for any other action.
    """

    async def handle(request: Request) -> Response:
        request_id = secrets.token_hex(16).upper()
        try:
            parameters = _parameters(request)
            if request.headers.get("authorization", "").startswith(acs3.SCHEME):
                credential = acs3.authenticate(request, credentials, signed=_NAMING_HEADERS)
                parameters |= {
                    "Action": request.headers.get("x-acs-action", ""),
                    "Version": request.headers.get("x-acs-version", ""),
                }
            else:
                credential = _authenticate(credentials, request, parameters)
            if parameters.get("Version") != version:
                raise CloudError("InvalidVersion", f"This API's version is {version}.", 404)
            name = parameters.get("Action", "")
            action = actions.get(name)
            if action is None:
                raise unknown_action(name)
            response: Mapping[str, object] = await action(credential, parameters)
            status = 200
        except CloudError as error:
            status = error.status
            response = {"Code": error.code, "Message": error.message, "HostId": "localcloud"}
        body = orjson.dumps({**response, "RequestId": request_id})
        return Response(status, {"content-type": "application/json"}, body)

    return handle
