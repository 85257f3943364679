"""Checks of a run's pages: whether they are done, and the state of their objects."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from functions import index
from functions.looks import last_look, left_of, next_round, pages_of_listers
from tests.functions.flow import Flow
from tests.functions.scene import REPORTS, Scene, make_run
from thaw.page_chunks import end_of_page
from thaw.page_looks import PageLooks, PagesLeft
from thaw.page_ranges import LOOK_SECONDS, PageRange
from thaw.run_input import Run
from thaw.standings import Standing
from thaw.totals import Totals

Json = dict[str, Any]
HOUR = 3600


@pytest.fixture
def flow(scene: Scene, context: object) -> Flow:
    return Flow(scene, context)


def listed(flow: Flow, **fields: object) -> Run:
    """Return a run whose pages are listed and whose requests are not sent."""
    started = flow.start(waitFor="none", **{"maxKeys": 2, "groupSize": 2, **fields})
    page, marker, end = 0, started["marker"], "false"
    while end == "false":
        found = flow.list_page(started["run"], page, marker)
        page, marker, end = page + 1, found["marker"], found["end"]
    return make_run(**{**fields, "waitFor": "none"})


def wait(scene: Scene, run: Run, first: int, last: int) -> PagesLeft:
    return PageLooks(scene.store(), run, scene.ledger()).until_thawing(PageRange(first, last))


def test_pages_are_done_once_nothing_on_them_is_thawing(scene: Scene, flow: Flow) -> None:
    scene.seed(["a", "b", "c"])
    run = listed(flow)
    scene.thaw("a", "c")
    assert wait(scene, run, 0, 1) == PagesLeft(PageRange(0, 1), 10)
    scene.oss.advance(61)
    assert wait(scene, run, 0, 1) == PagesLeft(None, 1, readable=2)


def test_the_next_poll_starts_at_the_first_page_that_is_thawing(scene: Scene, flow: Flow) -> None:
    scene.seed(["a", "b", "c"])
    run = listed(flow)
    scene.thaw("c")
    assert wait(scene, run, 0, 1).pages == PageRange(1, 1)


def test_a_run_waits_only_for_objects_that_it_has_listed(scene: Scene, flow: Flow) -> None:
    scene.seed(["a.txt", "b.tmp"])
    scene.seed(["c.txt"], "ColdArchive")
    scene.seed(["folder/"], size=0)
    scene.symlink("link.txt", "a.txt")
    run = listed(flow, maxKeys=9, storageClasses=["Archive"], exclude=["*.tmp"])
    scene.seed(["later"])
    scene.thaw("b.tmp", "c.txt", "later")
    assert wait(scene, run, 0, 0).pages is None


def test_a_run_also_waits_for_thaws_of_somebody_else(scene: Scene, flow: Flow) -> None:
    scene.seed(["a"])
    scene.thaw("a")
    assert wait(scene, listed(flow), 0, 0).pages == PageRange(0, 0)


def test_a_run_waits_for_the_rows_of_a_manifest_in_any_order(scene: Scene, flow: Flow) -> None:
    scene.seed(["a", "b", "c"])
    scene.store(REPORTS).put("m.csv", b"frozen-assets,c\nfrozen-assets,a\nfrozen-assets,b\n")
    run = listed(flow, manifest={"key": "m.csv"})
    scene.thaw("a")
    assert wait(scene, run, 0, 1).pages == PageRange(0, 1)
    assert wait(scene, run, 1, 1).pages is None


def test_the_next_poll_depends_on_the_class_that_is_thawing(scene: Scene, flow: Flow) -> None:
    scene.seed(["b"])
    scene.seed(["a"], "ColdArchive")
    run = listed(flow, maxKeys=1, groupSize=1, tier="Standard")
    scene.thaw("a", tier="Standard")
    scene.thaw("b")
    scene.oss.advance(HOUR)
    assert wait(scene, run, 0, 0).wait_seconds == pytest.approx(HOUR, abs=5)  # not earlier
    scene.oss.advance(2 * HOUR)
    assert wait(scene, run, 0, 0).wait_seconds == 300


def test_checking_very_many_pages_continues_in_the_next_call(scene: Scene, flow: Flow) -> None:
    scene.seed(f"{n:04d}" for n in range(12))
    run, clock = listed(flow, maxKeys=1, groupSize=1), count(step=LOOK_SECONDS / 2)
    pages = PageRange(0, 11)
    looks = PageLooks(scene.store(), run, scene.ledger(), monotonic=lambda: float(next(clock)))
    left = looks.until_thawing(pages)
    assert left == PagesLeft(PageRange(5, 11), 1)
    standings, left = looks.standings(pages)
    assert left == PagesLeft(PageRange(8, 11), 1)
    assert standings.by_class["Archive"].counts == {Standing.NOT_REQUESTED: 8}


def test_checking_a_thousand_objects_takes_one_request(scene: Scene, flow: Flow) -> None:
    scene.seed(f"{n:04d}" for n in range(1000))
    run = listed(flow, maxKeys=1000, groupSize=1000)
    before = scene.requests("ListObjects")
    wait(scene, run, 0, 0)
    assert scene.requests("ListObjects") == before + 1
    assert scene.requests("HeadObject") == 0


def test_polling_stops_at_the_first_page_that_is_thawing(scene: Scene, flow: Flow) -> None:
    scene.seed(f"{n:04d}" for n in range(12))
    run = listed(flow)
    scene.thaw("0000")
    before = scene.requests("ListObjects")
    wait(scene, run, 0, 5)
    assert scene.requests("ListObjects") == before + 1


def test_a_retried_last_check_returns_what_the_first_attempt_recorded(
    scene: Scene, flow: Flow
) -> None:
    scene.seed(["a", "b", "c"])
    looks = PageLooks(scene.store(), listed(flow), scene.ledger())
    looks.ledger.keep_standings(0, {"byClass": {"Archive": {"thawing": 2}}, "lastPage": 0})
    assert last_look(looks, PageRange(0, 1)).pages == PageRange(1, 1)
    assert '"thawing": 2' in scene.report("standings/000000000.json")


def test_one_poll_per_lister_is_enough_while_objects_thaw() -> None:
    left = [
        PagesLeft(PageRange(3, 9), 10),
        PagesLeft(PageRange(10, 20), 300),
        PagesLeft(PageRange(1_000_000, 1_000_004), 10),
    ]
    merged = [{"first": 3, "last": 20}, {"first": 1_000_000, "last": 1_000_004}]
    assert next_round(left) == {"ranges": merged, "status": "running", "waitSeconds": 10}
    late = [*left, PagesLeft(PageRange(30, 40), 1)]  # its call ran out of time
    assert len(next_round(late)["ranges"]) == 4  # type: ignore[arg-type]
    assert next_round([]) == {"ranges": [], "status": "success", "waitSeconds": 0}


def test_the_flow_carries_the_pages_left_by_a_poll() -> None:
    assert left_of({"first": 3, "last": 9.0, "waitSeconds": 10}) == PagesLeft(PageRange(3, 9), 10)


def test_every_page_of_every_lister_is_checked(scene: Scene) -> None:
    run, ledger = make_run(prefixes=["a/", "b/"]), scene.ledger()
    assert pages_of_listers(ledger, make_run(), Totals(pages=7)) == [PageRange(0, 6)]
    ledger.write_leg(0, Totals(pages=2).to_json())
    ledger.write_leg(1, Totals(pages=3).to_json())
    assert pages_of_listers(ledger, run, Totals()) == [
        PageRange(0, 1),
        PageRange(1_000_000, 1_000_002),
    ]


def status(flow: Flow, run: Json, until: str) -> Json:
    return flow.call(index.restoreStatus, run=run, after="", until=until)


@pytest.mark.parametrize("place", [end_of_page(0), "b"], ids=["page", "keys of release 0.1.0"])
def test_a_page_is_polled_until_it_is_done(scene: Scene, flow: Flow, place: str) -> None:
    scene.seed(["a", "b", "c"])
    run = flow.start(maxKeys=2, groupSize=2)["run"]
    flow.list_page(run)
    scene.thaw("a", "c")
    assert status(flow, run, place) == {"status": "running", "cursor": "", "waitSeconds": 10}
    scene.oss.advance(61)
    scene.thaw("c")
    assert status(flow, run, place)["status"] == "success"
