"""Relays between two streams."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_CHUNK: Final = 65_536


class Relays:
    """The connections of a server that relays them, which all end with it."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    @contextmanager
    def client(self, writer: asyncio.StreamWriter) -> Iterator[None]:
        """Serve a client in the current task; end without an error if a stream is cut."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(OSError), self.open(writer):
                yield
        finally:
            self._tasks.discard(task)

    @contextmanager
    def open(self, writer: asyncio.StreamWriter) -> Iterator[None]:
        """Use a stream, and close it."""
        self._writers.add(writer)
        try:
            yield
        finally:
            self._writers.discard(writer)
            writer.close()

    async def stop(self) -> None:
        """Cut all streams, and wait for the tasks that serve clients."""
        # Closed, not cancelled: Python 3.11's stream server reports a cancelled task as an error.
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*self._tasks)


async def relay(
    first: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    second: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    """Copy data from each stream to the other until both have ended or are cut."""
    await asyncio.gather(_copy(first[0], second[1]), _copy(second[0], first[1]))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.close()
