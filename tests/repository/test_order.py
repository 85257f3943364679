"""Long tests start first, on all workers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.order import long_first


def negative(number: int) -> bool:
    return number < 0


@given(
    tests=st.lists(st.integers(1, 9), max_size=40),
    long=st.integers(0, 4),
    workers=st.integers(1, 4),
)
def test_no_test_is_lost(tests: list[int], long: int, workers: int) -> None:
    every = [*tests, *range(-long, 0)]
    assert sorted(long_first(every, negative, workers)) == sorted(every)


def test_every_worker_starts_with_its_part_of_the_long_tests() -> None:
    tests = [1, 2, 3, 4, -1, 5, -2, 6, -3, 7]
    assert long_first(tests, negative, workers=2) == [-1, -3, 1, 2, 3, -2, 4, 5, 6, 7]


def test_without_long_tests_the_order_is_kept() -> None:
    assert long_first([3, 1, 2], negative, workers=2) == [3, 1, 2]
