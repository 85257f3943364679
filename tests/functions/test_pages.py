"""A page holds every key once, in groups of one class, within what a step can carry."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.packing import unpack
from functions.pages import GROUPS_BYTES, PageBuilder
from tests.functions.scene import frozen, make_run
from thaw.limits import STEP_BYTES
from thaw.outcomes import Outcome
from thaw.run_input import Run
from thaw.storage_classes import ARCHIVE_CLASSES
from thaw.store import ListedObject

ANY_CHARACTER = st.characters(exclude_categories=["Cs"])
# Long keys are made by repetition: what counts is how many bytes they take as JSON.
KEYS = st.one_of(
    st.text(ANY_CHARACTER, min_size=1, max_size=30),
    st.tuples(ANY_CHARACTER, st.integers(0, 10**6)).map(
        lambda t: (t[0] * (1010 // len(t[0].encode()))) + str(t[1])
    ),
)
CLASSES = st.sampled_from([*ARCHIVE_CLASSES, "Standard"])
INFOS = st.sampled_from(["", "", "", 'ongoing-request="true"'])


@st.composite
def buckets(draw: st.DrawFn) -> list[ListedObject]:
    """Objects in the order of a listing."""
    keys = sorted(draw(st.sets(KEYS, max_size=60)))
    return [
        ListedObject(key, draw(st.integers(0, 9)), draw(CLASSES), 0, restore_info=draw(INFOS))
        for key in keys
    ]


def fill(objects: Sequence[ListedObject], run: Run, *, limit: int = 100) -> list[PageBuilder]:
    """All pages of a bucket."""
    pages: list[PageBuilder] = []
    rest = list(objects)
    marker = run.marker
    while rest or not pages:
        page = PageBuilder(run, marker=marker, page=len(pages), foreach_limit=limit)
        taken = 0
        while taken < len(rest) and page.offer(rest[taken], 0):
            taken += 1
        rest = rest[taken:]
        page.end = not rest
        pages.append(page)
        marker = str(page.answer()["marker"])
    return pages


def groups_of(page: PageBuilder) -> list[dict[str, Any]]:
    groups = page.answer()["filesGroup"]
    assert isinstance(groups, list)
    return groups


def keys_of(page: PageBuilder) -> list[str]:
    """Keys of lists, packed or not; those of ranges are not on the page."""
    return [key for group in groups_of(page) for key in keys_in(group)]


def keys_in(group: dict[str, Any]) -> list[str]:
    """Keys of one group; none of a range."""
    return unpack(group["packed"]) if "packed" in group else group.get("keys", [])


def forms_of(page: PageBuilder) -> set[str]:
    """How a page's groups travel: as keys, packed, or as ranges (by their ``until``)."""
    return {name for group in groups_of(page) for name in group} & {"keys", "packed", "until"}


def unlike(number: int, length: int) -> str:
    """Characters in which nothing repeats, so that they do not pack."""
    return "".join(random.Random(number).choices(string.ascii_letters + string.digits, k=length))


RUNS = st.builds(
    lambda keys, size: make_run(maxKeys=keys, groupSize=size),
    st.integers(1, 40),
    st.integers(1, 7),
)


@given(buckets(), RUNS)
def test_pages_together_hold_every_key_exactly_once(objects: list[ListedObject], run: Run) -> None:
    pages = fill(objects, run)
    archived = [o for o in objects if o.storage_class != "Standard"]
    sent = [key for page in pages for key in keys_of(page)]
    passed_over = [record.key for page in pages for record in page.sorted_out]
    assert sorted(sent + passed_over) == [o.key for o in archived]
    assert sum(page.record().listed for page in pages) == len(archived)
    assert sum(page.record().scanned for page in pages) == len(objects)


@given(buckets(), RUNS)
def test_pages_join_up_and_no_key_lies_outside_its_pages_range(
    objects: list[ListedObject], run: Run
) -> None:
    pages = fill(objects, run)
    records = [page.record() for page in pages]
    assert records[0].after == ""
    assert all(before.until == after.after for before, after in pairwise(records))
    for page, record in zip(pages, records, strict=True):
        assert all(record.after < key <= record.until for key in keys_of(page))


