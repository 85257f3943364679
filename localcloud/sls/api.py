"""Log Service's API, version 0.6.0, which the SDKs call 2020-12-30."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote

import orjson

from localcloud.core import Core
from localcloud.errors import AccessDeniedError, CloudError
from localcloud.http import HttpService, Request, Response
from localcloud.ram.credentials import CredentialStore
from localcloud.ram.model import Ram
from localcloud.sls.call import SlsCall
from localcloud.sls.model import LogService
from localcloud.sls.routes import ROUTES, SlsRoute
from localcloud.sls.signature import authenticate

# Headers with this prefix change the meaning of a call, except for those of every call.
_MEANINGFUL: Final = "x-log-"
_WITH_ANY_CALL: Final = frozenset(
    {"x-log-apiversion", "x-log-bodyrawsize", "x-log-date", "x-log-signaturemethod"}
)


class LogAccount(NamedTuple):
    """Log Service and RAM of an account."""

    service: LogService
    ram: Ram


@dataclass(frozen=True)
class LogAccounts:
    """Every account's Log Service.

    Attributes:
        find: that of an account, by the account's id.
        is_taken: whether any account has a project of that name.
    """

    find: Callable[[str], LogAccount]
    is_taken: Callable[[str], bool]


def sls_service(core: Core, credentials: CredentialStore, accounts: LogAccounts) -> HttpService:
    """Answers the API's requests.

    Args:
        core: settings and journal.
        credentials: the keys that requests may be signed with.
        accounts: every account's Log Service.
    """
    region = core.settings.region

    def answer(request: Request) -> Response:
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
        if request.method != "GET":  # noted before, since a refusal may come halfway
            core.journal.touch("sls", principal.account_id)
        return route.operation(call)

    async def handle(request: Request) -> Response:
        try:
            response = answer(request)
        except CloudError as error:
            response = _refuse(request, error)
        headers = {"x-log-requestid": secrets.token_hex(12).upper(), **response.headers}
        return replace(response, headers=headers)

    return HttpService(handle, _refuse)


def project_of(host: str, region: str) -> str:
    """The project that a host names in front of the region's; empty if it names none.

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
    except ValueError as error:  # percent signs that stand for no UTF-8
        raise CloudError("ParameterInvalid", f"the parameters are not UTF-8: {error}") from error


def _route(method: str, path: str, call: SlsCall) -> tuple[SlsRoute, SlsCall]:
    found = [
        (route, names)
        for route in ROUTES
        if (names := route.names(method, path)) is not None and (call.project or not route.in_host)
    ]
    if not found:
        where = "in a project" if call.project else "without a project in the host"
        raise CloudError(
            "ParameterInvalid", f"the local cloud does not serve {method} {path} {where}"
        )
    # With a project in the host, GET / is about that one, and not the list of all.
    route, names = max(found, key=lambda one: one[0].in_host)
    return route, replace(call, names=names)


def _check(route: SlsRoute, request: Request, call: SlsCall) -> None:
    """Refuse what the operation would ignore."""
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
    return Response(status, {"content-type": "application/json"}, orjson.dumps(body))
