"""The clock of the cloud, with time-lapse.

Cloud time follows machine time while something runs. When nothing runs and a strand waits, it
jumps to the next deadline, so that waiting takes no wall time.

"Something runs" is counted, never guessed: each strand of work holds the clock. A strand releases
it only inside ``sleep`` and ``wait``, and the code that ends the wait holds it on the strand's
behalf before releasing its own hold. The clock is never free while work is pending.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar

from localcloud.errors import CloudError

T = TypeVar("T")
LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC).timestamp()  # dates are written with 4 digits


class Waiter(Generic[T]):
    """Lets one strand of work wait for one value."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._parked = False

    @property
    def abandoned(self) -> bool:
        """Whether no strand is waiting any more."""
        return self._future.done()

    def wake(self, value: T) -> None:
        """Resume the waiting strand with the value. A second call has no effect."""
        if not self._future.done():
            if self._parked:
                self._clock.hold()
            self._future.set_result(value)

    async def wait(self) -> T:
        """Release the clock until :meth:`wake`. Call it from a strand that holds the clock."""
        if self._future.done():
            return self._future.result()
        self._parked = True
        self._clock.release()
        try:
            return await self._future
        except asyncio.CancelledError:
            # A cancelled strand holds the clock while it cleans up.
            if self._future.cancelled():
                self._clock.hold()
            raise


