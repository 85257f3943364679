"""Fixtures that tests of several packages share."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import oss2
import pytest

from tests.process_state import process_put_back
from tests.site import Site, deployed_site
from tests.site_state import put_back

pytest_plugins = ["tests.scene_fixtures"]

# How long an example takes says more of the machine's load than of the code; each run tries others.
hypothesis.settings.register_profile("suite", deadline=None, max_examples=50)
hypothesis.settings.load_profile("suite")


@pytest.fixture(autouse=True)
def _process() -> Iterator[None]:
    """Puts the process back after each test: the next one is in the same."""
    with process_put_back():
        yield


@pytest.fixture(scope="session")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A deployment, one for each worker, or of the module that overrides this.

    A fixture that keeps something in it for several tests puts it back itself.
    """
    with deployed_site(tmp_path_factory.mktemp("cloud")) as site:
        yield site


@pytest.fixture
def site(shared_site: Site) -> Iterator[Site]:
    """The deployment, which is put back after the test as it was before it."""
    with put_back(shared_site):
        yield shared_site


@pytest.fixture
def bucket(site: Site) -> oss2.Bucket:
    """The bucket in scope, empty."""
    bucket = site.bucket()
    bucket.create_bucket()
    return bucket
