"""Asynchronous invocations: what is retried, how often, and when."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from localcloud.errors import CloudError
from localcloud.faults import FaultRule
from localcloud.meters import FC_INVOCATIONS
from tests.localcloud.fc.support import ECHO, RENDEZVOUS, Account, an_account, entries, until

FAILING = "def handler(event, context):\n    raise OSError('always')\n"


def calls(account: Account) -> float:
    return account.core.meters.read().get(FC_INVOCATIONS, 0)


def start(account: Account, payload: bytes = b"{}") -> str:
    return account.fc.invoke_later(account.root, "s", "", "f", payload)


async def test_a_call_in_the_background_does_not_wait(tmp_path: Path) -> None:
    async with an_account() as account:
        account.deploy(RENDEZVOUS, environment={"folder": str(tmp_path)})
        assert start(account)
        assert calls(account) == 0
        (tmp_path / "go").touch()
        await until(lambda: calls(account) == 1)


async def test_a_functions_error_is_retried_three_times() -> None:
    async with an_account() as account:
        account.deploy(FAILING)
        started = account.core.clock.now()
        start(account)
        await until(lambda: calls(account) == 4)
        elapsed = account.core.clock.now() - started
        assert 0.5 + 1 + 2 <= elapsed < 60
        await account.fc.close()
        assert calls(account) == 4


async def test_a_refusal_is_retried_with_waits_that_double_for_five_hours() -> None:
    async with an_account() as account:
        account.deploy(ECHO)
        rule = FaultRule(service="fc", kind="error", status=429, code="ResourceExhausted")
        account.core.faults.add(rule)
        started = account.core.clock.now()
        start(account)
        with account.core.clock.running():
            pass
        # 0.5 + 1 + ... + 0.5 * 2**14 = 16383.5 s is the last sum of waits below five hours.
        await until(lambda: account.core.clock.now() - started >= 16_383)
        assert account.core.clock.now() - started < 5 * 3600
        account.core.faults.clear()
        assert calls(account) == 0


async def test_an_invocation_succeeds_once_it_is_no_longer_refused() -> None:
    async with an_account() as account:
        account.deploy(ECHO)
        account.core.faults.add(FaultRule(service="fc", kind="error", status=503, times=2))
        start(account)
        await until(lambda: calls(account) == 1)


async def test_a_permanent_refusal_is_not_retried() -> None:
    async with an_account() as account:
        account.deploy(ECHO)
        account.core.faults.add(FaultRule(service="fc", kind="error", status=403, times=1))
        started = account.core.clock.now()
        start(account)
        await asyncio.sleep(0.05)
        assert calls(account) == 0
        assert account.core.clock.now() - started < 0.5


async def test_a_payload_over_128_kilobytes_is_refused() -> None:
    async with an_account() as account:
        account.deploy(ECHO)
        start(account, bytes(128 * 1024))
        with pytest.raises(CloudError, match="EntityTooLarge"):
            start(account, bytes(128 * 1024 + 1))


async def test_closing_ends_calls_in_the_background(tmp_path: Path) -> None:
    async with an_account() as account:
        account.deploy(RENDEZVOUS, environment={"folder": str(tmp_path)})
        start(account)
        await until(lambda: entries(tmp_path) == 1)
        await account.fc.close()
        assert account.fc.instances() == []
