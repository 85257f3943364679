"""The processes that functions run in: how many, how long, and how they end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

import pytest

from localcloud.errors import CloudError
from localcloud.meters import FC_GB_SECONDS
from localcloud.settings import Limits, MachineLimits, Settings, override
from tests.localcloud.fc.support import ECHO, RENDEZVOUS, WHICH, an_account, entries, until, zipped


async def test_a_warm_instance_is_used_again() -> None:
    async with an_account() as account:
        account.deploy(WHICH)
        first, second = [int((await account.invoke()).payload) for _ in range(2)]
        assert first == second
        assert account.fc.instances() == [("s/f", first)]


async def test_an_instance_that_nobody_calls_ends_and_the_next_call_starts_another() -> None:
    async with an_account(Settings(machine=MachineLimits(idle_seconds=0))) as account:
        account.deploy(WHICH)
        first = int((await account.invoke()).payload)
        await until(lambda: account.fc.instances() == [])
        assert int((await account.invoke()).payload) != first


async def test_how_long_idle_processes_are_kept_can_be_set_by_name() -> None:
    async with an_account(override(Settings(), {"idle_seconds": "0"})) as account:
        account.deploy(WHICH)
        await account.invoke()
        await until(lambda: account.fc.instances() == [])


async def test_no_process_runs_before_the_first_call() -> None:
    async with an_account() as account:
        account.deploy(WHICH)
        assert account.fc.instances() == []


async def test_calls_wait_while_every_process_is_busy(
    tmp_path: Path,
) -> None:
    async with an_account(Settings(machine=MachineLimits(processes_per_function=2))) as account:
        account.deploy(RENDEZVOUS, environment={"folder": str(tmp_path)})
        calls = [asyncio.create_task(account.invoke()) for _ in range(5)]
        await until(lambda: entries(tmp_path) == 2)
        assert len(account.fc.instances()) == 2
        (tmp_path / "go").touch()
        pids = [int((await call).payload) for call in calls]
        assert set(pids) == {pid for _, pid in account.fc.instances()}


async def test_calls_beyond_the_accounts_instances_are_throttled(
    tmp_path: Path,
) -> None:
    async with an_account(Settings(limits=Limits(fc_instances=2))) as account:
        account.deploy(RENDEZVOUS, environment={"folder": str(tmp_path)})
        calls = [asyncio.create_task(account.invoke()) for _ in range(2)]
        await until(lambda: entries(tmp_path) == 2)
        with pytest.raises(CloudError) as refusal:
            await account.invoke()
        assert (refusal.value.code, refusal.value.status) == ("ResourceExhausted", 429)
        (tmp_path / "go").touch()
        await asyncio.gather(*calls)
        assert (await account.invoke()).error_type == ""


async def test_new_code_ends_idle_instances() -> None:
    async with an_account() as account:
        account.deploy(WHICH)
        old = int((await account.invoke()).payload)
        function = account.fc.services.function("s", "f")
        account.fc.services.update_function("s", "f", function.config, zipped(ECHO))
        assert account.fc.instances() == []
        assert b"event" in (await account.invoke()).payload
        assert old not in {pid for _, pid in account.fc.instances()}


SLEEP = (
    "import time\ndef handler(event, context):\n    print('in', flush=True)\n    time.sleep(60)\n"
)


async def test_a_call_ends_at_its_timeout() -> None:
    async with an_account() as account:
        account.deploy(SLEEP, timeout=1)
        invocation = await account.invoke()
        body = json.loads(invocation.payload)
        assert invocation.error_type == "UnhandledInvocationError"
        assert body["errorMessage"].startswith("Function timed out after 1 seconds")
        assert "errorType" not in body
        assert "in\n" in invocation.log
        assert account.fc.instances() == []
        assert account.core.meters.read()[FC_GB_SECONDS] == pytest.approx(1 / 8)


async def test_a_killed_process_fails_its_call_without_an_error_type(
    tmp_path: Path,
) -> None:
    async with an_account() as account:
        account.deploy(RENDEZVOUS, environment={"folder": str(tmp_path)})
        call = asyncio.create_task(account.invoke())
        await until(lambda: entries(tmp_path))
        ((name, pid),) = account.fc.instances()
        assert name == "s/f"
        os.kill(pid, signal.SIGKILL)
        invocation = await call
        body = json.loads(invocation.payload)
        assert invocation.error_type == "UnhandledInvocationError"
        assert body.keys() == {"errorMessage"}
        assert body["errorMessage"].startswith("Process exited unexpectedly")
        (tmp_path / "go").touch()
        assert (await account.invoke()).error_type == ""


async def test_code_that_exits_ends_its_process() -> None:
    async with an_account() as account:
        account.deploy("import sys\ndef handler(event, context):\n    sys.exit(0)\n")
        body = json.loads((await account.invoke()).payload)
        assert body["errorMessage"].startswith("Process exited unexpectedly")


async def test_an_idle_process_that_was_killed_is_replaced() -> None:
    async with an_account() as account:
        account.deploy(WHICH)
        old = int((await account.invoke()).payload)
        os.kill(old, signal.SIGKILL)
        await until(lambda: not account.fc.instances())
        assert int((await account.invoke()).payload) != old


async def test_cancelling_a_call_ends_its_process(tmp_path: Path) -> None:
    async with an_account() as account:
        account.deploy(RENDEZVOUS, environment={"folder": str(tmp_path)})
        call = asyncio.create_task(account.invoke())
        await until(lambda: entries(tmp_path))
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await until(lambda: not account.fc.instances())


async def test_closing_ends_every_process(tmp_path: Path) -> None:
    async with an_account() as account:
        account.deploy(RENDEZVOUS, environment={"folder": str(tmp_path)})
        calls = [asyncio.create_task(account.invoke()) for _ in range(3)]
        await until(lambda: entries(tmp_path) == 2)
        pids = [pid for _, pid in account.fc.instances()]
        await account.fc.close()
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert sum(isinstance(result, CloudError) for result in results) == 1
        for pid in pids:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)


async def test_a_call_holds_the_clock(tmp_path: Path) -> None:
    async with an_account() as account:
        account.deploy(RENDEZVOUS, environment={"folder": str(tmp_path)})
        started = account.core.clock.now()
        call = asyncio.create_task(account.invoke())
        far = account.core.clock.spawn(account.core.clock.sleep(100 * 3600))
        await until(lambda: entries(tmp_path))
        assert account.core.clock.now() - started < 3600
        (tmp_path / "go").touch()
        await asyncio.gather(call, far)


async def test_a_child_that_the_code_left_behind_ends_with_the_instance() -> None:
    source = """
import subprocess, sys

def handler(event, context):
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid
"""
    async with an_account() as account:
        account.deploy(source)
        child = int((await account.invoke()).payload)
        os.kill(child, 0)
        await account.fc.close()

        def gone() -> bool:
            try:
                status = Path(f"/proc/{child}/stat").read_text()
                return status.rpartition(")")[2].split()[0] == "Z"
            except FileNotFoundError:
                return True

        await until(gone)
