"""One page of a real listing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from functions.listing import PAGE_SECONDS, list_page
from localcloud.oss.restore import DAY
from tests.functions.scene import BUCKET, Scene, make_run
from thaw.errors import AccessDenied, NoSuchBucket, StorageUnavailable
from thaw.outcomes import Outcome
from thaw.page_chunks import Chunk, objects_of, records_of
from thaw.run_input import Run
from thaw.store import Store

AWKWARD_KEYS = [
    "plain",
    "with space ",
    "ünï/códe/\N{CJK UNIFIED IDEOGRAPH-6863}/\N{SNOWFLAKE}",
    "\N{GRINNING FACE}",
    "+&=?#%",
    "%2F%zz",
    "?leading",
    "a//b",
    "a/../b",
    "./x",
    "trailing/",
    "line\nbreak",
    "control\x01\x1f",
    "quotes\"'`<&>",
    "back\\slash",
    "k" * 1023,
    "\N{CJK UNIFIED IDEOGRAPH-6863}" * 341,
]


def lists(scene: Scene, run: Run, *, store: Store | None = None) -> Iterator[Chunk]:
    """List all pages in turn, as the flow does."""
    after = run.marker
    for number in count():
        page = list_page(store or scene.store(), run, page=number, after=after, foreach_limit=100)
        yield page
        if page.index.end:
            return
        after = page.index.until


def sent(page: Chunk) -> list[str]:
    lines = (page.body[s.offset : s.offset + s.length] for s in page.index.slices)
    return [one.key for part in lines for one in objects_of(part)]


def skipped(page: Chunk) -> dict[str, Outcome]:
    part = page.index.outcomes
    records = records_of(page.body[part.offset : part.offset + part.length])
    return {record.key: record.outcome for record in records}


def all_sent(scene: Scene, run: Run) -> list[str]:
    return [key for page in lists(scene, run) for key in sent(page)]


def test_an_empty_bucket_is_one_empty_page(scene: Scene) -> None:
    (page,) = lists(scene, make_run())
    assert (page.index.listed, page.index.end, page.index.slices) == (0, True, ())


def test_pages_are_listed_without_gaps_or_duplicates(scene: Scene) -> None:
    keys = [f"{n:05d}" for n in range(2300)]
    scene.seed(keys[::2])
    scene.seed(keys[1::2], "Standard")
    pages = list(lists(scene, make_run(maxKeys=300, groupSize=50)))
    assert [key for page in pages for key in sent(page)] == keys[::2]
    assert [len(sent(page)) for page in pages] == [300, 300, 300, 250]


def test_awkward_keys_are_listed_unchanged(scene: Scene) -> None:
    scene.seed(AWKWARD_KEYS)
    assert all_sent(scene, make_run(maxKeys=4)) == sorted(AWKWARD_KEYS)


def test_listing_a_page_continues_past_objects_that_are_not_archived(scene: Scene) -> None:
    scene.seed((f"a{n:05d}" for n in range(3500)), "Standard")
    scene.seed(["z"])
    (page,) = lists(scene, make_run())
    assert sent(page) == ["z"]
    assert page.index.scanned == 3501
    assert scene.requests("ListObjects") == 4


def test_a_page_with_little_to_thaw_ends_when_its_time_is_up(scene: Scene) -> None:
    scene.seed((f"a{n:05d}" for n in range(2500)), "Standard")
    clock = count(step=PAGE_SECONDS)
    page = list_page(
        scene.store(),
        make_run(),
        after="",
        page=0,
        foreach_limit=100,
        monotonic=lambda: float(next(clock)),
    )
    assert (page.index.listed, page.index.end, page.index.until) == (0, False, "a00999")


def test_prefix_marker_and_until_limit_a_run(scene: Scene) -> None:
    scene.seed(["a/1", "b/1", "b/2", "b/3", "b/4", "c/1"])
    assert all_sent(scene, make_run(prefix="b/")) == ["b/1", "b/2", "b/3", "b/4"]
    assert all_sent(scene, make_run(prefix="b/", marker="b/1", until="b/3")) == ["b/2", "b/3"]
    assert all_sent(scene, make_run(until="b/")) == ["a/1"]


def test_objects_that_need_no_request_are_skipped_with_the_reason(scene: Scene) -> None:
    scene.seed(["folder/"], size=0)
    scene.seed(["frozen", "thawing", "readable"])
    scene.symlink("link", "frozen")
    scene.thaw("readable")
    scene.oss.advance(3600)
    scene.thaw("thawing")
    (page,) = lists(scene, make_run())
    assert sent(page) == ["frozen"]
    assert skipped(page) == {
        "folder/": Outcome.FOLDER_MARKER,
        "link": Outcome.SYMLINK,
        "readable": Outcome.ALREADY_READABLE,
        "thawing": Outcome.ALREADY_THAWING,
    }


def test_an_expired_copy_is_requested_again_by_the_clouds_clock(scene: Scene) -> None:
    scene.seed(["a"])
    scene.thaw("a")
    scene.oss.advance(3600)
    assert all_sent(scene, make_run()) == []
    scene.oss.advance(DAY)
    assert all_sent(scene, make_run()) == ["a"]


def test_readable_objects_are_requested_for_an_extension(scene: Scene) -> None:
    scene.seed(["a"])
    scene.thaw("a")
    scene.oss.advance(3600)
    assert all_sent(scene, make_run(extendReadable=True)) == ["a"]


@pytest.mark.parametrize("kind", ["error", "late_error", "reset"])
def test_a_listing_is_retried_after_a_temporary_failure(scene: Scene, kind: str) -> None:
    scene.seed(["a"])
    scene.fault(operation="ListObjects", kind=kind, times=3)
    assert all_sent(scene, make_run()) == ["a"]


def test_a_listing_that_keeps_failing_is_left_to_the_flow_to_retry(scene: Scene) -> None:
    scene.fault(operation="ListObjects")
    with pytest.raises(StorageUnavailable, match=r"oss:ListObjects .*503 ServiceUnavailable"):
        list(lists(scene, make_run()))


def test_a_missing_bucket_ends_the_run(scene: Scene) -> None:
    with pytest.raises(NoSuchBucket, match="no-such-thing"):
        list(lists(scene, make_run(), store=scene.store("no-such-thing")))


def test_missing_permission_to_list_is_named(scene: Scene) -> None:
    keys = scene.oss.role_credential(
        '{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "oss:RestoreObject",'
        ' "Resource": "*"}]}'
    )
    with pytest.raises(AccessDenied, match=f"oss:ListObjects on acs:oss:.*:{BUCKET}"):
        list(lists(scene, make_run(), store=scene.store(credential=keys)))
