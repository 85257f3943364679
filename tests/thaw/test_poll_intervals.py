"""How long a flow waits before it polls."""

from __future__ import annotations

import pytest

from tests.functions.scene import make_run
from thaw.poll_intervals import first_wait, next_wait
from thaw.storage_classes import ARCHIVE, COLD_ARCHIVE, DEEP_COLD_ARCHIVE

COLD = [ARCHIVE, COLD_ARCHIVE]


def test_archive_is_polled_at_every_poll_interval() -> None:
    assert first_wait([ARCHIVE], [], make_run()) == next_wait(ARCHIVE, make_run()) == 10


@pytest.mark.parametrize(
    ("tier", "seconds"), [("Expedited", 300), (None, 7_200), ("Standard", 7_200), ("Bulk", 18_000)]
)
def test_the_first_poll_waits_for_the_tiers_shortest_thaw(tier: str | None, seconds: int) -> None:
    run = make_run(storageClasses=COLD, tier=tier)
    assert first_wait(COLD, [], run) == seconds


def test_thaws_requested_by_others_are_polled_without_an_initial_wait() -> None:
    assert first_wait([ARCHIVE], [COLD_ARCHIVE], make_run()) == 300


def test_the_interval_of_later_polls_depends_on_the_class() -> None:
    assert next_wait(COLD_ARCHIVE, make_run()) == 300
    assert next_wait(DEEP_COLD_ARCHIVE, make_run()) == 1800


def test_an_earlier_request_is_not_polled_before_its_tiers_shortest_thaw() -> None:
    run = make_run(storageClasses=COLD, tier="Standard")
    assert next_wait(COLD_ARCHIVE, run, requested_ago=600.5) == 6_600
    assert next_wait(COLD_ARCHIVE, run, requested_ago=7_000) == 300


def test_a_longer_poll_interval_is_respected() -> None:
    assert next_wait(DEEP_COLD_ARCHIVE, make_run(pollInterval=3600)) == 3600


def test_the_wait_is_the_poll_interval_when_nothing_is_thawing() -> None:
    assert first_wait([], [], make_run()) == 10


@pytest.mark.parametrize(
    ("storage_class", "tier", "slowest_hours"),
    [
        (COLD_ARCHIVE, "Expedited", 1),
        (COLD_ARCHIVE, "Standard", 5),
        (COLD_ARCHIVE, "Bulk", 12),
        (DEEP_COLD_ARCHIVE, "Expedited", 12),
        (DEEP_COLD_ARCHIVE, "Standard", 48),
    ],
)
def test_a_poll_loop_has_at_most_100_rounds(
    storage_class: str, tier: str, slowest_hours: int
) -> None:
    run = make_run(storageClasses=[storage_class], tier=tier, pollInterval=1)
    left = slowest_hours * 3600 - first_wait([storage_class], [], run)
    assert 1 + left / next_wait(storage_class, run) <= 100
