"""The two flows of the article, word for word, on a bucket simulated by Python functions."""

from __future__ import annotations

from collections import Counter

from localcloud.fnf.executions import Execution, ExecutionFilter
from localcloud.meters import FNF_TRANSITIONS
from localcloud.settings import Settings
from tests.fdl.flows import article
from tests.localcloud.fnf.harness import Cloud, Json, events, output, scenario
from tests.localcloud.fnf.switches import every_switch

OBJECTS = 250
FEW = 50  # where each step is given a whole page, and their number is no matter
THAW_SECONDS = 65
GIVEN = {
    "endpoint": "oss.example", "bucketName": "b", "prefix": "", "marker": "",
    "maxKeys": 100, "pollInterval": 10, "workers": 10, "groupSize": 1,
}  # fmt: skip


class TokenBucket:
    """Keys that thaw, and the article's three functions that work on them."""

    def __init__(self, cloud: Cloud, *, objects: int = OBJECTS, booleans: bool = False) -> None:
        self._now = cloud.core.clock.now
        self._booleans = booleans
        self.keys = [f"key-{index:04d}" for index in range(objects)]
        self.readable_at: dict[str, float] = {}
        self.requests: Counter[str] = Counter()
        cloud.functions.functions = {
            "listArchiveFiles": self.list_archive_files,
            "restore": self.restore,
            "restoreStatus": self.restore_status,
        }

    def list_archive_files(self, event: Json) -> Json:
        start = next((i for i, k in enumerate(self.keys) if k > event["marker"]), len(self.keys))
        page = self.keys[start : start + event["maxKeys"]]
        end = start + len(page) >= len(self.keys)
        return {
            "bucketName": event["bucketName"],
            "filesGroup": [[key] for key in page],  # groupSize is 1
            "marker": "" if end else page[-1],
            "end": self._flag(end),
            "empty": self._flag(not page),
            "archiveFilesCount": len(page),
        }

    def _flag(self, value: bool) -> Json:
        return value if self._booleans else str(value).lower()

    def restore(self, event: Json) -> Json:
        for key in event["files"]:
            self.requests[key] += 1
            self.readable_at[key] = self._now() + THAW_SECONDS
        return {}

    def restore_status(self, event: Json) -> Json:
        keys = [key for group in event["filesGroup"] for key in group]
        done = all(self.readable_at[key] <= self._now() for key in keys)
        return {"status": "success" if done else "running"}


def restore_all(settings: Settings, *, booleans: bool = False) -> Execution:
    async def play(cloud: Cloud) -> Execution:
        bucket = TokenBucket(cloud, objects=FEW, booleans=booleans)
        cloud.flow(article("main_restore_flow"), "mainRestoreFlow")
        cloud.flow(article("restore_flow"), "restoreFlow")
        execution = await cloud.run({**GIVEN, "maxKeys": 20}, flow="mainRestoreFlow")
        assert execution.status == "Succeeded", (execution.error, execution.cause)
        assert set(bucket.requests) == set(bucket.keys)
        assert set(bucket.requests.values()) == {1}
        children = cloud.workflow.list_executions("restoreFlow", which=ExecutionFilter()).items
        assert [child.status for child in children] == ["Succeeded"] * 3
        return execution

    return scenario(play, settings=settings)


def test_every_archived_object_is_requested_once_and_awaited() -> None:
    execution = restore_all(Settings())
    assert output(execution)["status"] == "success"
    assert execution.stopped_at is not None
    assert execution.stopped_at - execution.started_at >= 3 * THAW_SECONDS


def test_the_converting_comparison_also_takes_booleans_for_the_texts() -> None:
    restore_all(Settings(), booleans=True)


@every_switch
def test_the_article_works_under_every_value_of_every_switch(settings: Settings) -> None:
    restore_all(settings)


def test_a_page_costs_the_transitions_that_its_steps_add_up_to() -> None:
    """Init, success; each page: 4, and the branch's task, foreach, tasks, rounds of 3, succeed."""

    async def play(cloud: Cloud) -> float:
        bucket = TokenBucket(cloud)
        cloud.flow(article("main_restore_flow"), "mainRestoreFlow")
        cloud.flow(article("restore_flow"), "restoreFlow")
        output(await cloud.run(GIVEN, flow="mainRestoreFlow"))
        rounds = len(cloud.functions.events("restoreStatus"))
        pages = len(cloud.functions.events("listArchiveFiles"))
        expected = 2 + pages * 4 + pages * 2 + len(bucket.keys) + rounds * 3
        assert cloud.core.meters.read()[FNF_TRANSITIONS] == expected
        return rounds / pages

    assert scenario(play) == 7


def test_a_large_bucket_uses_up_the_events_of_the_main_flow() -> None:
    async def play(cloud: Cloud) -> Execution:
        bucket = TokenBucket(cloud)
        cloud.flow(article("main_restore_flow"), "mainRestoreFlow")
        cloud.flow(article("restore_flow"), "restoreFlow")
        given = {**GIVEN, "maxKeys": 1}
        execution = await cloud.run(given, flow="mainRestoreFlow")
        assert 0 < len(bucket.requests) < OBJECTS
        return execution

    execution = scenario(play)
    assert execution.error == "FnF.EventLimitExceeded"
    assert len(events(execution)) == 5_000
