"""A retry of a task, at any moment, sends nothing that an earlier attempt has sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import product
from typing import Any

import oss2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from oss2.models import BucketVersioningConfig

from functions import index
from localcloud.oss import GeneratedObject
from tests.functions.flow import Flow
from tests.functions.scene import BUCKET, REPORTS, Scene
from thaw.ledger import Ledger
from thaw.ledger_reading import walk

Json = dict[str, Any]

OBJECTS = 6
# Requests of one restore call: stop mark, its own mark, slice, objects, part.
REQUESTS = OBJECTS + 4
SECONDS_BETWEEN = [0, 20, 40, 3600]
KEYS = {
    "unpadded": [f"img/{n}" for n in (1, 2, 9, 10, 11, 100)],
    "padded": [f"img/{n:04d}" for n in range(OBJECTS)],
    "not ASCII": [f"档案/é\N{ICE CUBE}{n}" for n in range(OBJECTS)],
    "with neighbours": [f"a{'b' * n}" for n in range(OBJECTS)],
}
THAW_SECONDS = {"Archive": 60, "ColdArchive": 5 * 3600, "DeepColdArchive": 48 * 3600}
SOURCES = ["bucket", "versions", "manifest"]
KINDS_OF_RUNS = list(product(KEYS, THAW_SECONDS, SOURCES))


class Crash(BaseException):
    """The end of the function's process."""


