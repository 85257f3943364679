"""The control API, which real clouds do not have: clock, meters, faults and contents.

It returns accounts' keys, so every request needs the token from the endpoints file, which only its
owner can read. A web page cannot send JSON without a preflight request, which is always refused.
"""

from __future__ import annotations

import dataclasses
import hmac
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Final, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from localcloud.cloud import LocalCloud
from localcloud.errors import CloudError
from localcloud.faults import FaultRule
from localcloud.fc.interpreters import RUNTIME_VERSIONS, interpreter
from localcloud.oss import GeneratedObject
from localcloud.oss.model import StorageClass

LINES: Final = "application/x-ndjson"  # of POST /buckets/{bucket}/objects, which may be long
_JSON: Final = "application/json"
_CENTURY: Final = 100 * 365 * 86_400
_LARGEST_OBJECT: Final = 48_800 * 2**30  # bytes; docs limits: 48.8 TB


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class SeedLine(_Document):
    """One line of a bulk upload: an object whose body is generated when it is read."""

    key: str
    size: int = Field(ge=0, le=_LARGEST_OBJECT)
    storage_class: StorageClass


class EmptyBody(_Document):
    """The body of a request without parameters: ``{}``."""


class Advance(_Document):
    """The number of seconds to move the clock by."""

    seconds: float = Field(ge=0, le=_CENTURY)


class Holder(_Document):
    """The holder of the clock: any name that the client chooses."""

    client: str = Field(min_length=1, max_length=128)


class Region(_Document):
    """The region to move a bucket to."""

    region: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")


class ListingRange(BaseModel):
    """The requested part of a listing."""

    model_config = ConfigDict(extra="forbid")

    after: str = ""
    limit: int = Field(default=100, ge=1, le=1000)


_CHANGES: Final = TypeAdapter(dict[str, str | Annotated[float, Field(allow_inf_nan=False)] | None])
_ACCOUNT_ID: Final = TypeAdapter(Annotated[str, Field(pattern=r"^[0-9]{16}$")])

ResponseBody = Mapping[str, object]
B = TypeVar("B", bound=BaseModel)


def control_app(cloud: LocalCloud) -> ASGIApp:
    """The control API of one cloud, as an ASGI application."""
    calls = _Calls(cloud)
    routes = {
        ("GET", "/meters"): calls.meters,
        ("POST", "/meters/reset"): calls.reset_meters,
        ("GET", "/work"): calls.work,
        ("GET", "/clock"): calls.clock,
        ("POST", "/clock/advance"): calls.advance,
        ("POST", "/clock/hold"): calls.hold,
        ("POST", "/clock/release"): calls.release,
        ("GET", "/faults"): calls.faults,
        ("POST", "/faults"): calls.add_fault,
        ("DELETE", "/faults"): calls.clear_faults,
        ("DELETE", "/faults/{number:int}"): calls.remove_fault,
        ("PUT", "/settings"): calls.settings,
        ("POST", "/buckets/{bucket}/objects"): calls.seed,
        ("GET", "/buckets/{bucket}/objects"): calls.objects,
        ("GET", "/buckets/{bucket}/thaws"): calls.thaws,
        ("PUT", "/buckets/{bucket}/region"): calls.region,
        ("DELETE", "/buckets/{bucket}"): calls.remove_bucket,
        ("POST", "/accounts/{account_id}"): calls.account,
        ("GET", "/resources"): calls.resources,
        ("GET", "/configuration"): calls.configuration,
        ("GET", "/executions"): calls.executions,
        ("GET", "/processes"): calls.processes,
        ("GET", "/logs"): calls.logs,
        ("GET", "/messages"): calls.messages,
        ("GET", "/runtimes"): calls.runtimes,
        ("GET", "/warnings"): calls.warnings,
    }
    return Starlette(
        routes=[Route(path, call, methods=[method]) for (method, path), call in routes.items()],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"]),
            Middleware(_Guard, token=cloud.control_token, settle=cloud.core.journal.settle),
        ],
        exception_handlers={
            CloudError: _refuse_call,
            ValidationError: _refuse_document,
            HTTPException: _refuse_path,
        },
    )


