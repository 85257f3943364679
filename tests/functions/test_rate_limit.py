"""The requests of a page's groups together stay below the rate."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from functions.rate_limit import Pacer


class Time:
    """A clock that advances only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def moments(rate: float | None, share: float, phase: float, count: int) -> list[float]:
    """Return when each request of one group is sent."""
    time = Time()
    pacer = Pacer(rate, share, phase, monotonic=time.monotonic, sleep=time.sleep)
    sent = []
    for _ in range(count):
        pacer.wait()
        sent.append(time.now)
    return sent


def test_nothing_waits_without_a_rate() -> None:
    assert moments(None, 1, 0, 3) == [0, 0, 0]


def test_a_single_group_on_its_page_has_the_whole_rate() -> None:
    assert moments(10, 1, 0, 3) == [0, 0.1, 0.2]


def test_a_short_delay_is_made_up_for_and_a_long_pause_is_not() -> None:
    time = Time()
    pacer = Pacer(10, 1, 0, monotonic=time.monotonic, sleep=time.sleep)
    sent = []
    for pause in (0.2, 0, 0, 0, 60, 0, 0, 0, 0):
        time.now += pause
        pacer.wait()
        sent.append(round(time.now, 2))
    assert sent[:4] == [0.2, 0.2, 0.2, 0.3]
    assert sent[4:] == [60.3, 60.3, 60.3, 60.35, 60.45]


def test_the_requests_of_groups_alternate() -> None:
    assert [moments(4, 0.5, phase, 2) for phase in (0, 0.5)] == [[0, 0.5], [0.25, 0.75]]


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 50))
def test_all_groups_together_never_exceed_the_rate(groups: int, size: int, rate: int) -> None:
    sent = [
        moment
        for number in range(groups)
        for moment in moments(rate, 1 / groups, number / groups, size)
    ]
    # At most rate x time requests have been sent before the last one.
    assert len(sent) - 1 <= rate * max(sent) + 1e-6
