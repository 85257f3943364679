"""Log Service's API, version 0.6.0, which the SDKs call 2020-12-30."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote

from localcloud.core import Core
from localcloud.errors import AccessDeniedError, CloudError
from localcloud.http import HttpService, Request, Response, json_response
from localcloud.ram.credentials import CredentialStore
from localcloud.ram.model import Ram
from localcloud.sls.call import SlsCall
from localcloud.sls.model import LogService
from localcloud.sls.routes import ROUTES, SlsRoute
from localcloud.sls.signature import authenticate

# Headers with this prefix change the meaning of a request, except those of every request.
_MEANINGFUL: Final = "x-log-"
_WITH_ANY_CALL: Final = frozenset(
    {"x-log-apiversion", "x-log-bodyrawsize", "x-log-date", "x-log-signaturemethod"}
)


class LogAccount(NamedTuple):
    """An account's Log Service and RAM."""

    service: LogService
    ram: Ram


@dataclass(frozen=True)
class LogAccounts:
    """The Log Service of all accounts.

    Attributes:
        find: returns Log Service and RAM of an account, by id.
        is_taken: returns whether any account has a project with this name.
    """

    find: Callable[[str], LogAccount]
    is_taken: Callable[[str], bool]


def sls_service(core: Core, credentials: CredentialStore, accounts: LogAccounts) -> HttpService:
    """Return the service that answers the API's requests.

    Args:
        core: the cloud's shared state.
        credentials: the keys that requests may be signed with.
        accounts: the Log Service of all accounts.
    """
    region = core.settings.region

    def respond(request: Request) -> Response:
        path, query = unquote(request.raw_path), _query(request)
        principal = authenticate(request, path, query, credentials).principal
        account = accounts.find(principal.account_id)
        call = SlsCall(
            account.service,
            region,
            principal.account_id,
            project_of(request.headers.get("host", ""), region),
            {},
            query,
            request.body,
            accounts.is_taken,
        )
        route, call = _route(request.method, path, call)
        _check(route, request, call)
        for project in route.projects(call) if route.projects else [call.project]:
            below = f"/{route.resource.format(**call.names)}" if route.resource else ""
            arn = f"acs:log:{region}:{principal.account_id}:project/{project}{below}"
            account.ram.authorize(principal, f"log:{route.name}", arn)
        if request.method != "GET":  # recorded first, since an operation may fail halfway
            core.journal.touch("sls", principal.account_id)
        return route.operation(call)

    async def handle(request: Request) -> Response:
        try:
            response = respond(request)
        except CloudError as error:
            response = _refuse(request, error)
        headers = {"x-log-requestid": secrets.token_hex(12).upper(), **response.headers}
        return replace(response, headers=headers)

    return HttpService(handle, _refuse)


def project_of(host: str, region: str) -> str:
    """Return the project in a host name; empty if there is none.

    Args:
        host: such as ``PROJECT.cn-hangzhou.log.aliyuncs.com`` or ``PROJECT.localhost:8080``.
        region: the cloud's region.
    """
    name = host.lower().rpartition(":")[0] if ":" in host else host.lower()
    for own in (f"{region}.log.aliyuncs.com", f"{region}-intranet.log.aliyuncs.com", "localhost"):
        if name.endswith(f".{own}"):
            return name.removesuffix(f".{own}")
    return ""


def _query(request: Request) -> dict[str, str]:
    try:
        return dict(parse_qsl(request.query, keep_blank_values=True, errors="strict"))
    except ValueError as error:  # percent encoding of invalid UTF-8
        raise CloudError("ParameterInvalid", f"the parameters are not UTF-8: {error}") from error


def _route(method: str, path: str, call: SlsCall) -> tuple[SlsRoute, SlsCall]:
    candidates = [
        (route, names)
        for route in ROUTES
        if (names := route.names(method, path)) is not None and (call.project or not route.in_host)
    ]
    if not candidates:
        where = "in a project" if call.project else "without a project in the host"
        raise CloudError(
            "ParameterInvalid", f"the local cloud does not serve {method} {path} {where}"
        )
    # With a project in the host, GET / is about that project, not the list of all.
    route, names = max(candidates, key=lambda candidate: candidate[0].in_host)
    return route, replace(call, names=names)


def _check(route: SlsRoute, request: Request, call: SlsCall) -> None:
    """Refuse parameters and headers that the operation does not support."""
    for name, value in call.query.items():
        if value and name not in route.query:
            raise CloudError("ParameterInvalid", f"{route.name}: {name} is not supported here")
    for name in request.headers:
        if name.startswith(_MEANINGFUL) and name not in _WITH_ANY_CALL:
            raise CloudError(
                "ParameterInvalid", f"{route.name}: the header {name} is not supported here"
            )


def _refuse(_: Request, error: CloudError) -> Response:
    denied = isinstance(error, AccessDeniedError)
    code, status = ("Unauthorized", 401) if denied else (error.code, error.status)
    body = {"errorCode": code, "errorMessage": error.message}
    return json_response(body, status)
