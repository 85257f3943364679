"""What a run adds up to, whatever the calls in between did."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thaw.errors import InvalidInput
from thaw.ledger import LostRange, PageRecord, Part, Tally
from thaw.limits import json_bytes
from thaw.outcomes import Outcome, OutcomeRecord
from thaw.storage_classes import ARCHIVE_CLASSES
from thaw.totals import GroupCounts, Totals

NUMBERS = st.dictionaries(
    st.tuples(st.sampled_from(ARCHIVE_CLASSES), st.sampled_from(Outcome)), st.integers(1, 2000)
)
COUNTS = st.builds(GroupCounts, st.booleans(), NUMBERS)


def never(group: int) -> Part:
    raise AssertionError(f"group {group} was looked up in the ledger")


def records(counts: GroupCounts) -> Part:
    return Part(
        [
            OutcomeRecord("k", outcome, storage_class)
            for (storage_class, outcome), number in counts.outcomes.items()
            for _ in range(number)
        ]
    )


def page(number: int = 0) -> PageRecord:
    return PageRecord(number, "", "z", False, 9, 0, 1, {"Archive": Tally(5, 50)})


@given(COUNTS)
def test_counts_are_read_as_they_were_written(counts: GroupCounts) -> None:
    assert GroupCounts.parse(str(counts)) == counts


@given(st.lists(COUNTS, max_size=4))
def test_counts_too_long_to_travel_are_read_from_the_ledger(all_counts: list[GroupCounts]) -> None:
    totals, expected = Totals(), Totals()
    totals.add_results([c.text for c in all_counts], lambda group: records(all_counts[group]))
    for counts in all_counts:
        expected.add_group(counts)
    assert totals == expected
    assert all(len(counts.text) <= 40 for counts in all_counts)


@given(st.lists(COUNTS, max_size=4))
def test_totals_survive_their_travel(all_counts: list[GroupCounts]) -> None:
    totals = Totals()
    totals.add_page(page(), [OutcomeRecord("f/", Outcome.FOLDER_MARKER, "Archive", 0)])
    for counts in all_counts:
        totals.add_group(counts)
    assert Totals.from_json(totals.to_json()) == totals


def test_totals_stay_small_whatever_happened() -> None:
    totals = Totals(10**9, 10**12, 10**12, 10**9, 10**6)
    for storage_class in ARCHIVE_CLASSES:
        totals.planned[storage_class] = totals.bytes[storage_class] = 10**15
        for outcome in Outcome:
            totals.by_class[storage_class][outcome.value] = 10**11
    assert json_bytes(totals.to_json()) <= 1_500


def test_a_list_is_counted_by_its_page_and_a_range_by_its_task() -> None:
    listed = Totals()
    listed.add_page(page(), [])
    listed.add_results(["k:Ar4Av1"], never)
    assert (listed.listed, listed.unaccounted(dry_run=False)) == (5, 0)
    ranged = Totals()
    ranged.add_results(["r:Ar4At2Am1"], never)
    assert (ranged.listed, ranged.archived, ranged.unaccounted(dry_run=False)) == (7, 6, 0)


def test_a_list_that_lost_an_object_is_noticed() -> None:
    totals = Totals()
    totals.add_page(page(), [])
    totals.add_results(["k:Ar4"], never)
    assert totals.unaccounted(dry_run=False) == 1


def test_a_lost_range_is_never_silent() -> None:
    part = Part([], LostRange("a", "b", 0, "FC.Unknown", ""))
    totals = Totals()
    totals.add_results([GroupCounts.of(part, listed_by_task=True).text], never)
    assert totals.failed_ranges == 1


@pytest.mark.parametrize("text", ["", "k", "Ar1", "k:Ax", "k:Zr1", "x:Ar1", "r:?1", "k:Ar1 "])
def test_what_is_no_count_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="results"):
        Totals().add_results([text], never)


@pytest.mark.parametrize("data", [{"pages": "many"}, {"byClass": 7}, {"planned": {"Archive": []}}])
def test_what_is_no_total_is_refused(data: object) -> None:
    with pytest.raises(InvalidInput, match="totals"):
        Totals.from_json(data)


def test_a_flow_may_carry_numbers_as_floats() -> None:
    assert Totals.from_json({"pages": 2.0, "byClass": {"Archive": {"requested": 3.0}}}).pages == 2
