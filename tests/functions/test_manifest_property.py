"""Each row of any manifest is counted once, and no object is paid for twice."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.functions.flow import Flow
from tests.functions.scene import BUCKET, REPORTS, Scene
from thaw.classification import expiry_of
from thaw.ledger_reading import walk
from thaw.manifest import chunks

CSV = {"key": "m.csv"}
HOUR = 3600
DAY = 24 * HOUR

# What rows may name: several objects of each state, so that pages contain some of each.
FROZEN = ["in/frozen-1", "in/frozen-2"]
READABLE = ["in/readable-1", "in/readable-2"]
THAWING = ["in/thawing"]
SMALL = ["in/small-1", "in/small-2"]  # excluded by a filter
OTHERS = ["in/standard", "in/folder/", "in/gone-1", "in/gone+2", "out/frozen"]
KEYS = [*FROZEN, *READABLE, *THAWING, *SMALL, *OTHERS]
BAD_ROWS = [
    "Bucket,Key",
    "another-bucket,in/frozen-1",
    f"{BUCKET};in/frozen-1",
    f"{BUCKET},%FF",
    f"{BUCKET},/in",
    f"{BUCKET},",
    f"{BUCKET},in/frozen-1,CAEQ",
    "just text",
]
ROWS = st.lists(
    st.one_of(
        st.sampled_from(KEYS).map(lambda key: f"{BUCKET},{quote(key)}"), st.sampled_from(BAD_ROWS)
    ),
    min_size=1,
    max_size=14,
)


@pytest.fixture(autouse=True)
def short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make chunks so short that rows three apart count as far apart as a million."""
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 1)


def fill(scene: Scene) -> None:
    scene.seed([*FROZEN, "out/frozen"], "ColdArchive", size=100)
    scene.seed([*READABLE, *THAWING], "ColdArchive", size=100)
    scene.seed(SMALL, "ColdArchive", size=1)
    scene.seed(["in/standard"], "Standard", size=100)
    scene.seed(["in/folder/"], "ColdArchive", size=0)
    for key in READABLE:
        scene.thaw(key, days=9)
    scene.oss.advance(13 * HOUR)
    for key in THAWING:
        scene.thaw(key, days=9)


def put(scene: Scene, rows: list[str]) -> None:
    scene.store(REPORTS).put("m.csv", "".join(f"{row}\n" for row in rows).encode())


def accepted(scene: Scene) -> float:
    return sum(n for name, n in scene.oss.meters().items() if "retrievals" in name)


def expiries_of(scene: Scene) -> dict[str, float]:
    return {one.key: expiry_of(one) for one in scene.store().list_after("", "").objects}


@pytest.mark.long
@given(ROWS, st.booleans(), st.sampled_from([1, 2, 9]), st.sampled_from([1, 2]))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_each_row_is_counted_once_and_no_object_is_paid_for_twice(
    scene: Scene, context: object, rows: list[str], extend: bool, page_size: int, calls: int
) -> None:
    scene.oss.remove_buckets()
    Scene(scene.oss)
    fill(scene)
    put(scene, rows)
    thawed, expiries = accepted(scene), expiries_of(scene)
    flow = Flow(scene, context, calls=calls)
    asked: dict[str, Any] = {"prefix": "in/", "minSize": 2, "days": 2, "waitFor": "none"}

    summary = flow.run(manifest=CSV, extendReadable=extend, maxKeys=page_size, groupSize=1, **asked)

    verdict = summary["verdict"]
    not_named = sum(found["rows"] for found in verdict["wrongRows"].values())
    assert verdict["listed"] + verdict["leftOut"] + not_named == len(rows)
    standings = Counter[str]()
    for found in verdict["byClass"].values():
        standings.update({k: n for k, n in found.items() if k != "readableUntil"})
    assert standings.total() == verdict["listed"]
    records = [record for part in walk(scene.ledger()) for record in part.records]
    assert len(records) == verdict["listed"]
    sent_for = Counter(
        record.key for record in records if record.outcome.value in ("requested", "extended")
    )
    assert all(times == 1 for times in sent_for.values())
    named = {key for key in [*FROZEN, *READABLE] if f"{BUCKET},{quote(key)}" in rows}
    extended = named.intersection(READABLE) if extend else set[str]()
    assert set(sent_for) == named.difference(READABLE) | extended
    assert accepted(scene) - thawed == len(named.intersection(FROZEN))
    later = expiries_of(scene)
    added = {key: later[key] - expiries[key] for key in READABLE}
    assert added == {key: 2 * DAY if key in extended else 0 for key in READABLE}


@pytest.mark.parametrize("page_size", [1, 2, 20])
def test_an_object_named_by_rows_far_apart_is_extended_once(
    flow: Flow, scene: Scene, page_size: int
) -> None:
    keys = [f"{n:02d}" for n in range(8)]
    scene.seed(keys, "ColdArchive")
    for key in keys:
        scene.thaw(key, days=1)
    scene.oss.advance(13 * HOUR)
    put(scene, [f"{BUCKET},{key}" for key in [*keys, *keys, keys[0]]])

    before = scene.requests("RestoreObject")
    summary = flow.run(manifest=CSV, extendReadable=True, days=3, maxKeys=page_size, groupSize=1)

    assert scene.requests("RestoreObject") - before == len(keys)
    assert summary["outcomes"] == {"extended": 8, "already_readable": 9}
    expiries = expiries_of(scene).values()
    assert max(expiries) - min(expiries) < HOUR  # each is extended at its own moment
