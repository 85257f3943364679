"""Totals of a run, whatever happened to the calls in between."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.functions.scene import a_page
from thaw.errors import InvalidInput
from thaw.ledger import Part
from thaw.limits import json_bytes
from thaw.outcomes import AFTER_THAW, Outcome, OutcomeRecord
from thaw.page_chunks import PageIndex
from thaw.storage_classes import ARCHIVE_CLASSES
from thaw.totals import GroupCounts, Totals

OF_THAW = [outcome for outcome in Outcome if outcome not in AFTER_THAW]

NUMBERS = st.dictionaries(
    st.tuples(st.sampled_from(ARCHIVE_CLASSES), st.sampled_from(OF_THAW)), st.integers(1, 2000)
)
COUNTS = st.builds(GroupCounts, NUMBERS)


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


def page() -> PageIndex:
    return a_page(0, "abcde", [OutcomeRecord("f/", Outcome.FOLDER_MARKER, "Archive", 0)]).index


@given(COUNTS)
def test_counts_can_be_read_back(counts: GroupCounts) -> None:
    assert GroupCounts.parse(str(counts)) == counts


@given(st.lists(COUNTS, max_size=4))
def test_counts_too_long_for_the_flow_are_read_from_the_ledger(
    all_counts: list[GroupCounts],
) -> None:
    totals, expected = Totals(), Totals()
    totals.add_results([c.text for c in all_counts], lambda group: records(all_counts[group]))
    for counts in all_counts:
        expected.add_group(counts)
    assert totals == expected
    assert all(len(counts.text) <= 40 for counts in all_counts)


@given(st.lists(COUNTS, max_size=4))
def test_totals_can_be_read_back_from_a_flow(all_counts: list[GroupCounts]) -> None:
    totals = Totals()
    totals.add_page(page())
    for counts in all_counts:
        totals.add_group(counts)
    assert Totals.from_json(totals.to_json()) == totals


def test_totals_stay_small_whatever_they_contain() -> None:
    totals = Totals(10**9, 10**12, 10**12, 10**9)
    for storage_class in ARCHIVE_CLASSES:
        totals.planned[storage_class] = totals.bytes[storage_class] = 10**15
        totals.billed_bytes[storage_class] = 10**15
        for outcome in OF_THAW:
            totals.by_class[storage_class][outcome.value] = 10**11
    assert json_bytes(totals.to_json()) <= 1_500


def test_an_object_is_counted_by_its_page_and_its_outcome_by_its_task() -> None:
    totals = Totals()
    totals.add_page(page())
    assert (totals.listed, totals.archived, totals.planned["Archive"]) == (6, 5, 5)
    totals.add_results(["Ar3", "Av2"], never)
    assert totals.unaccounted(dry_run=False) == 0
    assert totals.outcomes == {"requested": 3, "vanished": 2, "folder_marker": 1}


def test_an_object_missing_from_a_groups_counts_is_unaccounted_for() -> None:
    totals = Totals()
    totals.add_page(page())
    totals.add_results(["Ar4"], never)
    assert totals.unaccounted(dry_run=False) == 1


def test_results_of_the_previous_releases_tasks_are_understood() -> None:
    """A run may be under way while its functions are replaced."""
    totals = Totals()
    totals.add_results(["k:Ar4", "r:Ar4At2Am1"], never)
    assert (totals.listed, totals.outcomes.total()) == (7, 11)


@pytest.mark.parametrize("text", ["k", "Ax", "Zr1", "r:?1", "Ar1 ", "r:!7"])
def test_an_invalid_count_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="results"):
        Totals().add_results([text], never)


@pytest.mark.parametrize("data", [{"pages": "many"}, {"byClass": 7}, {"planned": {"Archive": []}}])
def test_invalid_totals_are_refused(data: object) -> None:
    with pytest.raises(InvalidInput, match="totals"):
        Totals.from_json(data)


def test_a_flow_may_carry_numbers_as_floats() -> None:
    assert Totals.from_json({"pages": 2.0, "byClass": {"Archive": {"requested": 3.0}}}).pages == 2
