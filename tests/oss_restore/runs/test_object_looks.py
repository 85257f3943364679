"""The standings of a run's objects during the run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import count

import pytest

from oss_restore.runs.object_looks import MOST_OBJECTS, ObjectLooks
from tests.functions.flow import Flow
from tests.functions.scene import BUCKET, Scene, make_run
from thaw.standings import Standing, Standings

Clock = Callable[[], float]


def sent(flow: Flow, pages: int = 1, **fields: object) -> None:
    """Send the pages of a run that then continues."""
    started = flow.start(**fields)
    marker = started["marker"]
    for number in range(pages):
        page = flow.list_page(started["run"], number, marker)
        flow.restore(started["run"], page)
        marker = page["marker"]


def looks_of(
    scene: Scene,
    *,
    most: int = MOST_OBJECTS,
    monotonic: Clock = lambda: 0.0,
    **fields: object,
) -> ObjectLooks:
    run = make_run(pollInterval=21_600, **fields)
    return ObjectLooks(scene.store(), scene.ledger(), run, most=most, monotonic=monotonic)


def counts(found: Standings) -> Mapping[str, Mapping[Standing, int]]:
    return {name: dict(standings.counts) for name, standings in found.by_class.items()}


def test_each_class_is_shown_as_readable_at_once_with_its_expiry(scene: Scene, flow: Flow) -> None:
    scene.seed(["a", "c"])
    scene.seed(["b"], "DeepColdArchive")
    sent(flow, maxKeys=3, groupSize=3)
    looks = looks_of(scene)
    found = looks.standings(scene.now())
    assert counts(found) == {
        "Archive": {Standing.THAWING: 2},
        "DeepColdArchive": {Standing.THAWING: 1},
    }
    scene.oss.advance(61)
    found = looks.standings(scene.now())
    assert counts(found)["Archive"] == {Standing.READABLE: 2}
    assert counts(found)["DeepColdArchive"] == {Standing.THAWING: 1}
    assert found.by_class["Archive"].earliest > scene.now()


def test_promoted_objects_are_counted_at_once(
    scene: Scene, flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTER_THAW", json.dumps({"promote": [BUCKET], "destinations": []}))
    promote = {"promote": {"storageClass": "IA"}}
    scene.seed(["a", "b"])
    flow.run(then=promote)
    found = looks_of(scene, then=promote).standings(scene.now())
    assert counts(found) == {"Archive": {Standing.PROMOTED: 2}}


def test_pages_are_checked_again_only_when_they_may_have_changed(scene: Scene, flow: Flow) -> None:
    scene.seed(["a", "b"])
    scene.seed(["c"], "DeepColdArchive")
    sent(flow, pages=3, maxKeys=1, groupSize=1)
    looks, listings = looks_of(scene), []
    for seconds in (61, 61, 0, 1800):  # until the fast ones are readable, and the slow one may be
        scene.oss.advance(seconds)
        before = scene.requests("ListObjects")
        looks.standings(scene.now())
        listings.append(scene.requests("ListObjects") - before - 1)  # one lists the pages
    assert listings == [3, 0, 0, 1]


def test_objects_not_yet_requested_are_checked_every_time(scene: Scene, flow: Flow) -> None:
    scene.seed(["a"])
    started = flow.start(maxKeys=1, groupSize=1)
    page = flow.list_page(started["run"])
    looks, now = looks_of(scene), scene.now()
    assert counts(looks.standings(now)) == {"Archive": {Standing.NOT_REQUESTED: 1}}
    flow.restore(started["run"], page)
    assert counts(looks.standings(now)) == {"Archive": {Standing.THAWING: 1}}


def test_a_check_takes_a_few_seconds_and_the_next_one_continues(scene: Scene, flow: Flow) -> None:
    scene.seed(f"{n}" for n in range(5))
    sent(flow, pages=5, maxKeys=1, groupSize=1)
    clock = count()  # a second for each page
    looks = looks_of(scene, monotonic=lambda: float(next(clock)))
    seen = [counts(looks.standings(scene.now()))["Archive"][Standing.THAWING] for _ in range(3)]
    assert seen == [2, 4, 5]


def test_only_the_first_objects_of_a_very_large_run_are_checked(scene: Scene, flow: Flow) -> None:
    scene.seed(f"{n}" for n in range(6))
    sent(flow, pages=3, maxKeys=2, groupSize=2)
    looks = looks_of(scene, most=3)
    for _ in range(2):
        found = looks.standings(scene.now())
        assert counts(found) == {"Archive": {Standing.THAWING: 4}}
