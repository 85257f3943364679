"""The operations of API version 2016-08-15: who may, what is done, what is answered."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from localcloud.errors import CloudError
from localcloud.fc import wire
from localcloud.fc.compute import FunctionCompute
from localcloud.fc.model import Function, FunctionConfig, Service, ServiceConfig
from localcloud.fc.platform import SERVICE_HOST
from localcloud.http import Response
from localcloud.ram.credentials import Principal

_PAGE: Final = 20
_PAGE_LIMIT: Final = 100

ReadObject = Callable[[Principal, str, str], bytes]


@dataclass(frozen=True)
class ApiCall:
    """One authenticated call.

    Attributes:
        fc: of the caller's account.
        service: name in the path, without its qualifier.
        function: name in the path.
        read_object: bytes of an object in OSS, read with the caller's rights.
        download_url: where a zip with that checksum can be fetched.
    """

    fc: FunctionCompute
    caller: Principal
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    read_object: ReadObject
    download_url: Callable[[str], str]
    service: str = ""
    qualifier: str = ""
    function: str = ""

    def authorize(
        self, action: str, resource: str, context: Mapping[str, str] | None = None
    ) -> None:
        """Refuses the call unless the caller may do that."""
        self.fc.ram.authorize(self.caller, action, resource, context)

    def authorize_here(self, action: str, resource: str) -> None:
        """The same, on something of this account's Function Compute."""
        self.authorize(action, self.fc.arn(resource))


Operation = Callable[[ApiCall], Awaitable[Response]]


async def get_account_settings(call: ApiCall) -> Response:
    """``GET /account-settings``."""
    call.authorize_here("fc:GetAccountSettings", "account-settings")
    return _json({"availableAZs": [f"{call.fc.region}-a"]})


async def create_service(call: ApiCall) -> Response:
    """``POST /services``."""
    body = wire.read_body(wire.ServiceBody, call.body)
    call.authorize_here("fc:CreateService", "services/*")
    config = body.applied_to(ServiceConfig())
    _authorize_pass_role(call, config.role)
    return _object(wire.service_json(call.fc.create_service(body.service_name, config)))


async def list_services(call: ApiCall) -> Response:
    """``GET /services``."""
    call.authorize_here("fc:ListServices", "services/*")
    page, following = _page(call, call.fc.services)
    shown = [wire.service_json(call.fc.services[name]) for name in page]
    return _json({"services": shown} | following)


async def get_service(call: ApiCall) -> Response:
    """``GET /services/S[.Q]``."""
    return _object(wire.service_json(_service(call, "fc:GetService")))


async def update_service(call: ApiCall) -> Response:
    """``PUT /services/S``."""
    service = _service(call, "fc:UpdateService")
    _check_etag(call, wire.service_json(service))
    config = wire.read_body(wire.ServiceBody, call.body).applied_to(service.config)
    if config.role != service.config.role:
        _authorize_pass_role(call, config.role)
    return _object(wire.service_json(call.fc.update_service(call.service, config)))


async def delete_service(call: ApiCall) -> Response:
    """``DELETE /services/S``."""
    _check_etag(call, wire.service_json(_service(call, "fc:DeleteService")))
    call.fc.delete_service(call.service)
    return Response(204)


async def list_versions(call: ApiCall) -> Response:
    """``GET /services/S/versions``: there are none in the local cloud."""
    _service(call, "fc:ListServiceVersions")
    return _json({"versions": []})


async def list_aliases(call: ApiCall) -> Response:
    """``GET /services/S/aliases``: there are none in the local cloud."""
    _service(call, "fc:ListAliases")
    return _json({"aliases": []})


async def create_function(call: ApiCall) -> Response:
    """``POST /services/S/functions``."""
    body = wire.read_body(wire.FunctionBody, call.body)
    call.authorize_here("fc:CreateFunction", f"services/{call.service}/functions/*")
    code = _code(call, body)
    if code is None:
        raise CloudError("InvalidArgument", "code is missing")
    config = body.applied_to(FunctionConfig(handler="", runtime=""))
    function = call.fc.create_function(call.service, body.function_name, config, code)
    return _object(wire.function_json(function))


async def list_functions(call: ApiCall) -> Response:
    """``GET /services/S[.Q]/functions``."""
    call.authorize_here("fc:ListFunctions", f"services/{call.service}/functions/*")
    call.fc.check_qualifier(call.service, call.qualifier)
    functions = call.fc.service(call.service).functions
    page, following = _page(call, functions)
    return _json({"functions": [wire.function_json(functions[n]) for n in page]} | following)


async def get_function(call: ApiCall) -> Response:
    """``GET /services/S[.Q]/functions/F``."""
    return _object(wire.function_json(_function(call, "fc:GetFunction")))


