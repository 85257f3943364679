"""Hostile calls of the Terraform provider: each has a response or is refused; none breaks it.

``FUZZ_SEED`` and ``FUZZ_REQUESTS`` select others; a failure names the values to repeat it.
"""

from __future__ import annotations

import json
import os
import resource
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Final

import grpc
import pytest

from tests.fuzz.persistent_cloud import persistent_cloud
from tests.fuzz.provider_calls import ProviderCall, provider_call

SEED: Final = int(os.environ.get("FUZZ_SEED", "20261129"))
REQUESTS: Final = int(os.environ.get("FUZZ_REQUESTS", "2000"))
LONG: Final = 100_000
GROWTH: Final = 300 * 2**20  # memory growth allowed for a hundred thousand calls, in bytes
PATIENCE: Final = 20  # seconds without a response that count as a hang


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The socket of a provider with its own cloud."""
    with persistent_cloud(tmp_path) as endpoints:
        providers = json.loads(endpoints.tf_reattach_providers)
        yield next(iter(providers.values()))["Addr"]["String"]


def status_of(channel: grpc.Channel, call: ProviderCall) -> grpc.StatusCode:
    """Make a call; return its status."""
    method = channel.unary_unary(
        f"/tfplugin5.Provider/{call.method}", request_serializer=None, response_deserializer=None
    )
    try:
        method(call.message, timeout=PATIENCE)
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def storm(address: str, seed: int, requests: int) -> Counter[tuple[str, grpc.StatusCode]]:
    """Make calls; return their statuses by method."""
    random, seen = Random(f"provider/{seed}"), Counter[tuple[str, grpc.StatusCode]]()
    with grpc.insecure_channel(f"unix:{address}") as channel:
        for number in range(requests):
            call = provider_call(random)
            status = status_of(channel, call)
            seen[call.method, status] += 1
            again = f"FUZZ_SEED={seed}, call {number} of the provider: {call.method}"
            allowed = (grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT)
            assert status in allowed, f"{status}\n{again} {call.message[:3000]!r}"
    return seen


def test_every_hostile_call_has_a_response_or_is_refused(address: str) -> None:
    seen = storm(address, SEED, REQUESTS)
    answered = {method for method, status in seen if status is grpc.StatusCode.OK}
    assert answered == {method for method, _ in seen}, seen
    assert len(answered) == 12


@pytest.mark.parametrize(
    "content", [b"\0" * 100, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"x" * 10**6]
)
def test_bytes_that_are_not_a_call_do_not_affect_others(address: str, content: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as own:
        own.settimeout(PATIENCE)
        own.connect(address)
        with suppress(OSError):  # the provider may cut the connection
            own.sendall(content)
        storm(address, SEED, 20)


@pytest.mark.soak
def test_a_hundred_thousand_calls_do_not_harm_the_provider(address: str) -> None:
    storm(address, SEED + 1, LONG // 10)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    storm(address, SEED + 2, LONG)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < GROWTH
