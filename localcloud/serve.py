"""Runs one local cloud in the foreground until a signal stops it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TextIO

import orjson

from localcloud.cloud import LocalCloud
from localcloud.control import control_app
from localcloud.kept.database import Database
from localcloud.kept.recovery import StateKeeper
from localcloud.private_file import write_private_file
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
        state_folder: where the state is kept across restarts; None to forget it.
        until_closed: a pipe; the cloud also stops when its other end is closed, and so ends with
            the process that has it, even if that is killed.
        report: called with what was recovered and cleared.
        ready: called once everything answers, in a thread of its own.

    Raises:
        CloudError: the kept state cannot be read, or is another account's or region's.
        OSError: a file cannot be written, or a port of the kept state is in use.
    """
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    if until_closed is not None:
        loop.add_reader(until_closed, stopping.set)

    for left in clear_abandoned():
        report(f"removed what a killed local cloud had left behind: {left}")
    cloud = LocalCloud(settings)
    with ExitStack() as opened:
        keeper = recovery = None
        if state_folder is not None:
            database = opened.enter_context(closing(Database(state_folder)))
            keeper = StateKeeper(cloud, database)
            recovery = keeper.recover()
        try:
            ports = recovery.ports if recovery else None
            await cloud.start(ports, beside={"control": control_app(cloud)})
            if keeper is not None:
                await keeper.keep()
            if recovery is not None:
                report(f"{recovery.describe()}; {cloud.resume()}")
            with _announced(cloud, endpoints):
                await asyncio.to_thread(ready)
                await stopping.wait()
        finally:
            try:
                if keeper is not None:  # first: what the stop interrupts resumes at the next start
                    await keeper.end()
            finally:
                await cloud.stop()


@contextmanager
def _announced(cloud: LocalCloud, path: Path) -> Iterator[None]:
    """The endpoints file, for as long as the cloud serves."""
    endpoints = orjson.dumps(cloud.endpoints(), option=orjson.OPT_INDENT_2)
    write_private_file(path, endpoints + b"\n")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
