"""The HTTP API of Function Compute, in both versions, on one endpoint.

2016-08-15 is FC 2.0, as aliyun-fc2 2.5.2 calls it; 2023-03-30 is FC 3.0, as alibabacloud-fc20230330
4.8.3 calls it. The body of every answer but a result is JSON, errors included: the clients decode
all of them.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote

import orjson

from localcloud.errors import CloudError
from localcloud.fc import acs3, auth, fc2_operations, fc3_operations
from localcloud.fc.api_call import ApiCall, Operation, ReadObject
from localcloud.fc.call import PAYLOAD_BYTES
from localcloud.fc.compute import FunctionCompute
from localcloud.fc.download import Downloads
from localcloud.http import UNSIGNED_BYTES, Request, Response, Service, refuse_as_json
from localcloud.ram.credentials import Credential, Credentials, Principal

_SERVICE: Final = "/services/(?P<service>[^/.]+)"
_CODE_BODY_BYTES: Final = 100 * 2**20 * 4 // 3 + 2**20  # 100 MB of zip as base64 (quotas), and room
_QUALIFIED: Final = rf"{_SERVICE}(?:\.(?P<qualifier>[^/]+))?"
_FUNCTION: Final = "/functions/(?P<function>[^/]+)"

_Routes = Sequence[tuple[str, str, Operation]]


@dataclass(frozen=True)
class _Version:
    """One version of the API.

    Attributes:
        name: first part of its paths.
        authenticate: tells who signed a request.
        authenticate_head: the same, before its body is read.
        error_keys: what an error's code and its message are called.
        routes: method, path and operation.
    """

    name: str
    authenticate: Callable[[Request, Credentials], Credential]
    authenticate_head: Callable[[Request, Credentials], Credential]
    error_keys: tuple[str, str]
    routes: _Routes

    def route(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation that a request is for, and the names in its path."""
        for known, pattern, operation in self.routes:
            match = re.fullmatch(f"/{self.name}{pattern}", path)
            if match and known == method:
                return operation, {name: value or "" for name, value in match.groupdict().items()}
        return None


_FC2: Final = _Version(
    "2016-08-15",
    auth.authenticate,
    auth.authenticate,
    ("ErrorCode", "ErrorMessage"),
    (
        ("GET", "/account-settings", fc2_operations.get_account_settings),
        ("POST", "/services", fc2_operations.create_service),
        ("GET", "/services", fc2_operations.list_services),
        ("GET", _QUALIFIED, fc2_operations.get_service),
        ("PUT", _SERVICE, fc2_operations.update_service),
        ("DELETE", _SERVICE, fc2_operations.delete_service),
        ("GET", f"{_SERVICE}/versions", fc2_operations.list_versions),
        ("GET", f"{_SERVICE}/aliases", fc2_operations.list_aliases),
        ("POST", f"{_SERVICE}/functions", fc2_operations.create_function),
        ("GET", f"{_QUALIFIED}/functions", fc2_operations.list_functions),
        ("GET", f"{_QUALIFIED}{_FUNCTION}", fc2_operations.get_function),
        ("PUT", f"{_SERVICE}{_FUNCTION}", fc2_operations.update_function),
        ("DELETE", f"{_SERVICE}{_FUNCTION}", fc2_operations.delete_function),
        ("GET", f"{_QUALIFIED}{_FUNCTION}/code", fc2_operations.get_function_code),
        ("POST", f"{_QUALIFIED}{_FUNCTION}/invocations", fc2_operations.invoke_function),
    ),
)
_FC3: Final = _Version(
    "2023-03-30",
    acs3.authenticate,
    acs3.authenticate_head,
    ("Code", "Message"),
    (
        ("POST", "/functions", fc3_operations.create_function),
        ("GET", "/functions", fc3_operations.list_functions),
        ("GET", _FUNCTION, fc3_operations.get_function),
        ("PUT", _FUNCTION, fc3_operations.update_function),
        ("DELETE", _FUNCTION, fc3_operations.delete_function),
        ("GET", f"{_FUNCTION}/code", fc3_operations.get_function_code),
        ("POST", f"{_FUNCTION}/invocations", fc3_operations.invoke_function),
    ),
)


def fc_service(
    credentials: Credentials,
    account_lookup: Callable[[str], FunctionCompute],
    *,
    read_object: ReadObject | None = None,
) -> Service:
    """Answers the API's requests.

    Args:
        credentials: whose signatures count.
        account_lookup: Function Compute of an account, by the account's id.
        read_object: reads a function's code from OSS with the caller's rights: caller, bucket, key.
    """
    downloads = Downloads(account_lookup)

    async def answer(request: Request, version: _Version) -> Response:
        if downloads.wants(request):
            return downloads.answer(request)
        caller = version.authenticate(request, credentials).principal
        fc = account_lookup(caller.account_id)
        path = unquote(request.raw_path)
        route = version.route(request.method, path)
        if route is None:
            message = f"the local cloud does not serve {request.method} {path}"
            raise CloudError("PathNotSupported", message)
        operation, names = route
        query = dict(parse_qsl(request.query, keep_blank_values=True))
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
        return await operation(call)

    async def handle(request: Request) -> Response:
        request_id = secrets.token_hex(16)
        version = _version(request)
        try:
            response = await answer(request, version)
        except CloudError as error:
            code, message = version.error_keys
            body = {code: error.code, message: error.message, "RequestId": request_id}
            response = Response(
                error.status, {"content-type": "application/json"}, orjson.dumps(body)
            )
        headers = {"x-fc-request-id": request_id, **response.headers}
        return Response(response.status, headers, response.body)

    def admit(head: Request) -> int:
        _version(head).authenticate_head(head, credentials)
        if head.raw_path.endswith("/invocations"):
            return PAYLOAD_BYTES
        return _CODE_BODY_BYTES if "/functions" in head.raw_path else UNSIGNED_BYTES

    return Service(handle, refuse_as_json, admit)


def _version(request: Request) -> _Version:
    return _FC3 if request.raw_path.startswith(f"/{_FC3.name}/") else _FC2


def _no_object(_caller: Principal, bucket: str, key: str) -> bytes:
    message = f"code from OSS ({bucket}/{key}): this cloud has no OSS, send the zip itself"
    raise CloudError("InvalidArgument", message)
