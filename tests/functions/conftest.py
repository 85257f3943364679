"""The functions' cloud: OSS with a bucket to thaw and one for reports."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localcloud.ram.model import Ram
from localcloud.settings import Settings
from tests.functions.flow import Flow
from tests.functions.scene import REPORTS, Context, Scene
from tests.localcloud.oss.running import RunningOss, running_oss


@pytest.fixture(scope="module")
def oss() -> Iterator[RunningOss]:
    """A running OSS, which tests share, since starting and stopping one takes a while."""
    with running_oss() as running:
        yield running


@pytest.fixture
def scene(oss: RunningOss) -> Scene:
    """Both buckets, empty, in an OSS that remembers nothing of the test before."""

    def forget() -> None:
        oss.storage.restore({"buckets": [], "restore_queues": {}})
        oss.ram = Ram(oss.ram.account_id, oss.credentials)
        oss.core.settings = Settings()
        oss.core.faults.clear()
        oss.core.meters.reset()

    oss.do(forget)
    return Scene(oss)


@pytest.fixture
def context(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Context:
    """An invocation by the root account, in a deployed function's environment."""
    monkeypatch.setenv("REPORT_BUCKET", REPORTS)
    monkeypatch.setenv("REPORT_PREFIX", "reports/")
    monkeypatch.setenv("REPORT_ENDPOINT", scene.oss.url)
    monkeypatch.setenv("FOREACH_LIMIT", "100")
    monkeypatch.setenv("FC_REGION", scene.oss.region)
    return Context(scene.oss.root)


@pytest.fixture
def flow(scene: Scene, context: Context) -> Flow:
    """Runs, by the functions as FC calls them."""
    return Flow(scene, context)
