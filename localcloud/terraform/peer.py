"""Where the Terraform process at the other end of a connection works.

Terraform starts its providers in its own working directory, so they may read relative paths. This
provider is attached, and must ask the system for that directory.
"""

from __future__ import annotations

import socket
import struct
from pathlib import Path

from localcloud.errors import CloudError

_PROC = Path("/proc")


def working_directory(peer: str) -> Path:
    """The working directory of the process at the other end.

    Args:
        peer: its address as gRPC writes it, such as ``ipv4:127.0.0.1:40123``.

    Raises:
        CloudError: the system does not tell.
    """
    _, host, port = peer.rsplit(":", 2)
    inode = _socket_inode(host, int(port))
    directory = _directory_of_owner(f"socket:[{inode}]") if inode else None
    if directory is None:
        raise CloudError(
            "UnknownWorkingDirectory",
            "The local cloud cannot find out where Terraform runs: give absolute paths.",
        )
    return directory


def _socket_inode(host: str, port: int) -> str | None:
    # proc(5): addresses are in the machine's byte order, in hexadecimal
    (address,) = struct.unpack("=I", socket.inet_aton(host))
    wanted = f"{address:08X}:{port:04X}"
    try:
        lines = (_PROC / "net" / "tcp").read_text().splitlines()
    except OSError:  # no Linux
        return None
    for line in lines[1:]:
        columns = line.split()
        # A closed connection may linger beside the open one; its row names no inode.
        if columns[1] == wanted and columns[9] != "0":
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
