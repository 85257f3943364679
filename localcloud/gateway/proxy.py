"""An HTTP proxy whose tunnels all end at this machine, whatever the requested host.

``HTTPS_PROXY`` points clients to it that use only Alibaba Cloud's host names, such as the real
Terraform provider: no host name has to be resolved, and nothing leaves this machine.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from localcloud.relay import Relays, relay

_HEAD_BYTES: Final = 16_384
_PATIENCE: Final = 30  # seconds to wait for the head of a request
_CONNECT: Final = re.compile(rb"CONNECT ([A-Za-z0-9._-]{1,253}):([0-9]{1,5}) HTTP/1\.[01]")


class ConnectProxy:
    """The proxy, on the loopback interface, in the running loop.

    Args:
        serves: returns whether to open a tunnel to a host; others are refused.
        target: local port that all tunnels lead to.

    Attributes:
        refused: the hosts that were refused.
    """

    def __init__(self, serves: Callable[[str], bool], target: int) -> None:
        self.refused: dict[str, None] = {}
        self._serves, self._target = serves, target
        self._server: asyncio.Server | None = None
        self._relays = Relays()

    async def start(self, port: int) -> None:
        """Start accepting connections on a port, or any free port if 0; may raise ``OSError``."""
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", port, limit=_HEAD_BYTES
        )

    @property
    def port(self) -> int:
        """The proxy's port."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close all tunnels."""
        if self._server is not None:
            self._server.close()
        await self._relays.stop()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with self._relays.client(writer):
            await self._serve(reader, writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        match = _CONNECT.fullmatch(head.split(b"\r\n", 1)[0])
        if match is None:
            message = "this proxy only supports tunnels (CONNECT): use https"
            await _respond(writer, HTTPStatus.METHOD_NOT_ALLOWED, message)
            return
        host = match[1].decode()
        if not self._serves(host):
            self.refused[host] = None
            message = f"the local cloud does not serve {host}, and connects to no other host"
            await _respond(writer, HTTPStatus.FORBIDDEN, message)
            return
        upstream = await asyncio.open_connection("127.0.0.1", self._target)
        with self._relays.open(upstream[1]):
            await _respond(writer, HTTPStatus.OK, "")
            await relay((reader, writer), upstream)


async def _respond(writer: asyncio.StreamWriter, status: HTTPStatus, message: str) -> None:
    lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
    if message:
        lines += [f"content-length: {len(message)}", "content-type: text/plain"]
        lines += ["connection: close"]
    writer.write("\r\n".join([*lines, "", message]).encode())
    await writer.drain()
