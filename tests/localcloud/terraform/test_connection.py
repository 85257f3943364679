"""Where the process at the other end of a connection works."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from localcloud.errors import CloudError
from localcloud.terraform.connection import Connection

# Connects from a given port to another, says so, and stays until its input ends.
CLIENT = """
import socket, sys
client = socket.socket()
client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
client.bind(("127.0.0.1", int(sys.argv[1])))
client.connect(("127.0.0.1", int(sys.argv[2])))
print("connected", flush=True)
sys.stdin.read()
"""


@contextmanager
def client(works_in: Path, own_port: int, port: int) -> Iterator[None]:
    works_in.mkdir()
    arguments = [sys.executable, "-c", CLIENT, str(own_port), str(port)]
    with subprocess.Popen(
        arguments, cwd=works_in, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "connected\n"
        yield
        process.communicate()


@contextmanager
def kept_port() -> Iterator[int]:
    """A port that only who asks for it gets, shared with who is ready to share."""
    with socket.socket() as keeper:
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind(("127.0.0.1", 0))
        yield keeper.getsockname()[1]


def test_processes_that_share_a_port_at_their_ends_are_told_apart(tmp_path: Path) -> None:
    found = []
    with ExitStack() as stack:
        shared = stack.enter_context(kept_port())
        for name in ("first", "second", "third"):
            server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            port = server.getsockname()[1]
            stack.enter_context(client(tmp_path / name, shared, port))
            found.append(Connection(f"ipv4:127.0.0.1:{shared}", port))
        directories = [connection.working_directory().name for connection in found]
    assert directories == ["first", "second", "third"]


def test_a_connection_that_is_gone_has_no_working_directory() -> None:
    with pytest.raises(CloudError, match="give absolute paths"):
        Connection("ipv4:127.0.0.1:1", port=2).working_directory()
