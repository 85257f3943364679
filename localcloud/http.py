"""HTTP requests and responses, and the bridge from the HTTP server to a service.

It provides what every service needs: it only accepts its own host names, limits the size of bodies
before they are read, and sends a response only once the state that it describes is saved.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import Any, Final

import orjson
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from localcloud.errors import CloudError
from localcloud.whole_numbers import whole_number


@dataclass(frozen=True, slots=True)
class Request:
    """A complete HTTP request.

    Attributes:
        raw_path: the path as sent, percent-encoded, without the query.
        query: the query as sent, without the question mark.
        headers: the headers, by lower-case name.
    """

    method: str
    raw_path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response. The default ``Date`` is machine time; OSS sets cloud time.

    Attributes:
        body: the whole body, if it is in memory.
        chunks: a body that is too long for memory; its length is ``content_length``.
        content_length: length of the body, also for HEAD, which does not send it.
        chunked: whether the length is unknown, because the body is generated while it is sent.
        reset: whether to reset the connection instead of responding.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    chunks: Iterable[bytes] = ()
    content_length: int | None = None
    chunked: bool = False
    reset: bool = False


_GRACE: Final = 1.0  # seconds
_TRANSPORT: Final = "localcloud.transport"
_MEBIBYTE: Final = 2**20
UNSIGNED_BYTES: Final = 4 * _MEBIBYTE  # limit for bodies of unauthenticated requests

Handler = Callable[[Request], Awaitable[Response]]

_LOOPBACK_HOSTS: Final = ("127.0.0.1", "localhost", "[::1]")
_CLOUD_DOMAIN: Final = ".aliyuncs.com"


@dataclass(frozen=True, slots=True)
class HttpService:
    """The interface of a service to the HTTP server.

    Attributes:
        handle: handles a complete request.
        refuse: makes an error response in the service's format, given the request without its body
            and the error.
        admit: returns the maximum size of a request's body in bytes, given the request without its
            body; raises ``CloudError`` for callers that may not send one. It is called for bodies
            over :data:`UNSIGNED_BYTES`.
    """

    handle: Handler
    refuse: Callable[[Request, CloudError], Response]
    admit: Callable[[Request], int] = lambda _: UNSIGNED_BYTES


def json_response(body: object, status: int = 200) -> Response:
    """Make a response with a JSON body."""
    return Response(status, {"content-type": "application/json"}, orjson.dumps(body))


def refuse_as_json(_: Request, error: CloudError) -> Response:
    """Make an error response in the format that all JSON services share."""
    body = {
        "Code": error.code,
        "Message": error.message,
        "ErrorCode": error.code,
        "ErrorMessage": error.message,
    }
    return json_response(body, error.status)


def check_host(host: str) -> None:
    """Refuse a request for a foreign host name, such as a DNS name rebound by a web page.

    Args:
        host: value of the header, with or without a port. Accepted are names of the loopback
            interface and of Alibaba Cloud, and subdomains such as those of buckets.

    Raises:
        CloudError: ``InvalidHost``.
    """
    name = host.lower()
    if not name.endswith("]"):
        front, colon, port = name.rpartition(":")
        name = front if colon and port.isdecimal() else name
    if name in _LOOPBACK_HOSTS or name.endswith((".127.0.0.1", ".localhost", _CLOUD_DOMAIN)):
        return
    raise CloudError(
        "InvalidHost",
        f"this machine's local cloud does not answer for {host[:253]!r}: use 127.0.0.1, localhost,"
        " or a name of Alibaba Cloud",
        403,
    )


def too_large(limit: int) -> CloudError:
    """Return the error for a body over the limit."""
    return CloudError("EntityTooLarge", f"the body is over {limit} bytes")


_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
App = Callable[[_Message, _Receive, _Send], Awaitable[None]]


async def _nothing_to_settle() -> None:
    """Do nothing, for a service whose state is not saved."""


def asgi(
    service: HttpService | Handler, settle: Callable[[], Awaitable[None]] = _nothing_to_settle
) -> App:
    """Wrap a service as an ASGI application.

    Args:
        service: the service; a bare handler responds to errors with JSON.
        settle: waits until all changes so far are saved; raises ``CloudError`` on failure.
    """
    if not isinstance(service, HttpService):
        service = HttpService(service, refuse_as_json)

    async def app(scope: _Message, receive: _Receive, send: _Send) -> None:
        head = Request(
            method=scope["method"],
            raw_path=scope["raw_path"].decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
            headers={k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]},
            body=b"",
        )
        try:
            check_host(head.headers.get("host", ""))
            request = replace(head, body=await _read_body(head, receive, service.admit))
            response = await service.handle(request)
            await settle()
        except _ClientGoneError:
            return
        except CloudError as error:
            response = service.refuse(head, error)
        await _send(response, scope, receive, send)

    return app


class _ClientGoneError(Exception):
    """The client closed the connection before its request was complete."""


async def _read_body(head: Request, receive: _Receive, admit: Callable[[Request], int]) -> bytes:
    """Read the body, or refuse it before all of it is read."""
    declared = head.headers.get("content-length", "0")
    size = whole_number(declared) or 0
    limit, received, more = UNSIGNED_BYTES, 0, True
    admitted = False
    chunks: list[bytes] = []
    while True:
        if size > limit and not admitted:
            limit, admitted = admit(head), True
        if size > limit:
            raise too_large(limit)
        if not more:
            return b"".join(chunks)
        message = await receive()
        if message["type"] != "http.request":
            raise _ClientGoneError
        chunks.append(message.get("body", b""))
        received += len(chunks[-1])
        size = max(size, received)
        more = message.get("more_body", False)


async def _send(response: Response, scope: _Message, receive: _Receive, send: _Send) -> None:
    if response.reset:
        scope["state"][_TRANSPORT].abort()
        while (await receive())["type"] != "http.disconnect":
            pass
        return
    length = len(response.body) if response.content_length is None else response.content_length
    headers = [(k.lower().encode("latin-1"), _header(v)) for k, v in response.headers.items()]
    if not response.chunked:
        headers.append((b"content-length", str(length).encode()))
    if not any(name == b"date" for name, _ in headers):
        headers.append((b"date", formatdate(usegmt=True).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    connection: asyncio.Transport = scope["state"][_TRANSPORT]
    for chunk in response.chunks:
        if connection.is_closing():  # the client disconnected; sending does not report it
            return
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await asyncio.sleep(0)  # send only waits once the connection's buffer is full
    await send({"type": "http.response.body", "body": response.body})


class _Protocol(HttpToolsProtocol):
    """An HTTP protocol whose requests hold their connection, so that a fault can reset it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"][_TRANSPORT] = self.transport


