"""A bucket in the OSS of a local cloud."""

from __future__ import annotations

import oss2
import pytest

from tests.localcloud.oss.running import RunningOss


@pytest.fixture
def bucket(oss: RunningOss) -> oss2.Bucket:
    """A bucket of the root account, and a client that signs with version 4."""
    client = oss.bucket("frozen-assets")
    client.create_bucket()
    return client
