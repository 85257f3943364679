"""Relays between two streams."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

_CHUNK: Final = 65_536


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
