"""The verdict matches HEAD for each object, whatever happens to the bucket during a run."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

import oss2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.functions.flow import Flow
from tests.functions.scene import BUCKET, Scene
from thaw.errors import AccessDenied

Json = dict[str, Any]

KEYS = [f"data/{number}" for number in range(9)]
CLASSES = ("Archive", "ColdArchive", "DeepColdArchive")
FROZEN = ("frozenAgain", "refused", "failed", "notRequested")
HOUR = 3600

BUCKETS = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(CLASSES), min_size=1)
WHAT = ["thaw", "delete", "overwrite", "replace", "deny", "disturb"]
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["thaw", "delete", "overwrite", "replace", "deny", "disturb"]),
        st.sampled_from(KEYS),
    ),
    max_size=3,
)
STEPS = st.lists(
    st.tuples(EVENTS, st.sampled_from([2, 90, 6 * HOUR, 26 * HOUR, 80 * HOUR])),
    min_size=3,
    max_size=3,
)


class Others:
    """Changes to a bucket during a run."""

    def __init__(self, scene: Scene, classes: dict[str, str]) -> None:
        self.scene = scene
        self.classes = dict(classes)
        self.thawed = 0

    def do(self, events: list[tuple[str, str]], seconds: int) -> None:
        self.scene.oss.advance(seconds)
        for what, key in events:
            getattr(self, what)(key)

    def thaw(self, key: str) -> None:
        with suppress(oss2.exceptions.ServerError):
            self.scene.thaw(key)
            self.thawed += 1

    def delete(self, key: str) -> None:
        self.scene.oss.bucket(BUCKET).delete_object(key)

    def overwrite(self, key: str) -> None:
        self.scene.oss.bucket(BUCKET).put_object(key, b"something else")

    def replace(self, key: str) -> None:
        """Replace an object by one of the same class and size, which differs only in its date."""
        self.scene.seed([key], self.classes.setdefault(key, "Archive"))

    def deny(self, key: str) -> None:
        self._fault(key, status=403, code="AccessDenied")

    def disturb(self, key: str) -> None:
        self._fault(key, status=503, code="ServiceUnavailable", times=1)

    def _fault(self, key: str, **fault: Any) -> None:
        target = f"{BUCKET}/{key}"
        self.scene.fault(kind="error", operation="RestoreObject", target=target, **fault)

    def where(self, key: str, modified: int | None) -> str:
        """Return by HEAD the standing of an object that was listed with this date."""
        try:
            head = self.scene.oss.bucket(BUCKET).head_object(key)
        except oss2.exceptions.NotFound:
            return "deleted"
        restore_info = head.headers.get("x-oss-restore", "")
        if head.last_modified != modified:
            return "overwritten"
        if "true" in restore_info:
            return "thawing"
        expiry = restore_info.partition('expiry-date="')[2].partition('"')[0]
        now = self.scene.oss.do(self.scene.oss.core.clock.now)
        readable = expiry and parsedate_to_datetime(expiry).timestamp() > now
        return "readable" if readable else "frozen"


def listed(scene: Scene, pages: int) -> list[tuple[str, int | None]]:
    """Return the keys that a run has listed, with the objects' dates."""
    found: list[tuple[str, int | None]] = []
    for page in range(pages):
        content = scene.ledger().content(page)
        found += [(one.key, one.modified) for one in content.objects]
        found += [(record.key, record.modified) for record in content.skipped]
    return found


@given(BUCKETS, STEPS, st.sampled_from([1, 3, 9]), st.sampled_from([1, 2, 9]))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_verdict_matches_head_for_every_object(
    scene: Scene,
    context: object,
    classes: dict[str, str],
    steps: list[tuple[list[tuple[str, str]], int]],
    page_size: int,
    group_size: int,
) -> None:
    scene.oss.remove_buckets()
    scene.oss.do(scene.oss.core.faults.clear)
    scene.oss.core.meters.reset()
    Scene(scene.oss)
    for key, storage_class in classes.items():
        scene.seed([key], storage_class)
    flow, others = Flow(scene, context), Others(scene, classes)
    settings_ = {"maxKeys": page_size, "groupSize": min(group_size, page_size), "days": 1}
    started = flow.start(waitFor="none", **settings_)
    pages, marker, end, sums = 0, started["marker"], "false", {"totals": started["totals"]}
    later = iter(steps[1:])
    while end == "false":
        page = flow.list_page(started["run"], pages, marker, **sums)
        if pages == 0:
            others.do(*steps[0])
        sums = {"totals": page["totals"], "results": flow.restore(started["run"], page)}
        others.do(*next(later, ([], 2)))
        pages, marker, end = pages + 1, page["marker"], page["end"]
    others.do(*next(later, ([], 2)))

    with suppress(AccessDenied):  # so ends a run whose requests were all denied
        flow.end(started, page=pages - 1, **sums)
    verdict = json.loads(scene.report("summary.json"))["verdict"]
    found = Counter({k: n for k, n in verdict["all"].items() if k != "readableUntil"})
    frozen = sum(found.pop(name, 0) for name in FROZEN)
    true = Counter(others.where(*one) for one in listed(scene, pages))
    assert verdict["unaccounted"] == 0
    assert (frozen, found) == (true.pop("frozen", 0), true)
    retrieved = sum(n for name, n in scene.oss.meters().items() if "retrievals" in name)
    assert retrieved - others.thawed <= len(others.classes)
