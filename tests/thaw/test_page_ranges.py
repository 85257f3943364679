"""Pages divided among calls."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from thaw.limits import MAX_SHARDS
from thaw.page_ranges import PageRange, join_ranges, share_out

LISTERS = st.lists(st.integers(1, 60_000), min_size=1, max_size=MAX_SHARDS).map(
    lambda pages: [
        PageRange(number * 1_000_000, number * 1_000_000 + count - 1)
        for number, count in enumerate(pages)
    ]
)


@given(LISTERS, st.integers(1, 100))
def test_each_page_is_in_one_range_and_the_number_of_ranges_is_limited(
    listers: list[PageRange], most: int
) -> None:
    ranges = share_out(listers, most)
    assert join_ranges(ranges) == listers
    assert sum(map(len, ranges)) == sum(map(len, listers))
    assert len(ranges) <= max(most, len(listers) + 1)


@given(LISTERS, st.integers(64, 100))
def test_ranges_are_of_similar_length(listers: list[PageRange], most: int) -> None:
    ranges = share_out(listers, most)
    longest = max(map(len, ranges))
    assert longest <= max(4, -(-sum(map(len, listers)) // (most - len(listers))))


def test_a_range_is_long_enough_to_keep_a_call_busy() -> None:
    assert share_out([PageRange(0, 9)], 80) == [PageRange(0, 2), PageRange(3, 5), PageRange(6, 9)]
