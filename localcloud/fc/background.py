"""Asynchronous invocations: accepted at once, then run and retried in the background."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from pydantic import Base64Bytes

from localcloud.clock import Clock
from localcloud.errors import CloudError
from localcloud.fc.invocation import FunctionPath, InvocationResponse

PAYLOAD_BYTES: Final = 128 * 1024

# Retry policy of FC 2.0 (docs: retry policies): three retries after an error of the function, five
# hours after a refusal, with delays that start at 0.5 seconds and double. The delays after errors
# are assumed.
ERROR_RETRIES: Final = 3
_REFUSALS: Final = frozenset((429, 500, 503))
_GIVE_UP_SECONDS: Final = 5 * 3600
_FIRST_WAIT_SECONDS: Final = 0.5


@dataclass(frozen=True)
class BackgroundCall:
    """An accepted invocation: the function and its payload."""

    path: FunctionPath
    payload: Base64Bytes


class Background:
    """The asynchronous invocations in progress.

    Args:
        clock: the clock for retry delays.
        changed: called with the id of every invocation that starts or ends.

    Attributes:
        calls: unfinished invocations, by id.
    """

    def __init__(self, clock: Clock, changed: Callable[[str], None] = lambda _: None) -> None:
        self._clock = clock
        self._changed = changed
        self._tasks: set[asyncio.Task[None]] = set()
        self.calls: dict[str, BackgroundCall] = {}

    def start(
        self,
        call: BackgroundCall,
        run: Callable[[], Awaitable[InvocationResponse]],
        call_id: str = "",
    ) -> None:
        """Start an invocation, with FC's retries; an earlier id resumes that invocation."""
        call_id = call_id or secrets.token_hex(8)
        self.calls[call_id] = call
        self._changed(call_id)
        task = self._clock.spawn(self._run(call_id, run))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Cancel all invocations."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, call_id: str, run: Callable[[], Awaitable[InvocationResponse]]) -> None:
        await self._retry(run)  # if cancelled, the invocation is saved for the next start
        del self.calls[call_id]
        self._changed(call_id)

    async def _retry(self, run: Callable[[], Awaitable[InvocationResponse]]) -> None:
        give_up_at = self._clock.now() + _GIVE_UP_SECONDS
        wait, errors = _FIRST_WAIT_SECONDS, 0
        while True:
            try:
                invocation = await run()
            except CloudError as error:
                if error.status not in _REFUSALS or self._clock.now() + wait > give_up_at:
                    return
            else:
                errors += 1
                if not invocation.error_type or errors > ERROR_RETRIES:
                    return
            await self._clock.sleep(wait)
            wait *= 2
