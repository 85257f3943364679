"""Fixtures that tests of several packages share."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import hypothesis
import oss2
import pytest

from tests.order import long_first
from tests.process_state import restored_process
from tests.site import Site, deployed_site
from tests.site_state import restored_site

pytest_plugins = ["tests.scene_fixtures"]

# An example's duration depends on the machine's load more than on the code.
hypothesis.settings.register_profile("suite", deadline=None, max_examples=50)
hypothesis.settings.load_profile("suite")

# By default, a quarter of the time of collecting tests goes into garbage collection.
gc.set_threshold(20_000, 10, 10)


def pytest_collection_finish() -> None:
    """Exempt the collected tests from garbage collection, which took a fifth of the run's time."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    workers = getattr(config, "workerinput", {"workercount": 1})["workercount"]
    items[:] = long_first(items, lambda test: bool(test.get_closest_marker("long")), workers)


@pytest.fixture(autouse=True)
def _process() -> Iterator[None]:
    """Reset the process after each test: the next one runs in it too."""
    with restored_process():
        yield


@pytest.fixture(scope="session")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A deployment for each worker, or for a module that overrides this.

    A fixture that keeps a change in it for several tests reverts the change itself.
    """
    with deployed_site(tmp_path_factory.mktemp("cloud")) as site:
        yield site


@pytest.fixture
def site(shared_site: Site) -> Iterator[Site]:
    """The deployment, which is restored after the test to its state before it."""
    with restored_site(shared_site):
        yield shared_site


@pytest.fixture
def bucket(site: Site) -> oss2.Bucket:
    """The bucket in scope, empty."""
    bucket = site.bucket()
    bucket.create_bucket()
    return bucket
