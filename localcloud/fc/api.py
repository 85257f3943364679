"""The HTTP API of Function Compute, in both versions, on one endpoint.

Version 2016-08-15 (FC 2.0) is called by aliyun-fc2 2.5.2, and 2023-03-30 (FC 3.0) by
alibabacloud-fc20230330 4.8.3. All response bodies except function results are JSON, including
errors, since the clients decode them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote

from localcloud import acs3
from localcloud.errors import CloudError
from localcloud.fc import auth, fc2_routes, fc3_routes, roa
from localcloud.fc.api_call import ApiCall, ReadObject
from localcloud.fc.call import PAYLOAD_BYTES
from localcloud.fc.compute import FunctionCompute
from localcloud.fc.download import Downloads
from localcloud.fc.routing import FcRoute, Unsupported, not_served
from localcloud.http import (
    UNSIGNED_BYTES,
    HttpService,
    Request,
    Response,
    json_response,
    refuse_as_json,
)
from localcloud.ram.credentials import Credential, CredentialStore, Principal

_CODE_BODY_BYTES: Final = (
    100 * 2**20 * 4 // 3 + 2**20
)  # a zip of 100 MB as base64 (quotas), plus the rest


@dataclass(frozen=True)
class _Version:
    """A version of the API.

    Attributes:
        name: first part of its paths.
        authenticate: returns the key that signed a request.
        authenticate_head: the same, before the body is read.
        error_keys: the JSON keys of an error's code and message.
        routes: its operations.
        unsupported: its operations that the local cloud does not support.
    """

    name: str
    authenticate: Callable[[Request, CredentialStore], Credential]
    authenticate_head: Callable[[Request, CredentialStore], Credential]
    error_keys: tuple[str, str]
    routes: tuple[FcRoute, ...]
    unsupported: tuple[Unsupported, ...]

    def route(self, method: str, path: str) -> tuple[FcRoute, dict[str, str]]:
        """Return the operation that a request selects, and the names in its path.

        Raises:
            CloudError: ``PathNotSupported``, with the reason if it is known.
        """
        own = path.removeprefix(f"/{self.name}")
        for route in self.routes if own != path else ():
            names = route.names(method, own)
            if names is not None:
                return route, names
        raise not_served(method, path, self.name, self.unsupported)


def _authenticate_fc3(request: Request, credentials: CredentialStore) -> Credential:
    if request.headers.get("authorization", "").startswith(f"{roa.SCHEME} "):
        return roa.authenticate(request, credentials)
    return acs3.authenticate(request, credentials)


def _authenticate_fc3_head(request: Request, credentials: CredentialStore) -> Credential:
    if request.headers.get("authorization", "").startswith(f"{roa.SCHEME} "):
        return roa.authenticate(request, credentials)
    return acs3.authenticate_head(request, credentials)


_FC2: Final = _Version(
    fc2_routes.VERSION,
    auth.authenticate,
    auth.authenticate,
    ("ErrorCode", "ErrorMessage"),
    fc2_routes.ROUTES,
    fc2_routes.UNSUPPORTED,
)
_FC3: Final = _Version(
    fc3_routes.VERSION,
    _authenticate_fc3,
    _authenticate_fc3_head,
    ("Code", "Message"),
    fc3_routes.ROUTES,
    fc3_routes.UNSUPPORTED,
)


def fc_service(
    credentials: CredentialStore,
    account_lookup: Callable[[str], FunctionCompute],
    *,
    read_object: ReadObject | None = None,
) -> HttpService:
    """Return the service that answers the API's requests.

    Args:
        credentials: the keys that requests may be signed with.
        account_lookup: Function Compute of an account, by the account's id.
        read_object: reads a function's code from OSS, given the caller, bucket and key.
    """
    downloads = Downloads(account_lookup)

    async def respond(request: Request, version: _Version) -> Response:
        if downloads.serves(request):
            return downloads.respond(request)
        caller = version.authenticate(request, credentials).principal
        fc = account_lookup(caller.account_id)
        path = unquote(request.raw_path)
        route, names = version.route(request.method, path)
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        route.check(request, query)
        call = ApiCall(
            fc=fc,
            caller=caller,
            headers=request.headers,
            query=query,
            body=request.body,
            read_object=read_object or _no_object,
            download_url=lambda checksum: downloads.url(request, fc, checksum),
            **{"qualifier": query.get("qualifier", ""), **names},
        )
        response = await route.operation(call)
        if request.method != "GET" and not path.endswith("/invocations"):
            fc.changed()
        return response

    async def handle(request: Request) -> Response:
        request_id = secrets.token_hex(16)
        version = _version(request)
        try:
            response = await respond(request, version)
        except CloudError as error:
            code, message = version.error_keys
            body = {code: error.code, message: error.message, "RequestId": request_id}
            response = json_response(body, error.status)
        headers = {"x-fc-request-id": request_id, **response.headers}
        return Response(response.status, headers, response.body)

    def admit(head: Request) -> int:
        _version(head).authenticate_head(head, credentials)
        if head.raw_path.endswith("/invocations"):
            return PAYLOAD_BYTES
        return _CODE_BODY_BYTES if "/functions" in head.raw_path else UNSIGNED_BYTES

    return HttpService(handle, refuse_as_json, admit)


def _version(request: Request) -> _Version:
    return _FC3 if request.raw_path.startswith(f"/{_FC3.name}/") else _FC2


def _no_object(_caller: Principal, bucket: str, key: str) -> bytes:
    message = f"code from OSS ({bucket}/{key}): this cloud has no OSS; send the zip itself"
    raise CloudError("InvalidArgument", message)
