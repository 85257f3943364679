"""The console's server, on the loopback interface."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Final

import uvicorn

from oss_restore.console.app import Console
from oss_restore.console.feeds import Feeds
from oss_restore.console.guard import Admission, Guard
from oss_restore.errors import UsageError
from oss_restore.language import gettext as _

_LOOPBACK: Final = "127.0.0.1"
_BACKLOG: Final = 128


class _Server(uvicorn.Server):
    """A server that ends the feeds before it waits for its connections to close."""

    def __init__(self, config: uvicorn.Config, feeds: Feeds) -> None:
        super().__init__(config)
        self._feeds = feeds

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._feeds.close()
        await super().shutdown(sockets)


class ConsoleServer:
    """Serves a console.

    Args:
        console: the console to serve.
        port: port to listen on; 0 for any free port.
        announce: called with the address of the first page, and with a new one after each use.

    Raises:
        OperatorError: the port cannot be used.
    """

    def __init__(
        self,
        console: Console,
        *,
        port: int = 0,
        announce: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((_LOOPBACK, port))
            self._socket.listen(_BACKLOG)  # a browser may connect before the server has started
        except OSError as error:
            self._socket.close()
            raise UsageError(
                _("cannot listen on port {port}: {reason}").format(port=port, reason=error.strerror)
            ) from error
        host, free_port = self._socket.getsockname()
        self.admission = Admission(f"http://{host}:{free_port}", announce)
        self.feeds = console.feeds
        self._server = _Server(
            uvicorn.Config(
                Guard(console.app(), self.admission),
                http="h11",
                ws="none",
                lifespan="off",
                access_log=False,
                log_level="error",
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=1,
            ),
            self.feeds,
        )

    def run(self) -> None:
        """Serve until the process is interrupted, or :meth:`stop` is called."""
        try:
            self._server.run([self._socket])
        finally:
            self._socket.close()

    def stop(self) -> None:
        """Stop the server, from any thread."""
        self._server.should_exit = True