@given(buckets(), RUNS)
def test_a_group_holds_one_class_and_no_more_than_its_size(
    objects: list[ListedObject], run: Run
) -> None:
    class_of = {o.key: o.storage_class for o in objects}
    for page in fill(objects, run):
        for group in groups_of(page):
            assert 1 <= len(keys_in(group)) <= run.group_size
            assert {class_of[key] for key in keys_in(group)} == {group["storageClass"]}


@given(buckets(), RUNS, st.integers(1, 9))
def test_no_page_passes_the_flows_limits(objects: list[ListedObject], run: Run, limit: int) -> None:
    for page in fill(objects, run, limit=limit):
        groups = groups_of(page)
        assert len(groups) <= limit
        assert len(keys_of(page)) <= run.max_keys
        assert len(json.dumps(groups)) <= GROUPS_BYTES


def step_bytes(page: PageBuilder, run: Run) -> int:
    """Input, local and output of the step that lists, as JSON with escapes: its longest form."""
    answer = page.answer()
    given = {"run": run.to_json(), "marker": answer["after"], "page": answer["page"]}
    return len(json.dumps(given)) + 2 * len(json.dumps(answer))


@given(buckets(), st.sampled_from([0, 150]))
def test_the_step_that_lists_never_passes_what_a_step_can_carry(
    objects: list[ListedObject], patterns: int
) -> None:
    filters = [f"a/long/pattern/number/{n}" for n in range(patterns)]
    run = make_run(maxKeys=1000, groupSize=50, exclude=filters)
    # Three keys of nothing but control characters, six bytes for each, fit no answer.
    objects = [o for o in objects if len(json.dumps(o.key)) <= 2100]
    assert all(step_bytes(page, run) <= STEP_BYTES for page in fill(objects, run))


@st.composite
def dense_buckets(draw: st.DrawFn) -> list[ListedObject]:
    """Enough objects for ranges, with keys that share a long beginning or differ early."""
    stem = draw(st.sampled_from(["", "k" * 300, "\N{CJK UNIFIED IDEOGRAPH-6863}" * 300]))
    tails = draw(st.sampled_from(["", "t" * 300, "unlike"]))
    classes = draw(st.lists(CLASSES, min_size=1, max_size=7))
    infos = draw(st.lists(INFOS, min_size=1, max_size=5))
    return [
        ListedObject(
            f"{stem}{n:05}{unlike(n, 100) if tails == 'unlike' else tails}",
            n % 3,
            classes[n % len(classes)],
            0,
            restore_info=infos[n % len(infos)],
        )
        for n in range(draw(st.integers(0, 400)))
    ]


DENSE_RUNS = st.builds(
    lambda groups, size: make_run(maxKeys=groups * size, groupSize=size),
    st.integers(1, 20),
    st.integers(20, 50),
)


def handled(objects: Sequence[ListedObject], page: PageBuilder) -> list[str]:
    """Archived keys that a page's groups and its sorted-out records cover, in any order."""
    found = keys_of(page) + [record.key for record in page.sorted_out]
    for group in groups_of(page):
        if "until" in group:
            inside = [o for o in objects if group["after"] < o.key <= group["until"]]
            found += [o.key for o in inside if o.storage_class != "Standard"]
    return found


@given(dense_buckets(), DENSE_RUNS, st.integers(1, 30))
def test_lists_and_ranges_together_cover_every_archived_key_exactly_once(
    objects: list[ListedObject], run: Run, limit: int
) -> None:
    pages = fill(objects, run, limit=limit)
    archived = [o.key for o in objects if o.storage_class != "Standard"]
    assert sorted(key for page in pages for key in handled(objects, page)) == archived
    for page in pages:
        groups = groups_of(page)
        assert len(groups) <= limit
        assert len(json.dumps(groups)) <= GROUPS_BYTES
        assert step_bytes(page, run) <= STEP_BYTES
        assert int(str(page.answer()["archiveFilesCount"])) <= run.max_keys
        if page.by_range:
            assert groups[0]["after"] == page.answer()["after"]
            assert groups[-1]["until"] == page.answer()["until"]
            assert all(a["until"] == b["after"] for a, b in pairwise(groups))
            assert all(0 <= group["objects"] <= run.group_size for group in groups)