class Clock:
    """Cloud time in seconds since 1970.

    Args:
        time_lapse: whether to jump over time in which nothing runs.
        start: cloud time at which the clock starts; the machine's time when None.
    """

    def __init__(self, *, time_lapse: bool = True, start: float | None = None) -> None:
        self.time_lapse = time_lapse
        self._offset = 0.0 if start is None else start - time.time()
        self._held = 0
        self._client_holds: Counter[str] = Counter()
        self._order = itertools.count()
        self._deadlines: list[tuple[float, int, Waiter[None]]] = []
        self._alarm: asyncio.TimerHandle | None = None

    def now(self) -> float:
        """Cloud time, in seconds since 1970."""
        return time.time() + self._offset

    def utcnow(self) -> datetime:
        """Cloud time as an aware datetime."""
        return datetime.fromtimestamp(self.now(), UTC)

    def advance(self, seconds: float) -> None:
        """Move cloud time forward, and wake the strands whose deadlines pass.

        Raises:
            CloudError: ``InvalidArgument``, backwards or beyond the year 9000.
        """
        if not 0 <= seconds <= LATEST - self.now():
            raise CloudError(
                "InvalidArgument", "cloud time only moves forward, and not beyond the year 9000"
            )
        self._offset += seconds
        self._fire()

    def hold(self) -> None:
        """Record that one more strand of work is running."""
        self._held += 1

    def release(self) -> None:
        """Record that a strand has ended or is waiting. After the last one, the clock may jump."""
        self._held -= 1
        if self._held == 0:
            self._jump()

    def hold_for(self, client: str) -> None:
        """Add one hold of the clock for an external client."""
        self._client_holds[client] += 1
        self.hold()

    def release_for(self, client: str) -> None:
        """End one hold of a client.

        Raises:
            CloudError: ``NotHeld``, the client has no hold: a release without a hold would let the
                clock jump while other work is in progress.
        """
        if not self._client_holds[client]:
            raise CloudError("NotHeld", f"{client!r} does not hold the clock", 409)
        self._client_holds[client] -= 1
        self.release()

    def client_holds(self) -> dict[str, int]:
        """Return the number of holds per client, without clients that have none."""
        return dict(+self._client_holds)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Hold the clock while the block runs."""
        self.hold()
        try:
            yield
        finally:
            self.release()

    async def sleep(self, seconds: float) -> None:
        """Wait in cloud time. Call it from a strand that holds the clock."""
        await self.sleep_until(self.now() + seconds)

    async def sleep_until(self, deadline: float) -> None:
        """Wait until a point in cloud time; return at once if it has passed."""
        if deadline <= self.now():
            return
        waiter: Waiter[None] = Waiter(self)
        self._wake_at(deadline, waiter)
        await waiter.wait()

    def spawn(
        self, work: Coroutine[Any, Any, T], *, then: Callable[[], None] | None = None
    ) -> asyncio.Task[T]:
        """Run the work as a new strand, which holds the clock from now until it ends.

        ``then`` is called at the end, while the clock is still held.
        """

        def end(_: asyncio.Task[T]) -> None:
            if then is not None:
                then()
            self.release()

        self.hold()
        task = asyncio.get_running_loop().create_task(work)
        # A callback, not a wrapper: a task cancelled before its first step runs no code at all.
        task.add_done_callback(end)
        return task

    def cancel(self, strand: asyncio.Task[Any]) -> None:
        """Cancel a strand that :meth:`spawn` made, and hold the clock until it has ended."""
        if not strand.done():
            self.hold()
            strand.add_done_callback(lambda _: self.release())
            strand.cancel()

    async def gather(self, works: Iterable[Coroutine[Any, Any, T]]) -> list[T | BaseException]:
        """Run the works concurrently and return what each returned or raised, in their order.

        The calling strand waits without holding the clock; if it is cancelled, so are the works.
        """
        all_done: Waiter[None] = Waiter(self)
        pending = 0

        def count() -> None:
            nonlocal pending
            pending -= 1
            if pending == 0:
                all_done.wake(None)

        tasks = []
        for work in works:
            pending += 1
            tasks.append(self.spawn(work, then=count))
        if not tasks:
            return []
        try:
            await all_done.wait()
        except asyncio.CancelledError:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise
        return await asyncio.gather(*tasks, return_exceptions=True)

    async def within(self, seconds: float, work: Coroutine[Any, Any, T]) -> T:
        """Run the work with a time limit in seconds of cloud time.

        Raises:
            TimeoutError: the time limit was reached, and the work was cancelled.
        """
        first: Waiter[None] = Waiter(self)
        worker = self.spawn(work, then=lambda: first.wake(None))

        def start_timer() -> None:
            if not worker.done():
                self._wake_at(self.now() + seconds, first)
            self.release()

        self.hold()  # the clock must not jump before the timer has started
        asyncio.get_running_loop().call_soon(start_timer)  # after the worker's first step
        in_time = False
        try:
            await first.wait()
            in_time = worker.done()
        finally:
            if not worker.done():
                worker.cancel()
                await asyncio.wait([worker])
        if not in_time:
            raise TimeoutError(f"not done within {seconds:g} seconds")
        return worker.result()

    def _wake_at(self, deadline: float, waiter: Waiter[None]) -> None:
        entry = (min(deadline, LATEST), next(self._order), waiter)
        heapq.heappush(self._deadlines, entry)
        if self._deadlines[0] is entry:
            self._arm()

    def _jump(self) -> None:
        self._drop_abandoned()
        if self.time_lapse and self._deadlines:
            self._offset += max(0.0, self._deadlines[0][0] - self.now())
            self._fire()

    def _fire(self) -> None:
        now = self.now()
        while self._deadlines and self._deadlines[0][0] <= now:
            heapq.heappop(self._deadlines)[2].wake(None)
        self._arm()
        if self._held == 0 and self._deadlines:
            self._jump()

    def _drop_abandoned(self) -> None:
        while self._deadlines and self._deadlines[0][2].abandoned:
            heapq.heappop(self._deadlines)

    def _arm(self) -> None:
        """Set a timer for the next deadline, which may pass while something runs."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._deadlines:
            delay = max(0.0, self._deadlines[0][0] - self.now())
            self._alarm = asyncio.get_running_loop().call_later(delay, self._fire)


def iso_time(seconds: float) -> str:
    """Format seconds since 1970 as most services do: UTC, in whole seconds."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
