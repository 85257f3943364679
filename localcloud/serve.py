"""Runs one local cloud in the foreground until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from localcloud import state
from localcloud.cloud import LocalCloud
from localcloud.endpoints import remove_endpoints, write_endpoints
from localcloud.settings import Settings


async def serve(settings: Settings, *, endpoints: Path, state_folder: Path | None = None) -> None:
    """Serves until SIGINT or SIGTERM.

    Args:
        settings: identity, limits and switches.
        endpoints: the file to write once everything answers; it is removed at the end.
        state_folder: where the state is kept across restarts; None to forget it.
    """
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)

    kept = None if state_folder is None else state.load(state_folder)
    cloud = LocalCloud(settings)
    if kept is not None:
        state.restore(cloud, kept)
    await cloud.start(kept.ports if kept else None)
    try:
        write_endpoints(endpoints, cloud.endpoints())
        await stopping.wait()
    finally:
        remove_endpoints(endpoints)
        if state_folder is not None:
            state.save(cloud, state_folder)
        await cloud.stop()
