"""OSS with a bucket to thaw and one for reports, for tests of the core and of the functions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.functions.scene import Scene
from tests.localcloud.oss.running import RunningOss, running_oss


@pytest.fixture
def oss() -> Iterator[RunningOss]:
    """A new cloud's OSS, which takes a few milliseconds."""
    with running_oss() as running:
        yield running


@pytest.fixture
def scene(oss: RunningOss) -> Scene:
    """Both buckets, empty."""
    return Scene(oss)