class HttpServer:
    """A service's HTTP endpoint on the loopback interface, in the running loop.

    Args:
        app: the application; :func:`asgi` makes one from a handler.
        port: port to listen on; 0 for any free port.
        tls: context for HTTPS; HTTP if None.

    Raises:
        OSError: the port is in use.
    """

    def __init__(self, app: App, *, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        # With an explicit protocol: asyncio only disables Nagle's algorithm, which delays responses
        # of two packets by 40 ms, if it recognizes TCP.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(("127.0.0.1", port))
            self._socket.listen(512)
        except OSError:
            self._socket.close()
            raise
        self._config = uvicorn.Config(
            app,
            interface="asgi3",
            http=_Protocol,
            ws="none",
            lifespan="off",
            access_log=False,
            proxy_headers=False,  # no proxy in front
            log_level="error",
            timeout_keep_alive=60,
        )
        self._state = ServerState()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """The URL of the endpoint, such as ``http://127.0.0.1:40123``."""
        host, port = self._socket.getsockname()
        return f"http{'s' if self._tls else ''}://{host}:{port}"

    @property
    def port(self) -> int:
        """The port of the endpoint."""
        return int(self._socket.getsockname()[1])

    async def start(self) -> None:
        """Start serving; earlier connections wait in the socket's backlog."""
        # uvicorn's protocol without its server, which polls and handles the process's signals.
        self._server = await asyncio.get_running_loop().create_server(
            lambda: _Protocol(self._config, self._state, {}), sock=self._socket, ssl=self._tls
        )

    async def stop(self) -> None:
        """Release the port, give pending responses one second, then close the connections."""
        if self._server is not None:
            self._server.close()
        self._socket.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            _, late = await asyncio.wait(self._state.tasks, timeout=_GRACE)
            for task in late:
                task.cancel()


def _header(value: str) -> bytes:
    """Encode a header: as Latin-1, like it was received, if possible; otherwise as UTF-8."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")