def test_a_page_whose_keys_do_not_even_fit_packed_is_handed_over_as_ranges() -> None:
    objects = [frozen(f"backups/host-{n:04}.{unlike(n, 30)}") for n in range(1500)]
    run = make_run(maxKeys=1000, groupSize=50)
    pages = fill(objects, run)
    assert [(page.by_range, len(groups_of(page))) for page in pages] == [(True, 20), (True, 10)]
    assert groups_of(pages[0])[1] == {
        "after": "backups/host-005",
        "until": "backups/host-01",
        "objects": 50,
    }


def test_keys_that_go_on_from_each_other_are_packed_where_they_do_not_fit_as_they_are() -> None:
    objects = [frozen(f"backups/2021/03/host-{n:04}.tar.gz") for n in range(1500)]
    pages = fill(objects, make_run(maxKeys=1000, groupSize=50))
    assert [(forms_of(page), len(groups_of(page))) for page in pages] == [
        ({"packed"}, 20),
        ({"packed"}, 10),
    ]
    assert [key for page in pages for key in keys_of(page)] == [o.key for o in objects]


def test_packed_groups_hold_one_class_each() -> None:
    classes = ("Archive", "ColdArchive")
    objects = [frozen(f"backups/2021/03/host-{n:04}", classes[n % 2]) for n in range(1000)]
    (page,) = fill(objects, make_run(maxKeys=1000, groupSize=50))
    assert forms_of(page) == {"packed"}
    class_of = {o.key: o.storage_class for o in objects}
    for group in groups_of(page):
        assert {class_of[key] for key in keys_in(group)} == {group["storageClass"]}


def test_a_page_whose_keys_fit_is_handed_over_as_lists() -> None:
    pages = fill([frozen(f"{n:04}") for n in range(1000)], make_run(maxKeys=1000, groupSize=50))
    assert [forms_of(page) for page in pages] == [{"keys"}]


def test_small_groups_stay_lists_since_each_listing_of_a_range_costs_a_request() -> None:
    objects = [frozen(f"{n:04}" + unlike(n, 200)) for n in range(200)]
    pages = fill(objects, make_run(maxKeys=100, groupSize=10))
    assert not any(page.by_range for page in pages)


def test_a_sparse_page_of_long_keys_stays_a_list_and_ends_early() -> None:
    objects = [
        frozen(f"{n:06}" + "k" * 200, "Standard") if n % 1500 else frozen(f"{n:06}{unlike(n, 200)}")
        for n in range(150_000)
    ]
    pages = fill(objects, make_run(maxKeys=1000, groupSize=20), limit=10)
    assert not any(page.by_range for page in pages)
    assert sum(len(keys_of(page)) for page in pages) == 100


def test_ranges_of_the_longest_keys_that_differ_late_end_the_page_early() -> None:
    stem = unlike(0, 1000)
    objects = [frozen(stem + f"{n:04}" + unlike(n, 19)) for n in range(600)]
    pages = fill(objects, make_run(maxKeys=1000, groupSize=50))
    assert [page.by_range for page in pages] == [True, True, False]  # the rest fits packed
    assert all(len(json.dumps(groups_of(page))) <= GROUPS_BYTES for page in pages)


def test_ranges_of_long_keys_that_differ_early_have_short_ends() -> None:
    objects = [frozen(f"{n:04}" + unlike(n, 1019)) for n in range(1000)]
    (page,) = fill(objects, make_run(maxKeys=1000, groupSize=50))
    assert page.by_range
    assert groups_of(page)[4] == {"after": "02", "until": "025", "objects": 50}