async def update_function(call: ApiCall) -> Response:
    """``PUT /services/S/functions/F``."""
    function = _function(call, "fc:UpdateFunction")
    _check_etag(call, wire.function_json(function))
    body = wire.read_body(wire.FunctionBody, call.body)
    config = body.applied_to(function.config)
    updated = call.fc.update_function(call.service, call.function, config, _code(call, body))
    return _object(wire.function_json(updated))


async def delete_function(call: ApiCall) -> Response:
    """``DELETE /services/S/functions/F``."""
    _check_etag(call, wire.function_json(_function(call, "fc:DeleteFunction")))
    call.fc.delete_function(call.service, call.function)
    return Response(204)


async def get_function_code(call: ApiCall) -> Response:
    """``GET /services/S[.Q]/functions/F/code``."""
    checksum = _function(call, "fc:GetFunctionCode").code_checksum
    return _json({"url": call.download_url(checksum), "checksum": checksum})


async def invoke_function(call: ApiCall) -> Response:
    """``POST /services/S[.Q]/functions/F/invocations``."""
    target = (call.caller, call.service, call.qualifier, call.function, call.body)
    if _choice(call, "x-fc-invocation-type", "Sync", "Async") == "Async":
        request_id = call.fc.invoke_later(*target)
        return Response(202, {"x-fc-request-id": request_id})
    with_log = _choice(call, "x-fc-log-type", "None", "Tail") == "Tail"
    invocation = await call.fc.invoke(*target)
    headers = {
        "content-type": "application/json",
        "x-fc-request-id": invocation.request_id,
        "x-fc-code-checksum": invocation.code_checksum,
    }
    if with_log:
        headers["x-fc-log-result"] = base64.b64encode(invocation.log.encode()).decode()
    if invocation.error_type:
        headers["x-fc-error-type"] = invocation.error_type
    return Response(200, headers, invocation.payload)


def _service(call: ApiCall, action: str) -> Service:
    call.authorize_here(action, f"services/{call.service}")
    call.fc.check_qualifier(call.service, call.qualifier)
    return call.fc.service(call.service)


def _function(call: ApiCall, action: str) -> Function:
    call.authorize_here(action, f"services/{call.service}/functions/{call.function}")
    call.fc.check_qualifier(call.service, call.qualifier)
    return call.fc.function(call.service, call.function)


def _authorize_pass_role(call: ApiCall, role: str) -> None:
    if role:
        call.authorize("ram:PassRole", role, {"acs:Service": SERVICE_HOST})


def _code(call: ApiCall, body: wire.FunctionBody) -> bytes | None:
    if body.code is None:
        return None
    if body.code.oss_bucket_name:
        return call.read_object(call.caller, body.code.oss_bucket_name, body.code.oss_object_name)
    return body.code.decoded()


def _choice(call: ApiCall, header: str, default: str, other: str) -> str:
    value = call.headers.get(header, default)
    if value not in (default, other):
        raise CloudError("InvalidArgument", f"{header} is {value!r}, not {default} or {other}")
    return value


def _page(call: ApiCall, names: Iterable[str]) -> tuple[list[str], wire.Json]:
    """The names that a list call asks for, and what tells it where to go on."""
    limit = call.query.get("limit", str(_PAGE))
    if not limit.isdigit() or not 1 <= int(limit) <= _PAGE_LIMIT:
        raise CloudError("InvalidArgument", f"limit is {limit!r}; it must be 1 to {_PAGE_LIMIT}")
    start = max(call.query.get("startKey", ""), call.query.get("nextToken", ""))
    prefix = call.query.get("prefix", "")
    matching = sorted(name for name in names if name >= start and name.startswith(prefix))
    page, rest = matching[: int(limit)], matching[int(limit) :]
    return page, {"nextToken": rest[0]} if rest else {}


def _json(shown: wire.Json) -> Response:
    return Response(200, {"content-type": "application/json"}, orjson.dumps(shown))


def _object(shown: wire.Json) -> Response:
    headers = {"content-type": "application/json", "etag": _etag(shown)}
    return Response(200, headers, orjson.dumps(shown))


def _etag(shown: wire.Json) -> str:
    text = orjson.dumps(shown, option=orjson.OPT_SORT_KEYS)
    return hashlib.md5(text, usedforsecurity=False).hexdigest()


def _check_etag(call: ApiCall, shown: wire.Json) -> None:
    wanted = call.headers.get("if-match", "")
    if wanted and wanted != _etag(shown):
        message = "the object is not the one that if-match names; read it again"
        raise CloudError("PreconditionFailed", message, 412)
