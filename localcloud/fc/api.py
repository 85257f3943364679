"""The HTTP API of Function Compute, version 2016-08-15, as aliyun-fc2 2.5.2 calls it.

The body of every answer but a result is JSON, errors included: the client decodes all of them.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl, unquote

import orjson

from localcloud.errors import CloudError
from localcloud.fc import operations
from localcloud.fc.auth import authenticate
from localcloud.fc.compute import FunctionCompute
from localcloud.fc.download import Downloads
from localcloud.fc.operations import ApiCall, Operation, ReadObject
from localcloud.http import Handler, Request, Response
from localcloud.ram.credentials import Credentials, Principal

_SERVICE: Final = "/services/(?P<service>[^/.]+)"
_QUALIFIED: Final = rf"{_SERVICE}(?:\.(?P<qualifier>[^/]+))?"
_FUNCTION: Final = "/functions/(?P<function>[^/]+)"

_ROUTES: Final[tuple[tuple[str, re.Pattern[str], Operation], ...]] = tuple(
    (method, re.compile(f"/2016-08-15{path}"), operation)
    for method, path, operation in (
        ("GET", "/account-settings", operations.get_account_settings),
        ("POST", "/services", operations.create_service),
        ("GET", "/services", operations.list_services),
        ("GET", _QUALIFIED, operations.get_service),
        ("PUT", _SERVICE, operations.update_service),
        ("DELETE", _SERVICE, operations.delete_service),
        ("GET", f"{_SERVICE}/versions", operations.list_versions),
        ("GET", f"{_SERVICE}/aliases", operations.list_aliases),
        ("POST", f"{_SERVICE}/functions", operations.create_function),
        ("GET", f"{_QUALIFIED}/functions", operations.list_functions),
        ("GET", f"{_QUALIFIED}{_FUNCTION}", operations.get_function),
        ("PUT", f"{_SERVICE}{_FUNCTION}", operations.update_function),
        ("DELETE", f"{_SERVICE}{_FUNCTION}", operations.delete_function),
        ("GET", f"{_QUALIFIED}{_FUNCTION}/code", operations.get_function_code),
        ("POST", f"{_QUALIFIED}{_FUNCTION}/invocations", operations.invoke_function),
    )
)


def fc_handler(
    credentials: Credentials,
    account_lookup: Callable[[str], FunctionCompute],
    *,
    read_object: ReadObject | None = None,
) -> Handler:
    """Answers the API's requests.

    Args:
        credentials: whose signatures count.
        account_lookup: Function Compute of an account, by the account's id.
        read_object: reads a function's code from OSS with the caller's rights: caller, bucket, key.
    """
    downloads = Downloads(account_lookup)

    async def answer(request: Request) -> Response:
        if downloads.wants(request):
            return downloads.answer(request)
        caller = authenticate(request, credentials).principal
        fc = account_lookup(caller.account_id)
        path = unquote(request.raw_path)
        for method, pattern, operation in _ROUTES:
            match = pattern.fullmatch(path)
            if match and method == request.method:
                names = {name: value or "" for name, value in match.groupdict().items()}
                call = ApiCall(
                    fc=fc,
                    caller=caller,
                    headers=request.headers,
                    query=dict(parse_qsl(request.query, keep_blank_values=True)),
                    body=request.body,
                    read_object=read_object or _no_object,
                    download_url=lambda checksum: downloads.url(request, fc, checksum),
                    **names,
                )
                return await operation(call)
        message = f"the local cloud does not serve {request.method} {path}"
        raise CloudError("PathNotSupported", message)

    async def handle(request: Request) -> Response:
        try:
            response = await answer(request)
        except CloudError as error:
            response = Response(
                error.status,
                {"content-type": "application/json"},
                orjson.dumps({"ErrorCode": error.code, "ErrorMessage": error.message}),
            )
        headers = {"x-fc-request-id": secrets.token_hex(16), **response.headers}
        return Response(response.status, headers, response.body)

    return handle


def _no_object(_caller: Principal, bucket: str, key: str) -> bytes:
    message = f"code from OSS ({bucket}/{key}): this cloud has no OSS, send the zip itself"
    raise CloudError("InvalidArgument", message)
