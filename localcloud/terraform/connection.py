"""Terraform's connections, and where the Terraform process at the other end of one works.

Terraform starts its providers in its own working directory, so they may read relative paths. This
provider is attached, and must ask the system for that directory.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from pathlib import Path

from localcloud.errors import CloudError

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection of Terraform's to this provider.

    Attributes:
        client: Terraform's end, as gRPC writes it, such as ``ipv4:127.0.0.1:40123``.
        port: the port of this end.
    """

    client: str
    port: int

    def working_directory(self) -> Path:
        """The working directory of the process at Terraform's end.

        Raises:
            CloudError: the system does not tell.
        """
        inode = self._client_inode()
        directory = _directory_of_owner(f"socket:[{inode}]") if inode else None
        if directory is None:
            raise CloudError(
                "UnknownWorkingDirectory",
                "The local cloud cannot find out where Terraform runs: give absolute paths.",
            )
        return directory

    def _client_inode(self) -> str | None:
        _, host, client_port = self.client.rsplit(":", 2)
        # proc(5): addresses are in the machine's byte order, in hexadecimal
        (address,) = struct.unpack("=I", socket.inet_aton(host))
        # Both ends: connections to different ports may share their port at the client's end.
        wanted = [f"{address:08X}:{int(client_port):04X}", f"{address:08X}:{self.port:04X}"]
        try:
            lines = (_PROC / "net" / "tcp").read_text().splitlines()
        except OSError:  # no Linux
            return None
        for line in lines[1:]:
            columns = line.split()
            # A closed connection may linger beside the open one; its row names no inode.
            if columns[1:3] == wanted and columns[9] != "0":
                return columns[9]
        return None


def _directory_of_owner(link: str) -> Path | None:
    processes = [entry for entry in _PROC.iterdir() if entry.name.isdigit()]
    # The youngest first: Terraform has just been started.
    for process in sorted(processes, key=lambda entry: int(entry.name), reverse=True):
        try:
            if any(_target(fd) == link for fd in (process / "fd").iterdir()):
                return (process / "cwd").readlink()
        except OSError:  # it has ended, or is another user's
            continue
    return None


def _target(descriptor: Path) -> str | None:
    """What a descriptor stands for; None if it was closed meanwhile."""
    try:
        return str(descriptor.readlink())
    except OSError:
        return None
