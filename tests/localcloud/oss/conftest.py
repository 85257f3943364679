"""OSS of a local cloud, and a bucket in it."""

from __future__ import annotations

from collections.abc import Iterator

import oss2
import pytest

from tests.localcloud.oss.running import RunningOss, running_oss


@pytest.fixture
def oss() -> Iterator[RunningOss]:
    """A new cloud's OSS."""
    with running_oss() as running:
        yield running


@pytest.fixture
def bucket(oss: RunningOss) -> oss2.Bucket:
    """A bucket of the root account, by a client that signs with version 4."""
    client = oss.bucket("frozen-assets")
    client.create_bucket()
    return client
