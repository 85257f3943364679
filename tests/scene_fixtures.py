"""OSS with a bucket to thaw and one for reports, for the tests of the core and of the functions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localcloud.settings import Settings
from tests.functions.scene import Scene
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
        oss.rams.clear()
        oss.core.settings = Settings()
        oss.core.faults.clear()
        oss.core.meters.reset()

    oss.do(forget)
    return Scene(oss)
