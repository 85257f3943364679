"""Runs branches and iterations concurrently."""

from __future__ import annotations

import asyncio
from asyncio import CancelledError
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any, Generic, TypeVar

from localcloud.clock import Clock
from localcloud.fnf.failures import ExecutionFailure, StepFailure

T = TypeVar("T")


async def run_concurrently(
    clock: Clock,
    works: Sequence[Callable[[], Coroutine[Any, Any, T]]],
    *,
    width: int,
    fail_fast: bool,
) -> list[T]:
    """Run the works and return their results, in order.

    Args:
        clock: the clock, held by the calling strand.
        works: the functions to run.
        width: maximum number that run at the same time; the others queue.
        fail_fast: whether the first failure cancels the others, which otherwise run to completion.

    Raises:
        StepFailure: the failure of the first work, in order, that failed.
        ExecutionFailure: any work raised it; the others are cancelled at once.
    """
    group = _Group(clock, works, fail_fast=fail_fast)
    outcomes = await clock.gather(group.work() for _ in range(min(width, len(works))))
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, CancelledError):
            raise outcome
    if group.failures:
        raise group.failures[min(group.failures)]
    return [group.results[index] for index in range(len(works))]


class _Group(Generic[T]):
    """Workers that take works from a shared queue."""

    def __init__(
        self,
        clock: Clock,
        works: Sequence[Callable[[], Coroutine[Any, Any, T]]],
        *,
        fail_fast: bool,
    ) -> None:
        self._clock = clock
        self.results: dict[int, T] = {}
        self.failures: dict[int, StepFailure] = {}
        self._queue: Iterator[tuple[int, Callable[[], Coroutine[Any, Any, T]]]] = iter(
            enumerate(works)
        )
        self._fail_fast = fail_fast
        self._workers: set[asyncio.Task[Any]] = set()

    async def work(self) -> None:
        """Run works until the queue is empty, or a failure stops all of them."""
        worker = asyncio.current_task()
        assert worker is not None
        self._workers.add(worker)
        try:
            for index, run in self._queue:
                await self._do(index, run)
        except (StepFailure, ExecutionFailure) as failure:
            self._queue = iter(())
            for other in self._workers - {worker}:
                self._clock.cancel(other)
            if isinstance(failure, ExecutionFailure):
                raise

    async def _do(self, index: int, run: Callable[[], Coroutine[Any, Any, T]]) -> None:
        try:
            self.results[index] = await run()
        except StepFailure as failure:
            self.failures[index] = failure
            if self._fail_fast:
                raise
