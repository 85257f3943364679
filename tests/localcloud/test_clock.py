"""The cloud's clock: waiting costs no wall time, and the clock never jumps past work."""

from __future__ import annotations

import asyncio
import time

import pytest

from localcloud.clock import Clock, Waiter


def test_a_long_wait_costs_no_wall_time() -> None:
    async def scenario() -> tuple[float, float]:
        clock = Clock()
        started, wall = clock.now(), time.monotonic()
        await clock.spawn(clock.sleep(48 * 3600))
        return clock.now() - started, time.monotonic() - wall

    cloud, wall = asyncio.run(scenario())
    assert cloud >= 48 * 3600
    assert wall < 60


def test_waits_end_in_order_of_their_deadlines() -> None:
    async def scenario() -> list[int]:
        clock = Clock()
        order: list[int] = []

        async def wait(hours: int) -> None:
            await clock.sleep(hours * 3600)
            order.append(hours)

        with clock.running():
            tasks = [clock.spawn(wait(hours)) for hours in (3, 1, 2)]
        await asyncio.gather(*tasks)
        return order

    assert asyncio.run(scenario()) == [1, 2, 3]


def test_the_clock_does_not_jump_while_something_runs() -> None:
    async def scenario() -> float:
        clock = Clock()
        started = clock.now()
        waiting = clock.spawn(clock.sleep(3600))
        with clock.running():
            await asyncio.sleep(0.05)
            elapsed = clock.now() - started
        await waiting
        return elapsed

    assert asyncio.run(scenario()) < 60


def test_the_clock_does_not_jump_past_a_parent_that_joins_its_strands() -> None:
    """The clock must not jump between the last strand's end and the parent's next step."""

    async def scenario() -> float:
        clock = Clock()
        started = clock.now()
        far = clock.spawn(clock.sleep(100 * 3600))

        async def parent() -> float:
            await clock.gather([clock.sleep(10), clock.sleep(20)])
            return clock.now() - started

        elapsed = await clock.spawn(parent())
        far.cancel()
        return elapsed

    assert 20 <= asyncio.run(scenario()) < 60


def test_waking_a_strand_holds_the_clock_for_it() -> None:
    async def scenario() -> float:
        clock = Clock()
        started = clock.now()
        waiter: Waiter[str] = Waiter(clock)
        far = clock.spawn(clock.sleep(100 * 3600))

        async def waker() -> None:
            await clock.sleep(5)
            waiter.wake("done")

        async def waiting() -> float:
            assert await waiter.wait() == "done"
            return clock.now() - started

        with clock.running():
            tasks = clock.spawn(waker()), clock.spawn(waiting())
        _, elapsed = await asyncio.gather(*tasks)
        far.cancel()
        return elapsed

    assert 5 <= asyncio.run(scenario()) < 60


def test_a_cancelled_strand_keeps_the_count_correct() -> None:
    async def scenario() -> float:
        clock = Clock()
        started = clock.now()
        for _ in range(3):
            never_started = clock.spawn(clock.sleep(50 * 3600))
            never_started.cancel()
            waiting = clock.spawn(clock.sleep(50 * 3600))
            with clock.running():
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)
        await clock.spawn(clock.sleep(7))
        return clock.now() - started

    assert 7 <= asyncio.run(scenario()) < 60


def test_gather_returns_results_and_errors_in_order() -> None:
    async def scenario() -> list[object]:
        clock = Clock()

        async def work(number: int) -> int:
            await clock.sleep(10 - number)
            if number == 1:
                raise ValueError("one")
            return number

        return list(await clock.spawn(clock.gather(work(n) for n in range(3))))

    results = asyncio.run(scenario())
    assert results[0] == 0
    assert isinstance(results[1], ValueError)
    assert results[2] == 2


def test_in_real_time_nothing_jumps() -> None:
    async def scenario() -> float:
        clock = Clock(time_lapse=False)
        started = time.monotonic()
        await clock.spawn(clock.sleep(0.05))
        return time.monotonic() - started

    assert asyncio.run(scenario()) >= 0.05


def test_work_within_its_time_returns_its_result() -> None:
    async def scenario() -> tuple[str, float, int]:
        clock = Clock()
        started = clock.now()

        async def work() -> str:
            await clock.sleep(10)
            return "done"

        result = await clock.spawn(clock.within(3600, work()))
        return result, clock.now() - started, clock._held

    result, seconds, held = asyncio.run(scenario())
    assert result == "done"
    assert 10 <= seconds < 3600
    assert held == 0


def test_work_that_takes_too_long_is_cancelled_at_its_time_limit() -> None:
    async def scenario() -> tuple[bool, float, int]:
        clock = Clock()
        started = clock.now()
        cancelled = False

        async def work() -> None:
            nonlocal cancelled
            try:
                await clock.sleep(3600)
            except asyncio.CancelledError:
                cancelled = True
                raise

        with pytest.raises(TimeoutError, match="10 seconds"):
            await clock.spawn(clock.within(10, work()))
        return cancelled, clock.now() - started, clock._held

    cancelled, seconds, held = asyncio.run(scenario())
    assert cancelled
    assert 10 <= seconds < 3600
    assert held == 0


def test_an_error_of_work_with_a_time_limit_is_raised_as_it_is() -> None:
    async def scenario() -> None:
        clock = Clock()

        async def work() -> None:
            raise KeyError("x")

        with pytest.raises(KeyError):
            await clock.spawn(clock.within(10, work()))

    asyncio.run(scenario())


def test_the_clock_does_not_jump_while_a_strand_is_being_cancelled() -> None:
    async def scenario() -> tuple[float, int]:
        clock = Clock()
        started = clock.now()
        cleaned_up = 0.0

        async def doomed() -> None:
            nonlocal cleaned_up
            try:
                await clock.sleep(1000)
            except asyncio.CancelledError:
                cleaned_up = clock.now() - started
                raise

        with clock.running():
            strand = clock.spawn(doomed())
            other = clock.spawn(clock.sleep(500))
            await asyncio.sleep(0)
            clock.cancel(strand)
        await asyncio.wait([strand, other])
        return cleaned_up, clock._held

    seconds, held = asyncio.run(scenario())
    assert 0 < seconds < 500
    assert held == 0
