"""A page contains every object once, in slices that tasks can read separately."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from functions.page_builder import PageBuilder
from functions.page_handlers import page_response
from tests.functions.scene import make_run
from thaw.entries import Entry
from thaw.limits import MAX_FOREACH, json_bytes
from thaw.lookup import FoundObject
from thaw.page_chunks import INDEX_BYTES, Chunk, end_of_page, index_of, objects_of, records_of
from thaw.run_input import Run
from thaw.storage_classes import ARCHIVE_CLASSES
from thaw.store import ListedObject

NOW = 1_700_000_000
ANY_CHARACTER = st.characters(exclude_categories=["Cs"])
# Long keys are built by repetition.
KEYS = st.one_of(
    st.text(ANY_CHARACTER, min_size=1, max_size=30),
    st.tuples(ANY_CHARACTER, st.integers(0, 10**6)).map(
        lambda t: (t[0] * (1010 // len(t[0].encode()))) + str(t[1])
    ),
)
CLASSES = st.sampled_from([*ARCHIVE_CLASSES, "Standard"])
INFOS = st.sampled_from(["", "", "", 'ongoing-request="true"'])
VERSIONS = st.lists(st.tuples(CLASSES, INFOS), min_size=1, max_size=3)


@st.composite
def listings(draw: st.DrawFn) -> list[Entry]:
    """Generate the entries of a listing: keys with one or more versions."""
    keys = sorted(draw(st.sets(KEYS, max_size=40)))
    return [
        Entry(
            key,
            [
                FoundObject(ListedObject(key, 7, name, 0, "Normal", info, f"v{number}"), NOW)
                for number, (name, info) in enumerate(draw(VERSIONS))
            ],
        )
        for key in keys
    ]


def fill(entries: Sequence[Entry], run: Run, *, limit: int = 100) -> list[Chunk]:
    """Return all pages of a listing."""
    pages: list[Chunk] = []
    rest = list(entries)
    after = ""
    while rest or not pages:
        page = PageBuilder(run, page=len(pages), after=after, foreach_limit=limit)
        while rest and not page.full:
            page.add(rest.pop(0))
        page.end = not rest
        pages.append(page.chunk())
        after = pages[-1].index.until
    return pages


def sent(page: Chunk) -> list[tuple[str, str]]:
    """Return what the tasks of a page read."""
    parts = (page.body[part.offset : part.offset + part.length] for part in page.index.slices)
    return [(one.key, one.version_id) for part in parts for one in objects_of(part)]


def skipped(page: Chunk) -> list[tuple[str, str]]:
    part = page.index.outcomes
    records = records_of(page.body[part.offset : part.offset + part.length])
    return [(one.key, one.version_id) for one in records]


RUNS = st.builds(
    lambda keys, size: make_run(maxKeys=keys, groupSize=size),
    st.integers(1, 40),
    st.integers(1, 7),
)


@given(listings(), RUNS)
def test_all_pages_together_contain_every_archived_object_exactly_once(
    entries: list[Entry], run: Run
) -> None:
    pages = fill(entries, run)
    seen = [one.listed for entry in entries for one in entry.objects]
    archived = [one for one in seen if one.storage_class != "Standard"]
    held = [name for page in pages for name in (*sent(page), *skipped(page))]
    assert Counter(held) == Counter((one.key, one.version_id) for one in archived)
    assert sum(page.index.listed for page in pages) == len(archived)
    assert sum(page.index.scanned for page in pages) == len(seen)


@given(listings(), RUNS)
def test_pages_are_adjacent_and_contain_only_keys_within_their_bounds(
    entries: list[Entry], run: Run
) -> None:
    pages = fill(entries, run)
    assert pages[0].index.after == ""
    assert all(one.index.until == other.index.after for one, other in pairwise(pages))
    for page in pages:
        assert all(page.index.after < key <= page.index.until for key, _ in sent(page))


@given(listings(), RUNS, st.integers(1, 9))
def test_no_page_has_more_slices_than_the_flow_runs_in_parallel(
    entries: list[Entry], run: Run, limit: int
) -> None:
    for page in fill(entries, run, limit=limit):
        slices = page.index.slices
        assert len(slices) <= limit
        assert sum(part.objects for part in slices) == page.index.objects == len(sent(page))
        if page.index.objects <= run.group_size * limit:
            assert all(part.objects <= run.group_size for part in slices)


@given(listings(), RUNS)
def test_a_chunk_ends_with_its_index(entries: list[Entry], run: Run) -> None:
    for page in fill(entries, run):
        assert index_of(page.body[-INDEX_BYTES:]) == page.index


@given(ANY_CHARACTER)
def test_the_index_and_the_flows_data_stay_short_with_the_longest_keys(letter: str) -> None:
    text = letter * (1020 // len(letter.encode()))
    run = make_run(maxKeys=20_000, groupSize=200)
    page = PageBuilder(run, page=10**9, after=text, foreach_limit=MAX_FOREACH)
    for number in range(400):
        listed = ListedObject(f"{text}{number:03}", 2**40, "DeepColdArchive", 0)
        page.add(Entry(listed.key, [FoundObject(listed, NOW)]))
    chunk = page.chunk()
    assert len(chunk.index.to_line()) < INDEX_BYTES
    response = page_response(chunk.index, run)
    assert response["marker"] == end_of_page(10**9)
    assert json_bytes(response) < 1_000


STEP_BYTES = 32 * 1024  # input, output and local of one step together (docs 122493)


def test_a_page_with_the_most_groups_fits_the_flows_steps() -> None:
    run = make_run(maxKeys=20_000, groupSize=200)
    page = PageBuilder(run, page=10**9, after="", foreach_limit=MAX_FOREACH)
    for number in range(20_000):
        listed = ListedObject(f"{number:0500}", 2**40, "DeepColdArchive", 0)
        page.add(Entry(listed.key, [FoundObject(listed, NOW)]))
    assert page.full
    response = page_response(page.chunk().index, run)
    assert len(str(response["filesGroup"])) > 1  # a hundred groups
    run_and_totals, results = 6 * 1024 + 1_500, 100 * 44
    assert run_and_totals + results + 2 * (json_bytes(response) + 1_500) <= STEP_BYTES
