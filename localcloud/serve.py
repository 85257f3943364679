"""Runs one local cloud in the foreground until a signal stops it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TextIO

import orjson

from localcloud.cloud import LocalCloud
from localcloud.control import control_app
from localcloud.persistence.database import Database
from localcloud.persistence.recovery import StateKeeper
from localcloud.ports import ANY_FREE_PORT, lasting_port
from localcloud.settings import Settings
from localcloud.work_folder import clear_abandoned


async def serve(
    settings: Settings,
    *,
    endpoints: Path,
    state_folder: Path | None = None,
    until_closed: TextIO | None = None,
    report: Callable[[str], None] = lambda _: None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP.

    Args:
        settings: identity, limits and switches.
        endpoints: the file to write once all services respond; it is removed at the end.
        state_folder: folder that keeps the state across restarts; None to discard it.
        until_closed: a pipe; the cloud also stops when the other end is closed, and so ends with
            the process that holds it, even if that process is killed.
        report: called with messages about what was recovered and removed.
        ready: called in its own thread once all services respond.

    Raises:
        CloudError: the saved state cannot be read, or belongs to another account or region.
        OSError: a file cannot be written, or a port is in use.
    """
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    if until_closed is not None:
        loop.add_reader(until_closed, stopping.set)

    for folder in clear_abandoned():
        report(f"removed the work folder of a local cloud that was killed: {folder}")
    cloud = LocalCloud(settings)
    with ExitStack() as opened:
        keeper = recovery = None
        if state_folder is not None:
            database = opened.enter_context(closing(Database(state_folder)))
            keeper = StateKeeper(cloud, database)
            recovery = keeper.recover()
        try:
            saved = recovery.ports if recovery else {}

            def port_of(service: str) -> int:
                if keeper is None:
                    return ANY_FREE_PORT
                return saved.get(service) or lasting_port()

            await cloud.start(port_of, extra={"control": control_app(cloud)})
            if keeper is not None:
                await keeper.keep()
            if recovery is not None:
                report(f"{recovery.describe()}; {cloud.resume()}")
            with _announced(cloud, endpoints):
                await asyncio.to_thread(ready)
                await stopping.wait()
        finally:
            try:
                if (
                    keeper is not None
                ):  # first: work interrupted by the stop resumes at the next start
                    await keeper.end()
            finally:
                await cloud.stop()


@contextmanager
def _announced(cloud: LocalCloud, path: Path) -> Iterator[None]:
    """Write the endpoints file, and remove it when the cloud stops."""
    endpoints = orjson.dumps(cloud.endpoints(), option=orjson.OPT_INDENT_2)
    _write_private_file(path, endpoints + b"\n")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _write_private_file(path: Path, content: bytes) -> None:
    """Write a file atomically, readable only by its owner.

    Raises:
        OSError: the file cannot be written; an existing file is unchanged.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(content)
        part.replace(path)
    except OSError as error:
        error.filename = str(path)  # the path that the caller knows
        raise
    finally:
        part.unlink(missing_ok=True)
