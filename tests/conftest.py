"""What tests of more than one room use."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import oss2
import pytest

from tests.site import Site, deployed_site, empty

# An example's wall time says how busy the machine is, and nothing of the code.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


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
    empty(bucket)
    bucket.delete_bucket()
