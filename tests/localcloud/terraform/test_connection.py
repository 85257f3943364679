"""The working directory of the process at the other end of a connection."""

from __future__ import annotations

import asyncio
import json
import stat
import sys
from pathlib import Path

import pytest

from localcloud.errors import CloudError
from localcloud.terraform.connection import Connection, Connections

# Connects to a socket, sends something, and stays until its input ends.
CLIENT = """
import socket, sys
with socket.socket(socket.AF_UNIX) as client:
    client.connect(sys.argv[1])
    client.sendall(sys.argv[2].encode())
    print(client.recv(100).decode(), flush=True)
    sys.stdin.read()
"""


async def test_processes_are_distinguished_and_get_their_own_responses(tmp_path: Path) -> None:
    ended: list[Connection] = []
    connections = Connections(tmp_path, ended.append)
    found: dict[str, str] = {}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = (await reader.read(100)).decode()
        peer = writer.get_extra_info("peername")
        found[name] = connections.find(f"unix:{peer}").working_directory().name
        writer.write(f"for {name}".encode())
        await reader.read()  # until the client goes
        writer.close()

    target = await asyncio.start_unix_server(answer, connections.target)
    await connections.start()
    clients = []
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        arguments = (sys.executable, "-c", CLIENT, str(connections.path), name)
        pipe = asyncio.subprocess.PIPE
        client = await asyncio.create_subprocess_exec(
            *arguments, cwd=folder, stdin=pipe, stdout=pipe
        )
        assert client.stdout is not None
        assert await client.stdout.readline() == f"for {name}\n".encode()
        clients.append(client)
    assert found == {"first": "first", "second": "second"}
    for client in clients:
        await client.communicate(b"")
    await connections.stop()
    target.close()
    assert connections.find("unix:nowhere") == Connection("nowhere", None)
    assert {connection.pid for connection in ended} == {client.pid for client in clients}


def test_a_closed_connection_has_no_working_directory() -> None:
    with pytest.raises(CloudError, match="use absolute paths"):
        Connection("unix:nowhere", None).working_directory()


def test_only_the_owner_reaches_the_provider(reattach: str) -> None:
    for provider in json.loads(reattach).values():
        assert provider["Addr"]["Network"] == "unix"
        folder = Path(provider["Addr"]["String"]).parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
