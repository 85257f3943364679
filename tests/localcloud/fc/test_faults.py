"""What a fault rule does to a call."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from localcloud.errors import CloudError
from localcloud.faults import FaultRule
from localcloud.meters import FC_INVOCATIONS
from tests.localcloud.fc.support import ECHO, Account, an_account, entries

# Leaves one file for each time that it ran.
COUNTED = """
import os, pathlib, uuid

def handler(event, context):
    (pathlib.Path(os.environ["folder"]) / str(uuid.uuid4())).touch()
    return {}
"""


def counted(account: Account, folder: Path, **rule: object) -> None:
    account.deploy(COUNTED, environment={"folder": str(folder)})
    account.core.faults.add(FaultRule.model_validate({"service": "fc", "times": 1, **rule}))


@pytest.mark.parametrize("kind", ["error", "reset"])
async def test_an_error_does_nothing_and_is_not_billed(kind: str, tmp_path: Path) -> None:
    async with an_account() as account:
        counted(account, tmp_path, kind=kind, status=429, code="ResourceExhausted")
        with pytest.raises(CloudError) as refusal:
            await account.invoke()
        assert (refusal.value.code, refusal.value.status) == ("ResourceExhausted", 429)
        assert entries(tmp_path) == 0
        assert FC_INVOCATIONS not in account.core.meters.read()
        assert (await account.invoke()).payload == b"{}"


async def test_a_late_error_comes_after_the_work(tmp_path: Path) -> None:
    async with an_account() as account:
        counted(account, tmp_path, kind="late_error", status=500, code="InternalServerError")
        with pytest.raises(CloudError, match="InternalServerError"):
            await account.invoke()
        assert entries(tmp_path) == 1


async def test_a_duplicate_runs_twice_and_answers_once(tmp_path: Path) -> None:
    async with an_account() as account:
        counted(account, tmp_path, kind="duplicate")
        assert (await account.invoke()).payload == b"{}"
        assert entries(tmp_path) == 2
        assert account.core.meters.read()[FC_INVOCATIONS] == 2


async def test_a_delay_only_delays(tmp_path: Path) -> None:
    async with an_account() as account:
        counted(account, tmp_path, kind="delay", seconds=0.05)
        assert (await account.invoke()).payload == b"{}"
        assert entries(tmp_path) == 1


async def test_a_crash_ends_the_process_in_mid_work() -> None:
    async with an_account() as account:
        account.deploy("import time\ndef handler(event, context):\n    time.sleep(60)\n")
        account.core.faults.add(FaultRule(service="fc", kind="crash", seconds=0.2, times=1))
        invocation = await account.invoke()
        assert invocation.error_type == "UnhandledInvocationError"
        assert json.loads(invocation.payload).keys() == {"errorMessage"}
        assert account.fc.instances() == []


async def test_a_rule_names_the_function_that_it_hits() -> None:
    async with an_account() as account:
        account.deploy(ECHO)
        account.deploy(ECHO, name="g")
        account.core.faults.add(FaultRule(service="fc", operation="Invoke", target="s/g"))
        assert (await account.invoke()).error_type == ""
        with pytest.raises(CloudError, match="ServiceUnavailable"):
            await account.invoke(name="g")
