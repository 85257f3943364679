"""The instances of a function: started on demand, reused, with one call at a time each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from localcloud.errors import CloudError
from localcloud.fc.instance import Instance


class Pool:
    """Instances that run the same code with the same configuration.

    Args:
        start: starts an instance.
        size: maximum number of instances; further calls queue, first come, first served.
        idle_seconds: seconds after which an idle instance is ended.
    """

    def __init__(
        self, start: Callable[[], Awaitable[Instance]], size: int, idle_seconds: float
    ) -> None:
        self._start = start
        self._idle_seconds = idle_seconds
        self._slots = asyncio.Semaphore(size)
        self._callers = 0
        self._living: set[Instance] = set()
        self._idle: list[
            tuple[Instance, float]
        ] = []  # with the time since when; last in, first out
        self._retired = False
        self._closed = False

    @asynccontextmanager
    async def instance(self) -> AsyncIterator[Instance]:
        """Lend an instance, and end it if it is returned busy or broken.

        Raises:
            CloudError: ``ServiceUnavailable``, the pool was closed in the meantime.
        """
        self._callers += 1
        try:
            async with self._slots:
                instance = self._take_idle() or await self._start_another()
                try:
                    yield instance
                finally:
                    if instance.idle and not self._retired:
                        self._keep(instance)
                    else:
                        instance.end()
        finally:
            self._callers -= 1

    @property
    def in_use(self) -> bool:
        """Whether a call is in progress or a process is alive."""
        return self._callers > 0 or bool(self.pids())

    def pids(self) -> list[int]:
        """Return the ids of the live processes."""
        return sorted(instance.pid for instance in self._living if instance.alive)

    def retire(self) -> None:
        """End idle instances now, and busy ones after their current call."""
        self._retired = True
        while self._idle:
            self._idle.pop()[0].end()

    async def close(self) -> None:
        """End every instance, busy or not, and wait until all have exited."""
        self._closed = True
        self.retire()
        for instance in self._living:
            instance.end()
        for instance in tuple(self._living):
            await instance.ended()

    def _keep(self, instance: Instance) -> None:
        loop = asyncio.get_running_loop()
        self._idle.append((instance, loop.time()))
        loop.call_later(self._idle_seconds, self._end_idle)

    def _end_idle(self) -> None:
        latest = asyncio.get_running_loop().time() - self._idle_seconds
        while self._idle and self._idle[0][1] <= latest:
            self._idle.pop(0)[0].end()

    def _take_idle(self) -> Instance | None:
        while self._idle:
            instance, _ = self._idle.pop()
            if instance.idle:
                return instance
        return None

    async def _start_another(self) -> Instance:
        self._check_open()
        instance = await self._start()
        self._living = {instance, *(other for other in self._living if other.alive)}
        try:
            self._check_open()
        except CloudError:
            instance.end()
            await instance.ended()
            raise
        return instance

    def _check_open(self) -> None:
        if self._closed:
            raise CloudError("ServiceUnavailable", "Function Compute is shutting down.", 503)
