"""Where a function's output goes."""

from __future__ import annotations

import pytest

from localcloud.errors import CloudError
from localcloud.fc import LogConfig, ServiceConfig
from tests.localcloud.fc.support import Account, an_account, policy

TALKING = """
import logging, os, subprocess, sys

def handler(event, context):
    print("to stdout, ünïcode")
    sys.stderr.write("to stderr\\n")
    logging.getLogger("app").info("by logging")
    context.getLogger().warning("by the context's logger")
    logging.getLogger().debug("too quiet")
    os.write(1, b"past python\\n")
    subprocess.run([sys.executable, "-c", "print('by a child')"], check=True)
    print("no newline at the end", end="")
    return {}
"""
LOG = LogConfig(project="logs", logstore="functions")
MAY_LOG = policy(
    "log:PostLogStoreLogs",
    "acs:log:cn-hangzhou:1234567890123456:project/logs/logstore/functions",
)


def with_logs(account: Account, *documents: str) -> ServiceConfig:
    account.sls.create_project("logs")
    account.sls.create_logstore("logs", "functions", ttl=30)
    return ServiceConfig(role=account.service_role(*documents), log_config=LOG)


async def test_the_answer_carries_everything_that_was_written() -> None:
    async with an_account() as account:
        account.deploy(TALKING)
        invocation = await account.invoke()
        first, *lines, last, duration = invocation.log.splitlines()
        assert first == f"FC Invoke Start RequestId: {invocation.request_id}"
        assert last == f"FC Invoke End RequestId: {invocation.request_id}"
        assert duration.startswith("Duration: ")
        assert [line.rpartition("] ")[2] for line in lines] == [
            "to stdout, ünïcode",
            "to stderr",
            "by logging",
            "by the context's logger",
            "past python",
            "by a child",
            "no newline at the end",
        ]
        assert f"Z {invocation.request_id} [INFO] by logging" in lines[2]
        assert f"Z {invocation.request_id} [WARNING] " in lines[3]


async def test_a_call_has_its_own_lines_only() -> None:
    async with an_account() as account:
        account.deploy("def handler(event, context):\n    print('got', event.decode())\n")
        assert "got 1\n" in (await account.invoke(1)).log
        second = (await account.invoke(2)).log
        assert "got 2\n" in second
        assert "got 1\n" not in second


async def test_the_answer_carries_the_last_4_kilobytes() -> None:
    async with an_account() as account:
        account.deploy("def handler(event, context):\n    print('é' * 100_000)\n    print('end')\n")
        log = (await account.invoke()).log
        assert 4090 <= len(log.encode()) <= 4096
        assert "é\nend\n" in log


async def test_lines_reach_the_services_logstore() -> None:
    async with an_account() as account:
        source = "def handler(event, context):\n    print('one')\n    print('two')\n"
        account.deploy(source, service=with_logs(account, MAY_LOG))
        invocation = await account.invoke()
        lines = account.sls.query("logs", "functions")
        assert [line.contents["message"] for line in lines] == invocation.log.splitlines()
        for line in lines:
            assert line.contents["functionName"] == "f"
            assert line.contents["serviceName"] == "s"
            assert line.contents["requestId"] == invocation.request_id
            assert line.time <= account.core.clock.now()
        assert account.fc.warnings() == []


async def test_without_permission_to_log_lines_are_lost_with_a_warning() -> None:
    async with an_account() as account:
        account.deploy(TALKING, service=with_logs(account))
        for _ in range(3):
            assert (await account.invoke()).error_type == ""
        assert account.sls.query("logs", "functions") == []
        (warning,) = account.fc.warnings()
        assert "s/f" in warning
        assert "log:PostLogStoreLogs" in warning
        assert "project/logs/logstore/functions" in warning


async def test_without_a_role_log_lines_are_lost_too() -> None:
    async with an_account() as account:
        with_logs(account)
        account.deploy(TALKING, service=ServiceConfig(log_config=LOG))
        await account.invoke()
        (warning,) = account.fc.warnings()
        assert "no role" in warning


async def test_a_logstore_that_is_gone_is_warned_about() -> None:
    async with an_account() as account:
        account.deploy(TALKING, service=with_logs(account, MAY_LOG))
        account.sls.delete_project("logs")
        assert (await account.invoke()).error_type == ""
        (warning,) = account.fc.warnings()
        assert "project logs does not exist" in warning


async def test_a_service_cannot_log_to_a_missing_logstore() -> None:
    async with an_account() as account:
        with pytest.raises(CloudError, match="InvalidArgument: project logs does not exist"):
            account.fc.services.create("s", ServiceConfig(log_config=LOG))


async def test_a_function_that_writes_without_end_does_not_fill_the_machine() -> None:
    source = """
def handler(event, context):
    for _ in range(20):
        print("x" * 1_000_000)
    return {}
"""
    async with an_account() as account:
        account.deploy(source, service=with_logs(account, MAY_LOG))
        assert (await account.invoke()).payload == b"{}"
        written = sum(len(x.contents["message"]) for x in account.sls.query("logs", "functions"))
        assert 8_000_000 < written < 9_000_000