@contextmanager
def crashing(requests: int, *, done: bool) -> Iterator[None]:
    """End the process at the next request after so many, before or after it takes effect."""
    left = requests
    send = oss2.http.Session.do_request

    def do_request(self: oss2.http.Session, *args: Any, **more: Any) -> object:
        nonlocal left
        left -= 1
        if left == -1 and done:
            send(self, *args, **more)
        if left < 0:
            raise Crash
        return send(self, *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(oss2.http.Session, "do_request", do_request)
        yield


@contextmanager
def counted_restores() -> Iterator[Counter[str]]:
    """Count the restore requests for each object or version, whatever the response."""
    asked: Counter[str] = Counter()
    send = oss2.http.Session.do_request

    def do_request(self: oss2.http.Session, request: Any, *args: Any, **more: Any) -> object:
        if "restore" in request.params:
            asked[f"{request.url}?{request.params.get('versionId', '')}"] += 1
        return send(self, request, *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(oss2.http.Session, "do_request", do_request)
        yield asked


CRASHES = st.tuples(st.integers(0, REQUESTS), st.booleans(), st.sampled_from(SECONDS_BETWEEN))


def a_run(flow: Flow, scene: Scene, keys: list[str], storage_class: str, source: str) -> Json:
    """Start a run with one group, over a bucket's objects, versions or a manifest's rows."""
    scene.oss.remove_buckets()
    scene.oss.core.meters.reset()
    Scene(scene.oss)
    given: Json = {"workers": 1, "groupSize": 100, "days": 1, "storageClasses": [storage_class]}
    if source == "versions":
        scene.oss.bucket(BUCKET).put_bucket_versioning(BucketVersioningConfig("Enabled"))
        seeds = [GeneratedObject(key, 10, storage_class) for key in keys[: OBJECTS // 2] * 2]
        scene.oss.do(lambda: scene.oss.storage.seed(BUCKET, seeds))
        given |= {"versions": "all"}
    else:
        scene.seed(keys, storage_class)
    if source == "manifest":
        body = "".join(f"{BUCKET},{oss2.compat.urlquote(key)}\n" for key in reversed(keys))
        scene.store(REPORTS).put("m.csv", body.encode())
        given |= {"manifest": {"key": "m.csv"}}
    run: Json = flow.start(**given)["run"]
    return run


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(sorted(KEYS)),
    st.sampled_from(sorted(THAW_SECONDS)),
    st.sampled_from(SOURCES),
    st.lists(CRASHES, min_size=1, max_size=3),
)
@example("unpadded", "Archive", "bucket", [(5, True, 3600)])
@example("unpadded", "Archive", "bucket", [(REQUESTS - 1, False, 3600)])
def test_the_retry_of_a_restore_task_that_died_pays_for_nothing_twice(
    flow: Flow,
    scene: Scene,
    kind: str,
    storage_class: str,
    source: str,
    crashes: list[tuple[int, bool, int]],
) -> None:
    run = a_run(flow, scene, KEYS[kind], storage_class, source)
    page = flow.list_page(run)
    with counted_restores() as asked:
        for requests, done, seconds in crashes:
            with crashing(requests, done=done), suppress(Crash):
                flow.restore_group(run, page, 0)
            scene.oss.advance(seconds)
        answer = flow.restore_group(run, page, 0)
    assert answer["outcomes"] == {"requested": OBJECTS}
    assert len(asked) == asked.total() == OBJECTS
    assert scene.requests("RestoreObject") == OBJECTS
    ledger = Ledger(scene.store(REPORTS), "reports/", run["runId"])
    recorded = [(one.key, one.version_id) for part in walk(ledger) for one in part.records]
    assert len(recorded) == len(set(recorded)) == OBJECTS
    scene.oss.advance(THAW_SECONDS[storage_class])
    assert sum(info.readable for info in states(scene)) == OBJECTS


class _State:
    def __init__(self, info: str) -> None:
        self.readable = 'ongoing-request="false"' in info


def states(scene: Scene) -> list[_State]:
    """Return the restore state of every version in the bucket."""
    listed = scene.oss.bucket(BUCKET).list_object_versions(max_keys=1000).versions
    return [_State(found.restore_info or "") for found in listed]


@pytest.mark.parametrize("again", ["tried", "given up"])
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("requests", range(REQUESTS))
def test_a_task_that_dies_at_any_moment_can_be_retried_or_given_up(
    flow: Flow, scene: Scene, requests: int, done: bool, again: str
) -> None:
    kind, storage_class, source = KINDS_OF_RUNS[(2 * requests + done) * 7 % len(KINDS_OF_RUNS)]
    run = a_run(flow, scene, KEYS[kind], storage_class, source)
    page = flow.list_page(run)
    died = False
    with counted_restores() as asked:
        try:
            with crashing(requests, done=done):
                flow.restore_group(run, page, 0)
        except Crash:
            died = True
        assert died
        sent = asked.total()
        scene.oss.advance(SECONDS_BETWEEN[requests % len(SECONDS_BETWEEN)])
        failure = {"error": "FC.Unknown", "cause": "it died"}
        more = {"failure": failure} if again == "given up" else {}
        outcomes = flow.restore_group(run, page, 0, **more)["outcomes"]
    asked_in_all = sent if again == "given up" else OBJECTS
    assert outcomes.get("requested", 0) == asked_in_all
    assert outcomes.get("failed", 0) == OBJECTS - asked_in_all
    assert len(asked) == asked.total() == asked_in_all


@pytest.mark.parametrize("seconds", [0, 3600])
def test_a_readable_object_is_extended_once_however_often_the_task_is_retried(
    flow: Flow, scene: Scene, seconds: int
) -> None:
    run = a_run(flow, scene, KEYS["unpadded"], "Archive", "bucket")
    scene.thaw(*KEYS["unpadded"], days=2)
    scene.oss.advance(61)
    run["extendReadable"] = True
    page = flow.list_page(run)
    with crashing(REQUESTS - 1, done=False), suppress(Crash):
        flow.restore_group(run, page, 0)
    scene.oss.advance(seconds)
    assert flow.restore_group(run, page, 0)["outcomes"] == {"extended": OBJECTS}
    assert scene.readable_days(KEYS["unpadded"][0]) == 3


def test_two_simultaneous_attempts_pay_once(flow: Flow, scene: Scene) -> None:
    """A task is called at least once: the second call comes while the first is in progress."""
    run = a_run(flow, scene, KEYS["padded"], "Archive", "bucket")
    page = flow.list_page(run)
    send = oss2.Bucket.restore_object
    second: list[Json] = []

    def restore_object(self: oss2.Bucket, *args: Any, **more: Any) -> object:
        if not second:
            second.append({})
            second[0] = flow.restore_group(run, page, 0)
        return send(self, *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(oss2.Bucket, "restore_object", restore_object)
        first = flow.restore_group(run, page, 0)
    assert second[0]["outcomes"] == {"requested": OBJECTS}
    assert sum(first["outcomes"].values()) == OBJECTS
    assert scene.oss.meters()["oss.retrievals.Archive"] == OBJECTS


@pytest.mark.parametrize("changed", [False, True], ids=["as it was", "changed"])
@pytest.mark.parametrize("call", ["listArchiveFiles", "ahead"])
def test_the_first_listing_of_a_page_is_kept(
    flow: Flow, scene: Scene, call: str, changed: bool
) -> None:
    scene.seed([f"{n:02d}" for n in range(20)])
    run = flow.start(maxKeys=10, groupSize=5)["run"]
    first = flow.list_page(run)
    if call == "ahead":
        flow.call(index.listArchiveFiles, run=run, page=0, ahead="true")
    else:
        flow.list_page(run, 1, first["marker"])
    if changed:
        scene.thaw(*(f"{n:02d}" for n in range(20)))
        scene.seed(["10-new", "05-new"])
    assert flow.list_page(run) == first
    second = flow.list_page(run, 1, first["marker"], totals=first["totals"])
    assert (second["archiveFilesCount"], second["end"]) == (10, "true")
    assert second["totals"]["listed"] == 20


def test_no_page_is_listed_ahead_in_a_run_that_waits_for_each_page(
    flow: Flow, scene: Scene
) -> None:
    scene.seed([f"{n:02d}" for n in range(20)])
    run = flow.start(maxKeys=10, groupSize=5, waitFor="page")["run"]
    flow.list_page(run)
    flow.call(index.listArchiveFiles, run=run, page=0, ahead="true")
    assert [name for name in scene.report_names() if name.startswith("pages/")] == [
        "pages/000000000.jsonl"
    ]


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("requests", range(4))
def test_a_listing_that_died_can_be_retried(
    flow: Flow, scene: Scene, requests: int, done: bool
) -> None:
    run = a_run(flow, scene, KEYS["padded"], "Archive", "bucket")
    with crashing(requests, done=done), suppress(Crash):
        flow.list_page(run)
    page = flow.list_page(run)
    assert page["archiveFilesCount"] == page["totals"]["listed"] == OBJECTS
