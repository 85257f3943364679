"""Fixtures that tests of several packages share."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import oss2
import pytest

from tests.site import Site, deployed_site, empty

pytest_plugins = ["tests.scene_fixtures"]

# How long an example takes says more of the machine's load than of the code; each run tries others.
hypothesis.settings.register_profile("suite", deadline=None, max_examples=50)
hypothesis.settings.load_profile("suite")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A deployment, one for each worker."""
    with deployed_site(tmp_path_factory.mktemp("cloud")) as site:
        yield site


@pytest.fixture
def bucket(site: Site) -> Iterator[oss2.Bucket]:
    """The bucket in scope, empty before and gone after each test."""
    bucket = site.bucket()
    bucket.create_bucket()
    yield bucket
    site.control.clear_faults()
    site.end_runs()
    empty(bucket)
    bucket.delete_bucket()
