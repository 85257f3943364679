"""Durations as people read them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oss_restore.durations import exact, rough


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (timedelta(), "0:00:00"),
        (timedelta(hours=3, minutes=4, seconds=5), "3:04:05"),
        (timedelta(days=2, seconds=1), "2 d 0:00:01"),
    ],
)
def test_an_exact_duration_is_given_to_the_second(time: timedelta, text: str) -> None:
    assert exact(time) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.6, "1 min 0 s"), (3_661, "1 h 1 min"), (176_400, "2 d 1 h")],
)
def test_a_rough_duration_is_given_in_its_two_largest_units(seconds: float, text: str) -> None:
    assert rough(seconds) == text
