"""The timeline's shapes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oss_restore.reporting.chart import HEIGHT, WIDTH, draw
from oss_restore.runs.progress import Point
from tests.oss_restore.reporting.scene import START, moment, points


def test_the_axes_are_labelled_with_round_numbers_and_times() -> None:
    chart = draw(points((0.1, 900), (1, 3_626)), points((5, 3_000)), moment(49))
    assert chart is not None
    assert [tick.label for tick in chart.counts] == ["0", "1,000", "2,000", "3,000", "4,000"]
    assert [tick.label for tick in chart.times] == ["0", "12 h", "1 d", "1 d 12 h", "2 d"]


def test_no_chart_is_drawn_without_points() -> None:
    assert draw([], [], moment(1)) is None


def test_a_line_steps_to_each_number_at_its_time() -> None:
    chart = draw(points((0, 0), (1, 10)), [], moment(2))
    assert chart is not None
    assert chart.submitted is not None
    assert chart.readable is None
    half = (chart.left + chart.right) / 2
    assert f"H{half}V{chart.counts[-1].at}" in chart.submitted.line


@pytest.mark.parametrize(
    ("hours", "last"),
    [(0.0125, "40 s"), (0.5, "30 min"), (1.5, "1:20 h"), (7, "7 h"), (400, "15 d")],
)
def test_the_labels_of_times_suit_the_length_of_a_run(hours: float, last: str) -> None:
    chart = draw(points((0, 1), (hours, 2)), [], moment(hours))
    assert chart is not None
    assert chart.times[-1].label == last
    assert 2 <= len(chart.times) <= 10


@given(
    st.lists(st.tuples(st.floats(0, 10_000), st.integers(0, 10**12)), max_size=1_000),
    st.lists(st.tuples(st.floats(0, 10_000), st.integers(0, 10**12)), max_size=5),
    st.floats(0, 10_000),
)
def test_any_chart_stays_within_the_picture_and_is_small(
    submitted: list[tuple[float, int]], readable: list[tuple[float, int]], end: float
) -> None:
    chart = draw(_rising(submitted), _rising(readable), START + timedelta(hours=end))
    for series in () if chart is None else filter(None, (chart.submitted, chart.readable)):
        for axis, number in re.findall(r"([HV])([-\d.]+)", series.area):
            assert 0 <= float(number) <= (WIDTH if axis == "H" else HEIGHT)
        assert len(series.area) < 20_000


def _rising(numbers: Sequence[tuple[float, int]]) -> list[Point]:
    times = sorted(hours for hours, _ in numbers)
    counts = sorted(objects for _, objects in numbers)
    return points(*zip(times, counts, strict=True))


def test_the_line_of_readable_objects_starts_at_the_first_poll() -> None:
    drawn = draw(points((0, 100)), points((1, 0), (2, 40), (3, 90)), moment(4))
    assert drawn is not None
    assert drawn.readable is not None
    assert drawn.submitted is not None
    first, *_ = drawn.readable.dots
    assert drawn.readable.line.startswith(f"M{first[0]} {first[1]}")
    assert first[0] > drawn.left
    assert first[1] == drawn.bottom
    assert drawn.readable.line.count("V") == len(drawn.readable.dots) == 3
    assert drawn.submitted.dots == ()
