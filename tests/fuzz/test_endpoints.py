"""Hostile requests: each has a response, and none is an internal error of the server.

``FUZZ_SEED`` and ``FUZZ_REQUESTS`` select others; a failure names the values to repeat it.
"""

from __future__ import annotations

import os
import resource
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

import pytest

from oss_restore.clients.target import LocalEndpoints
from tests.fuzz.attempts import MAKERS
from tests.fuzz.persistent_cloud import persistent_cloud
from tests.fuzz.wire import Connection

SEED: Final = int(os.environ.get("FUZZ_SEED", "20261129"))
REQUESTS: Final = int(os.environ.get("FUZZ_REQUESTS", "2000"))
LONG: Final = 100_000
GROWTH: Final = 300 * 2**20  # memory growth allowed for a hundred thousand requests, in bytes


@pytest.fixture
def endpoints(tmp_path: Path) -> Iterator[LocalEndpoints]:
    """Start a separate cloud for each endpoint, so that they do not affect each other."""
    with persistent_cloud(tmp_path) as endpoints:
        yield endpoints


def storm(endpoints: LocalEndpoints, service: str, seed: int, requests: int) -> Counter[int]:
    """Send requests; return the number of responses by status."""
    random, statuses = Random(f"{service}/{seed}"), Counter[int]()
    connection = Connection(getattr(endpoints, service))
    try:
        for number in range(requests):
            attempt = MAKERS[service](random, endpoints)
            request = attempt.to_bytes(connection.host)
            status, body = connection.send(request, attempt.method)
            statuses[status] += 1
            again = f"FUZZ_SEED={seed}, request {number} of {service}: {request[:3000]!r}"
            assert 100 <= status < 500, f"{status} {body[:500]!r}\n{again}"
    finally:
        connection.close()
    return statuses


@pytest.mark.parametrize("service", MAKERS)
def test_every_hostile_request_has_a_response(endpoints: LocalEndpoints, service: str) -> None:
    statuses = storm(endpoints, service, SEED, REQUESTS)
    assert statuses[200] > REQUESTS / 50, statuses  # enough pass the first checks


@pytest.mark.soak
@pytest.mark.parametrize("service", MAKERS)
def test_a_hundred_thousand_requests_do_not_harm_the_cloud(
    endpoints: LocalEndpoints, service: str
) -> None:
    storm(endpoints, service, SEED + 1, LONG // 10)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    storm(endpoints, service, SEED + 2, LONG)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < GROWTH
