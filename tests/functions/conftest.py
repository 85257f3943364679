"""The functions' cloud: OSS with a bucket to thaw and one for reports."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.functions.scene import REPORTS, Context, Scene
from tests.localcloud.oss.running import running_oss


@pytest.fixture
def scene() -> Iterator[Scene]:
    """A new cloud's OSS with both buckets, empty."""
    with running_oss() as oss:
        yield Scene(oss)


@pytest.fixture
def context(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Context:
    """An invocation by the root account, in a deployed function's environment."""
    monkeypatch.setenv("REPORT_BUCKET", REPORTS)
    monkeypatch.setenv("REPORT_PREFIX", "reports/")
    monkeypatch.setenv("REPORT_ENDPOINT", scene.oss.url)
    monkeypatch.setenv("FOREACH_LIMIT", "100")
    monkeypatch.setenv("FC_REGION", scene.oss.region)
    return Context(scene.oss.root)
