"""The control API as an application: its routes, and who may call it.

It returns accounts' keys, so every request needs the token from the endpoints file, which only its
owner can read. A web page cannot send JSON without a preflight request, which is always refused.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from localcloud.cloud import LocalCloud
from localcloud.control.actions import Actions
from localcloud.control.contents import Contents
from localcloud.control.responses import (
    JSON,
    refusal,
    refuse_call,
    refuse_document,
    refuse_path,
)
from localcloud.errors import CloudError

_LINES: Final = "application/x-ndjson"  # of POST /buckets/{bucket}/objects, which may be long


def control_app(cloud: LocalCloud) -> ASGIApp:
    """The control API of one cloud, as an ASGI application."""
    actions, contents = Actions(cloud), Contents(cloud)
    routes = {
        ("GET", "/meters"): actions.meters,
        ("POST", "/meters/reset"): actions.reset_meters,
        ("GET", "/work"): actions.work,
        ("GET", "/clock"): actions.clock,
        ("POST", "/clock/advance"): actions.advance,
        ("POST", "/clock/hold"): actions.hold,
        ("POST", "/clock/release"): actions.release,
        ("GET", "/faults"): actions.faults,
        ("POST", "/faults"): actions.add_fault,
        ("DELETE", "/faults"): actions.clear_faults,
        ("DELETE", "/faults/{number:int}"): actions.remove_fault,
        ("PUT", "/settings"): actions.settings,
        ("POST", "/buckets/{bucket}/objects"): actions.seed,
        ("GET", "/buckets/{bucket}/objects"): actions.objects,
        ("GET", "/buckets/{bucket}/thaws"): actions.thaws,
        ("PUT", "/buckets/{bucket}/region"): actions.region,
        ("DELETE", "/buckets/{bucket}"): actions.remove_bucket,
        ("POST", "/accounts/{account_id}"): actions.account,
        ("GET", "/resources"): contents.resources,
        ("GET", "/configuration"): contents.configuration,
        ("GET", "/executions"): contents.executions,
        ("GET", "/processes"): contents.processes,
        ("GET", "/logs"): contents.logs,
        ("GET", "/messages"): contents.messages,
        ("GET", "/runtimes"): contents.runtimes,
        ("GET", "/warnings"): contents.warnings,
    }
    return Starlette(
        routes=[Route(path, call, methods=[method]) for (method, path), call in routes.items()],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"]),
            Middleware(_Guard, token=cloud.control_token, settle=cloud.core.journal.settle),
        ],
        exception_handlers={
            CloudError: refuse_call,
            ValidationError: refuse_document,
            HTTPException: refuse_path,
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
        refused: Response | None = None
        if not hmac.compare_digest(headers.get(b"authorization", b""), self._expected):
            refused = refusal(
                401,
                "Unauthorized",
                "send Authorization: Bearer TOKEN, the control_token of the endpoints file",
            )
        elif scope["method"] not in ("GET", "HEAD") and not _is_json(headers):
            refused = refusal(415, "UnsupportedMediaType", f"send Content-Type: {JSON}")
        if refused is not None:
            await refused(scope, receive, send)
            return
        response: list[Message] = []

        async def hold(message: Message) -> None:
            response.append(message)

        await self._app(scope, receive, hold)
        try:
            await self._settle()
        except CloudError as error:
            await refusal(error.status, error.code, error.message)(scope, receive, send)
            return
        for message in response:
            await send(message)


def _is_json(headers: Mapping[bytes, bytes]) -> bool:
    media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    return media_type.decode("latin-1") in (JSON, _LINES)
