"""Limiting the rate of calls."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from oss_restore.clients.call_rate import RateLimit


@dataclass
class Clock:
    now: float = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_burst_passes_at_once_and_the_rest_at_the_rate() -> None:
    clock = Clock()
    limit = RateLimit(5, 2, clock.monotonic, clock.sleep)
    made = []
    for _ in range(9):
        limit.wait()
        made.append(clock.now)
    assert made == [0, 0, 0, 0, 0, 0.5, 1.0, 1.5, 2.0]


def test_calls_slower_than_the_rate_are_not_delayed() -> None:
    clock = Clock()
    limit = RateLimit(1, 2, clock.monotonic, clock.sleep)
    for _ in range(5):
        before = clock.now
        limit.wait()
        assert clock.now == before
        clock.sleep(0.5)


@given(
    st.lists(st.floats(0, 3), max_size=60),
    st.integers(1, 10),
    st.floats(0.5, 20),
)
def test_no_period_has_more_calls_than_burst_and_rate_permit(
    pauses: list[float], burst: int, per_second: float
) -> None:
    clock = Clock()
    limit = RateLimit(burst, per_second, clock.monotonic, clock.sleep)
    made = []
    for pause in pauses:
        clock.sleep(pause)
        limit.wait()
        made.append(clock.now)
    for start, first in enumerate(made):
        for count, last in enumerate(made[start:], 1):
            assert count <= burst + (last - first) * per_second + 1e-6
