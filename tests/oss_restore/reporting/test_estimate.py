"""The rate of a run, and when it will be done."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from oss_restore.reporting.estimate import Estimate, estimate
from oss_restore.runs.progress import Point, rate
from thaw.run_input import RunInput
from thaw.totals import Totals

START = datetime(2026, 11, 24, 10, tzinfo=UTC)
RUN = RunInput(endpoint="oss.example", bucket_name="b")


def points(*counts: tuple[float, int]) -> list[Point]:
    return [Point(START + timedelta(seconds=at), objects) for at, objects in counts]


def totals(**by_class: int) -> Totals:
    found = Totals()
    for name, count in by_class.items():
        found.by_class[name] = Counter({"requested": count})
        found.bytes[name] = count
    return found


def hours(moment: datetime | None) -> float:
    assert moment is not None
    return (moment - START).total_seconds() / 3600


def test_the_rate_is_that_of_the_last_ten_minutes() -> None:
    assert rate(points((0, 0), (1_000, 10_000), (1_500, 10_500))) == 1.0


@pytest.mark.parametrize("counts", [(), ((0, 5),), ((0, 5), (0, 9))])
def test_the_rate_is_zero_if_no_time_has_passed(counts: tuple[tuple[float, int], ...]) -> None:
    assert rate(points(*counts)) == 0.0


def test_the_rate_can_be_computed_from_points_far_apart() -> None:
    assert rate(points((0, 0), (7_200, 7_200))) == 1.0


def test_all_objects_are_readable_once_the_slowest_class_is() -> None:
    counts = points((0, 0), (60, 30))
    found = estimate(RUN, totals(Archive=10, DeepColdArchive=20), counts, sent=True, expected=None)
    assert hours(found.all_sent) == pytest.approx(1 / 60)
    assert hours(found.all_readable) == pytest.approx(48 + 1 / 60)


def test_thaws_beyond_the_quota_are_queued() -> None:
    counts = points((0, 0), (60, 3_600_000))
    found = estimate(RUN, totals(DeepColdArchive=3_600_000), counts, sent=True, expected=None)
    assert hours(found.all_readable) == pytest.approx(10 + 48)


def test_the_end_of_requests_is_estimated_if_the_number_of_objects_is_known() -> None:
    counts = points((0, 0), (100, 1_000))
    found = estimate(RUN, totals(ColdArchive=1_000), counts, sent=False, expected=37_000)
    assert hours(found.all_sent) == pytest.approx(37_000 / 10 / 3600)
    assert hours(found.all_readable) == pytest.approx(37_000 / 10 / 3600 + 5)


def test_nothing_is_estimated_without_data() -> None:
    some = points((0, 0), (100, 1_000))
    dry = RunInput(endpoint="oss.example", bucket_name="b", dry_run=True)
    assert estimate(RUN, totals(Archive=1), [], sent=True, expected=5) == Estimate()
    assert estimate(RUN, totals(Archive=1), some, sent=False, expected=None) == Estimate()
    assert estimate(dry, Totals(), some, sent=True, expected=None) == Estimate()


def test_earlier_thaws_are_part_of_the_estimate() -> None:
    found = Totals()
    found.by_class["ColdArchive"] = Counter({"already_thawing": 5})
    answer = estimate(RUN, found, points((0, 0)), sent=True, expected=None)
    assert hours(answer.all_readable) == pytest.approx(5, abs=0.001)
