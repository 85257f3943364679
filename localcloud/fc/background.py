"""Asynchronous invocations: accepted at once, run and retried behind the caller's back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from localcloud.clock import Clock
from localcloud.errors import CloudError
from localcloud.fc.invocation import Invocation

PAYLOAD_BYTES: Final = 128 * 1024

# Retry policy of FC 2.0 (docs: retry policies): a function's error three times, a refusal for five
# hours, waiting 0.5 seconds first and then twice as long each time. That errors wait likewise is
# assumed.
ERROR_RETRIES: Final = 3
_REFUSALS: Final = frozenset((429, 500, 503))
_GIVE_UP_SECONDS: Final = 5 * 3600
_FIRST_WAIT_SECONDS: Final = 0.5


class Background:
    """The asynchronous invocations that run."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, run: Callable[[], Awaitable[Invocation]]) -> None:
        """Runs a call, and again where FC would."""
        task = self._clock.spawn(self._retry(run))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Ends them all."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _retry(self, run: Callable[[], Awaitable[Invocation]]) -> None:
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
