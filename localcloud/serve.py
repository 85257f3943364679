"""Runs one local cloud in the foreground until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import orjson

from localcloud import state
from localcloud.cloud import LocalCloud
from localcloud.control import control_app
from localcloud.private_file import write_private_file
from localcloud.settings import Settings


async def serve(
    settings: Settings,
    *,
    endpoints: Path,
    state_folder: Path | None = None,
    until_closed: TextIO | None = None,
) -> None:
    """Serves until SIGINT or SIGTERM.

    Args:
        settings: identity, limits and switches.
        endpoints: the file to write once everything answers; it is removed at the end.
        state_folder: where the state is kept across restarts; None to forget it.
        until_closed: a pipe at whose end it stops, too: that is how a cloud ends with the process
            that holds the other end, even where that is killed.

    Raises:
        CloudError: the kept state cannot be read, or is another account's or region's.
        OSError: a file cannot be written, or a port of the kept state is in use.
    """
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    if until_closed is not None:
        loop.add_reader(until_closed, stopping.set)

    kept = None if state_folder is None else state.load(state_folder)
    cloud = LocalCloud(settings)
    if kept is not None:
        state.restore(cloud, kept)
    try:
        await cloud.start(kept.ports if kept else None, beside={"control": control_app(cloud)})
        with _announced(cloud, endpoints):
            await stopping.wait()
        if state_folder is not None:
            state.save(cloud, state_folder)
    finally:
        await cloud.stop()


@contextmanager
def _announced(cloud: LocalCloud, path: Path) -> Iterator[None]:
    """The file that tells where the cloud answers, for as long as it does."""
    endpoints = orjson.dumps(cloud.endpoints(), option=orjson.OPT_INDENT_2)
    write_private_file(path, endpoints + b"\n")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