class _Guard:
    """Admits requests that have the token and, if they change anything, a JSON body.

    A response is sent once the state that it describes is saved.
    """

    def __init__(self, app: ASGIApp, token: str, settle: Callable[[], Awaitable[None]]) -> None:
        self._app = app
        self._settle = settle
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the request before its body is read."""
        headers = dict(scope["headers"])
        refusal: Response | None = None
        if not hmac.compare_digest(headers.get(b"authorization", b""), self._expected):
            refusal = _refusal(
                401,
                "Unauthorized",
                "send Authorization: Bearer TOKEN, the control_token of the endpoints file",
            )
        elif scope["method"] not in ("GET", "HEAD") and not _is_json(headers):
            refusal = _refusal(415, "UnsupportedMediaType", f"send Content-Type: {_JSON}")
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        response: list[Message] = []

        async def hold(message: Message) -> None:
            response.append(message)

        await self._app(scope, receive, hold)
        try:
            await self._settle()
        except CloudError as error:
            await _refusal(error.status, error.code, error.message)(scope, receive, send)
            return
        for message in response:
            await send(message)


def _is_json(headers: Mapping[bytes, bytes]) -> bool:
    media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    return media_type.decode("latin-1") in (_JSON, LINES)


class _Calls:
    """The operations."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self._core = cloud.core

    async def meters(self, _: Request) -> Response:
        return _json_response(self._core.meters.read())

    async def reset_meters(self, request: Request) -> Response:
        await _read(request, EmptyBody)
        self._core.meters.reset()
        self._core.function_work.reset()
        self._core.journal.touch("meters")
        return _json_response({})

    async def work(self, _: Request) -> Response:
        return _json_response(
            {name: work.to_json() for name, work in self._core.function_work.read().items()}
        )

    async def clock(self, _: Request) -> Response:
        clock = self._core.clock
        return _json_response(
            {"now": clock.now(), "time_lapse": clock.time_lapse, "holds": clock.client_holds()}
        )

    async def advance(self, request: Request) -> Response:
        self._core.clock.advance((await _read(request, Advance)).seconds)
        return await self.clock(request)

    async def hold(self, request: Request) -> Response:
        self._core.clock.hold_for((await _read(request, Holder)).client)
        return await self.clock(request)

    async def release(self, request: Request) -> Response:
        self._core.clock.release_for((await _read(request, Holder)).client)
        return await self.clock(request)

    async def faults(self, _: Request) -> Response:
        """List the active fault rules, by number."""
        rules = self._core.faults.rules().items()
        return _json_response({str(number): rule.model_dump() for number, rule in rules})

    async def add_fault(self, request: Request) -> Response:
        number = self._core.faults.add(await _read(request, FaultRule))
        self._core.journal.touch("faults")
        return _json_response({"number": number})

    async def remove_fault(self, request: Request) -> Response:
        await _read(request, EmptyBody)
        number: int = request.path_params["number"]
        if not self._core.faults.remove(number):
            raise CloudError("NoSuchFault", f"there is no fault rule {number}", 404)
        self._core.journal.touch("faults")
        return _json_response({})

    async def clear_faults(self, request: Request) -> Response:
        await _read(request, EmptyBody)
        self._core.faults.clear()
        self._core.journal.touch("faults")
        return _json_response({})

    async def settings(self, request: Request) -> Response:
        """Set switches and limits by name, for executions that start later."""
        changes = _CHANGES.validate_json(await request.body())
        try:
            self._core.change_settings(changes)
        except ValueError as error:
            raise CloudError("InvalidArgument", str(error)) from error
        return _json_response(self._settings())

    def _settings(self) -> ResponseBody:
        settings = self._core.settings
        return {
            **dataclasses.asdict(settings.switches),
            **dataclasses.asdict(settings.semantics),
            **dataclasses.asdict(settings.limits),
            **dataclasses.asdict(settings.machine),
            "builtin_packages": settings.builtin_packages,
        }

    async def seed(self, request: Request) -> Response:
        """Fill a bucket from one line of JSON per object; add none if any line is invalid."""
        lines = (await request.body()).splitlines()
        seeds = map(SeedLine.model_validate_json, lines)
        objects = (GeneratedObject(seed.key, seed.size, seed.storage_class) for seed in seeds)
        return _json_response({"objects": self._cloud.oss.seed(_bucket(request), objects)})

    async def objects(self, request: Request) -> Response:
        """List a page of a bucket's objects after a key, with their state; not billed."""
        page = ListingRange.model_validate(dict(request.query_params))
        objects = [*self._cloud.oss.states(_bucket(request), page.after, page.limit)]
        after = objects[-1].key if len(objects) == page.limit else None
        return _json_response({"objects": [state._asdict() for state in objects], "after": after})

    async def thaws(self, request: Request) -> Response:
        """Count a bucket's objects by class and state."""
        states = self._cloud.oss.thaws(_bucket(request))
        return _json_response(
            {
                storage_class: {"objects": counts.total(), **counts}
                for storage_class, counts in states.items()
            }
        )

    async def region(self, request: Request) -> Response:
        """Move a bucket to another region, or back."""
        region = (await _read(request, Region)).region
        self._cloud.oss.move_bucket(_bucket(request), region)
        return _json_response({"bucket": _bucket(request), "region": region})

    async def remove_bucket(self, request: Request) -> Response:
        """Delete a bucket with everything in it."""
        await _read(request, EmptyBody)
        self._cloud.oss.remove_bucket(_bucket(request))
        return _json_response({})

    async def account(self, request: Request) -> Response:
        await _read(request, EmptyBody)
        account_id = _ACCOUNT_ID.validate_python(request.path_params["account_id"])
        credential = self._cloud.open_account(account_id)
        return _json_response(
            {
                "account_id": account_id,
                "access_key_id": credential.access_key_id,
                "access_key_secret": credential.secret,
            }
        )

    async def resources(self, _: Request) -> Response:
        return _json_response(self._cloud.resources())

    async def configuration(self, _: Request) -> Response:
        """Return settings, resources, and by account the content of flows and policies."""
        accounts = self._cloud.accounts.items()
        return _json_response(
            {
                "settings": self._settings(),
                "resources": self._cloud.resources(),
                "flows": {
                    account_id: {
                        flow.name: {"definition": flow.definition, "role_arn": flow.role_arn}
                        for flow in account.fnf.flows
                    }
                    for account_id, account in accounts
                },
                "policies": {
                    account_id: {
                        name: orjson.loads(policy.text)
                        for name, policy in account.ram.policies.items()
                    }
                    for account_id, account in accounts
                },
            }
        )

    async def executions(self, _: Request) -> Response:
        """List the executions in progress, by account."""
        return _json_response(
            {
                account_id: [
                    {"flow": execution.flow, "name": execution.name}
                    for execution in account.fnf.under_way()
                ]
                for account_id, account in self._cloud.accounts.items()
            }
        )

    async def processes(self, _: Request) -> Response:
        return _json_response(
            {
                account_id: [{"function": name, "pid": pid} for name, pid in account.fc.instances()]
                for account_id, account in self._cloud.accounts.items()
            }
        )

    async def runtimes(self, _: Request) -> Response:
        """Return the Python interpreter and the number of functions of each runtime."""
        counts: Counter[str] = Counter()
        for account in self._cloud.accounts.values():
            counts += account.fc.runtimes()
        return _json_response(
            {
                python.runtime: {
                    "python": python.path,
                    "version": python.version,
                    "warning": python.warning,
                    "functions": counts[python.runtime],
                }
                for python in map(interpreter, RUNTIME_VERSIONS)
            }
        )

    async def messages(self, _: Request) -> Response:
        """List the messages that flows sent to topics and queues, by account."""
        return _json_response(
            {
                account_id: [dataclasses.asdict(message) for message in account.fnf.messages.all]
                for account_id, account in self._cloud.accounts.items()
            }
        )

    async def warnings(self, _: Request) -> Response:
        """List problems that were not reported to any caller, by account."""
        return _json_response(self._cloud.warnings())

    async def logs(self, _: Request) -> Response:
        """List the last lines of every logstore."""
        return _json_response(
            {
                f"{account_id}/{project.name}/{logstore}": [
                    dataclasses.asdict(line)
                    for line in account.sls.query(project.name, logstore, limit=1000)
                ]
                for account_id, account in self._cloud.accounts.items()
                for project in account.sls.projects.values()
                for logstore in project.logstores
            }
        )


async def _read(request: Request, kind: type[B]) -> B:
    return kind.model_validate_json(await request.body())


def _bucket(request: Request) -> str:
    name: str = request.path_params["bucket"]
    return name


def _json_response(document: ResponseBody, status: int = 200) -> Response:
    return Response(orjson.dumps(document), status, media_type=_JSON)


def _refusal(status: int, code: str, message: str) -> Response:
    return _json_response({"error": code, "message": message}, status)


async def _refuse_call(_: Request, error: Exception) -> Response:
    assert isinstance(error, CloudError)
    return _refusal(error.status, error.code, error.message)


async def _refuse_document(_: Request, error: Exception) -> Response:
    assert isinstance(error, ValidationError)
    faults = error.errors(include_url=False, include_input=False)
    problems = "; ".join(f"{'.'.join(map(str, f['loc'])) or 'body'}: {f['msg']}" for f in faults)
    return _refusal(400, "InvalidArgument", problems)


async def _refuse_path(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _refusal(error.status_code, "NotFound", f"no {request.method} {request.url.path} here")
