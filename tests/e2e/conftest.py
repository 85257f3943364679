"""The command line, for end-to-end tests, and a deployment that relays soon."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.oss_restore.conftest import cli
from tests.site import Site

__all__ = ["cli"]

RELAY_AT_EVENT = 400


@pytest.fixture
def short_legs(site: Site) -> Iterator[None]:
    """Limit executions to 500 events, so that the main flow relays to a new one before that."""
    name = site.deployment.main_flow
    deployed = site.workflow.definition(name)
    short = deployed.replace("$.eventId >= 4000", f"$.eventId >= {RELAY_AT_EVENT}")
    assert short != deployed
    site.control.set({"events_per_execution": 500})
    with site.redefined(name, definition=short):
        yield
