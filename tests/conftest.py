"""What tests of more than one room use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import oss2
import pytest
from _pytest.nodeid import NodeId

from tests.site import Site, deployed_site, empty

# How long an example takes says more of the machine's load than of the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Makes ``--dist loadgroup`` group: pytest 9.2 reads ids where pytest-xdist 3.8 writes none.

    Without it nothing fails, but each worker deploys for itself.
    """
    _tell_stories(items)
    for item in items:
        with_group = getattr(item, "_nodeid", None)
        if with_group is not None:
            item._id = NodeId.parse(with_group)


def _tell_stories(items: list[pytest.Item]) -> None:
    """Puts the tests of each story back into the order of their file, in the places they have."""
    stories: defaultdict[Path, list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        if item.get_closest_marker("story"):
            stories[item.path].append(index)
    for places in stories.values():
        in_order = sorted(
            (items[place] for place in places), key=lambda item: item.location[1] or 0
        )
        for place, item in zip(places, in_order, strict=True):
            items[place] = item


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One deployment by the real cdktf. Its tests are of the xdist group ``e2e``."""
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