def test_a_range_is_listed_by_its_task_so_its_page_answers_for_nothing() -> None:
    objects = [frozen(f"host-{n:03}{unlike(n, 60)}", size=3) for n in range(500)]
    objects.append(replace(frozen("x"), restore_info='ongoing-request="true"'))
    (page,) = fill(objects, make_run(maxKeys=1000, groupSize=50))
    record = page.record()
    assert (record.ranges, record.listed, record.sorted_out, page.sorted_out) == (True, 0, 0, [])
    assert record.to_send["Archive"].bytes == 1500


def test_long_keys_outside_ascii_and_long_filters_fit_a_step_together() -> None:
    run = make_run(
        maxKeys=1000, groupSize=50, exclude=[f"a/long/pattern/number/{n}" for n in range(190)]
    )
    objects = [frozen(f"{n:03d}" + "\N{CJK UNIFIED IDEOGRAPH-6863}" * 340) for n in range(40)]
    pages = fill(objects, run)
    assert all(step_bytes(page, run) <= STEP_BYTES for page in pages)
    assert len(pages) < len(objects)


def test_a_page_of_the_longest_keys_ends_early() -> None:
    objects = [frozen(f"{n:04d}" + "k" * 1019) for n in range(30)]
    pages = fill(objects, make_run())
    assert [len(keys_of(page)) for page in pages] == [10, 10, 10]


def test_an_ordinary_page_of_the_article_holds_a_hundred_keys() -> None:
    objects = [frozen(f"logs/2023/12/31/host-{n:04d}.log.gz") for n in range(250)]
    pages = fill(objects, make_run())
    assert [len(keys_of(page)) for page in pages] == [100, 100, 50]


def test_a_class_that_would_open_a_group_too_many_ends_the_page() -> None:
    objects = [frozen("a"), frozen("b", "ColdArchive"), frozen("c", "DeepColdArchive")]
    run = make_run(maxKeys=3, groupSize=3)
    assert [keys_of(page) for page in fill(objects, run, limit=2)] == [["a", "b"], ["c"]]


def test_a_page_ends_with_an_answer_in_the_flows_words() -> None:
    (page,) = fill([frozen("a"), frozen("b")], make_run())
    assert page.answer() == {
        "bucketName": "frozen-assets",
        "filesGroup": [
            {"storageClass": "Archive", "keys": ["a"]},
            {"storageClass": "Archive", "keys": ["b"]},
        ],
        "marker": "b",
        "end": "true",
        "empty": "false",
        "archiveFilesCount": 2,
        "page": 0,
        "nextPage": 1,
        "after": "",
        "until": "b",
        "firstWait": 10,
        "listedAt": 0,
    }


def test_a_page_of_nothing_archived_is_empty() -> None:
    (page,) = fill([frozen("a", "Standard")], make_run())
    assert page.answer()["empty"] == "true"
    assert page.record().scanned == 1


def test_a_page_that_is_merely_thawing_is_empty_unless_the_run_waits_for_each_page() -> None:
    thawing = [replace(frozen("a"), restore_info='ongoing-request="true"')]
    empty = {
        wait: fill(thawing, make_run(waitFor=wait))[0].answer()["empty"]
        for wait in ("page", "run", "none")
    }
    assert empty == {"page": "false", "run": "true", "none": "true"}


def test_a_dry_run_counts_what_it_would_send_and_hands_over_nothing() -> None:
    objects = [frozen(f"{n:04d}", size=3) for n in range(2500)]
    objects.append(replace(frozen("x"), restore_info='ongoing-request="true"'))
    (page,) = fill(objects, make_run(dryRun=True))
    answer, record = page.answer(), page.record()
    assert (answer["empty"], answer["filesGroup"], answer["archiveFilesCount"]) == (
        "true",
        [],
        2500,
    )
    assert (record.to_send["Archive"].objects, record.to_send["Archive"].bytes) == (2500, 7500)
    assert [r.outcome for r in page.sorted_out] == [Outcome.ALREADY_THAWING]
