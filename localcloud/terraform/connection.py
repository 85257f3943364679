"""Terraform's connections, over a Unix socket that only its owner can access.

Terraform starts its providers in its own working directory, so that they can read relative paths.
This provider is attached, and gets that directory from the system: the socket identifies the
process at the other end. gRPC does not expose this, so each connection is relayed to gRPC's socket
from a named socket, whose name gRPC does expose.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from localcloud.errors import CloudError
from localcloud.relay import Relays, relay

_CREDENTIALS: Final = struct.Struct("3i")  # unix(7): process, user, group


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection from Terraform to this provider.

    Attributes:
        client: the connection's name.
        pid: id of the process at the other end; None if it is unknown.
    """

    client: str
    pid: int | None

    def working_directory(self) -> Path:
        """Return the working directory of the process at the other end.

        Raises:
            CloudError: it is unknown.
        """
        if self.pid is not None:
            with suppress(OSError):  # the process has exited, or this is not Linux
                return Path(f"/proc/{self.pid}/cwd").readlink()
        raise CloudError(
            "UnknownWorkingDirectory",
            "The local cloud cannot determine where Terraform runs: use absolute paths.",
        )


class Connections:
    """Accepts Terraform's connections, and relays them to gRPC.

    Args:
        folder: folder for the sockets, accessible only to its owner.
        ended: called when a connection ends.

    Attributes:
        path: the socket that Terraform connects to.
        target: the socket that gRPC must listen on.
    """

    def __init__(self, folder: Path, ended: Callable[[Connection], None] = lambda _: None) -> None:
        self.path = folder / "terraform.sock"
        self.target = folder / "grpc.sock"
        self._folder, self._ended = folder, ended
        self._numbers = itertools.count()
        self._processes: dict[str, int | None] = {}
        self._server: asyncio.Server | None = None
        self._relays = Relays()

    async def start(self) -> None:
        """Start accepting connections; may raise ``OSError``."""
        self._server = await asyncio.start_unix_server(self._pass_on, self.path)

    async def stop(self) -> None:
        """Close all connections."""
        if self._server is not None:
            self._server.close()
        await self._relays.stop()

    def find(self, peer: str) -> Connection:
        """Return the connection that gRPC knows by this name, such as ``unix:/tmp/…/7``."""
        name = peer.removeprefix("unix:")
        return Connection(name, self._processes.get(name))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with self._relays.client(writer), self._named(_process_of(writer)) as own:
            await asyncio.get_running_loop().sock_connect(own, str(self.target))
            upstream = await asyncio.open_unix_connection(sock=own)
            with self._relays.open(upstream[1]):
                await relay((reader, writer), upstream)

    @contextmanager
    def _named(self, pid: int | None) -> Iterator[socket.socket]:
        name = str(self._folder / str(next(self._numbers)))
        with socket.socket(socket.AF_UNIX) as own:
            own.setblocking(False)
            own.bind(name)
            self._processes[name] = pid
            try:
                yield own
            finally:
                self._ended(self.find(name))
                del self._processes[name]
                Path(name).unlink(missing_ok=True)


def _process_of(writer: asyncio.StreamWriter) -> int | None:
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:  # not Linux
        return None
    peer = writer.get_extra_info("socket")
    pid, _, _ = _CREDENTIALS.unpack(peer.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size))
    return int(pid)
