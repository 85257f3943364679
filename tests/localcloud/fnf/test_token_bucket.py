"""Token buckets in cloud time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from localcloud.fnf.token_bucket import TokenBucket


def test_a_burst_passes_at_once_and_the_rest_at_the_rate() -> None:
    bucket = TokenBucket(lambda: 100)
    delays = [bucket.delay(1_000) for _ in range(300)]
    assert delays[:100] == [0] * 100
    assert [round(delay, 2) for delay in delays[100:103]] == [0.01, 0.02, 0.03]
    assert round(delays[-1], 2) == 2


def test_a_bucket_that_is_empty_refuses_until_time_has_passed() -> None:
    bucket = TokenBucket(lambda: 2)
    assert [bucket.try_take(0) for _ in range(3)] == [True, True, False]
    assert [bucket.try_take(0.6) for _ in range(2)] == [True, False]
    assert [bucket.try_take(60) for _ in range(3)] == [True, True, False]


def test_no_rate_lets_everything_through() -> None:
    bucket = TokenBucket(lambda: None)
    assert [bucket.delay(0) for _ in range(3)] == [0, 0, 0]
    assert all(bucket.try_take(0) for _ in range(3))


@given(
    rate=st.floats(0.1, 100),
    steps=st.lists(st.floats(0, 5), min_size=1, max_size=50),
)
def test_no_period_lets_more_through_than_rate_and_burst(rate: float, steps: list[float]) -> None:
    bucket = TokenBucket(lambda: rate)
    now, passed = 0.0, []
    for step in steps:
        now += step
        passed.append(now + bucket.delay(now))
    for i, begin in enumerate(passed):
        for j in range(i, len(passed)):
            assert j - i + 1 <= (passed[j] - begin) * rate + max(1, rate) + 1e-6
