"""Functions of FC 3.0: their configuration, their context, their permissions."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from localcloud.errors import AccessDeniedError, CloudError
from localcloud.faults import FaultRule
from localcloud.fc import LogConfig
from localcloud.fc.model import Fc3Config, check_fc3_function, with_cpu
from tests.localcloud.fc.support import ECHO, an_account, policy, zipped

CONFIG = Fc3Config(handler="index.handler", runtime="python3.10", cpu=0.1)


@pytest.mark.parametrize("runtime", ["python3", "python3.9", "python3.10", "python3.12"])
def test_runtimes_of_fc_3_are_accepted(runtime: str) -> None:
    check_fc3_function(replace(CONFIG, runtime=runtime))


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"runtime": "python3.13"}, "python3.13"),
        ({"memory_size": 100}, "memorySize"),
        ({"memory_size": 130}, "memorySize is 130; it must be a multiple of 64"),
        ({"disk_size": 1024}, "diskSize"),
        ({"cpu": 0.12}, "multiple of 0.05"),
        ({"memory_size": 32_768, "cpu": 16.05}, "0.05 to 16"),
        ({"memory_size": 1024, "cpu": 0.2}, "each vCPU must have 1 to 4 GB"),
        ({"memory_size": 1024, "cpu": 1.05}, "each vCPU must have 1 to 4 GB"),
        ({"timeout": 0}, "timeout"),
        ({"environment": {"FC_REGION": "x"}}, "FC_REGION"),
    ],
)
def test_a_configuration_that_fc_refuses_is_refused_by_field(
    wrong: dict[str, object], named: str
) -> None:
    with pytest.raises(CloudError, match="InvalidArgument") as refusal:
        check_fc3_function(replace(CONFIG, **wrong))  # type: ignore[arg-type]  # one field at a time
    assert named in refusal.value.message


@pytest.mark.parametrize(("memory", "cpu"), [(128, 0.05), (512, 0.15), (1024, 0.25), (32_768, 8)])
def test_omitted_vcpu_is_the_least_that_the_memory_permits(memory: int, cpu: float) -> None:
    config = with_cpu(replace(CONFIG, memory_size=memory, cpu=0))
    assert config.cpu == cpu
    check_fc3_function(config)


@pytest.mark.parametrize("name", ["", "1st", "a.b", "a/b", "x" * 65])
async def test_a_name_that_fc_refuses_is_refused(name: str) -> None:
    async with an_account() as account:
        with pytest.raises(CloudError, match="InvalidArgument"):
            account.fc.functions.create(name, CONFIG, zipped(ECHO))
        assert not account.fc.functions


async def test_a_name_can_be_used_once() -> None:
    async with an_account() as account:
        account.deploy_fc3(ECHO)
        with pytest.raises(CloudError, match="FunctionAlreadyExists"):
            account.deploy_fc3(ECHO)


async def test_it_may_have_the_name_of_a_function_of_fc_2() -> None:
    async with an_account() as account:
        account.deploy("def handler(event, context):\n    return 2\n")
        account.deploy_fc3("def handler(event, context):\n    return 3\n")
        assert (await account.invoke()).payload == b"2"
        assert (await account.invoke_fc3()).payload == b"3"
        assert sorted(name for name, _ in account.fc.instances()) == ["f", "s/f"]


async def test_an_update_without_code_keeps_the_code() -> None:
    async with an_account() as account:
        account.deploy_fc3(ECHO)
        before = account.fc.functions.find("f")
        checksum = before.code_checksum
        account.fc.functions.update("f", replace(before.config, description="new"))
        assert account.fc.functions.find("f").code_checksum == checksum
        assert account.fc.functions.find("f").config.description == "new"


async def test_new_code_runs_from_the_next_call_on_and_the_old_is_forgotten() -> None:
    async with an_account() as account:
        account.deploy_fc3("def handler(event, context):\n    return 1\n")
        assert (await account.invoke_fc3()).payload == b"1"
        function = account.fc.functions.find("f")
        old = function.code_checksum
        code = zipped("def handler(event, context):\n    return 2\n")
        account.fc.functions.update("f", function.config, code)
        assert (await account.invoke_fc3()).payload == b"2"
        with pytest.raises(CloudError, match="FunctionNotFound"):
            account.fc.code(old)


async def test_code_that_a_function_of_the_other_generation_uses_is_kept() -> None:
    async with an_account() as account:
        account.deploy(ECHO)
        account.deploy_fc3(ECHO)
        account.fc.functions.delete("f")
        assert not account.fc.functions
        assert (await account.invoke(1)).payload == b'{"event": "1"}'
        account.fc.services.delete_function("s", "f")
        with pytest.raises(CloudError, match="FunctionNotFound"):
            await account.invoke_fc3()


SEEN = """
import os

def handler(event, context):
    return {
        "function": vars(context.function),
        "others": sorted(name for name in vars(context) if name != "function"),
        "service": vars(context.service) if hasattr(context, "service") else None,
        "log": [getattr(context, "log_project", None), getattr(context, "log_store", None)],
        "variables": sorted(name for name in os.environ if name.startswith("FC_")),
        "key": os.environ.get("ALIBABA_CLOUD_ACCESS_KEY_ID"),
    }
"""
FUNCTION = {"name": "f", "handler": "index.handler", "memory": 128, "timeout": 30}


async def test_on_python_3_10_the_context_is_that_of_fc_2_without_a_service() -> None:
    async with an_account() as account:
        account.deploy_fc3(SEEN, role=account.service_role())
        seen = json.loads((await account.invoke_fc3()).payload)
        assert seen["function"] == FUNCTION
        assert seen["others"] == ["account_id", "credentials", "region", "request_id", "service"]
        assert seen["service"]["name"] == ""
        assert "FC_VER_ID" in seen["variables"]


async def test_on_python_3_12_credentials_are_variables_and_there_is_no_service() -> None:
    async with an_account() as account:
        account.sls.create_project("logs")
        account.sls.create_logstore("logs", "functions", ttl=30)
        log = LogConfig(project="logs", logstore="functions")
        role = account.service_role()
        account.deploy_fc3(SEEN, runtime="python3.12", role=role, log_config=log)
        seen = json.loads((await account.invoke_fc3()).payload)
        assert seen["function"] == {**FUNCTION, "qualifier": "LATEST", "version_id": ""}
        assert seen["others"] == ["account_id", "log_project", "log_store", "region", "request_id"]
        assert seen["log"] == ["logs", "functions"]
        assert seen["key"].startswith("STS.")
        assert "FC_FUNCTION_VERSION" in seen["variables"]
        assert "FC_VER_ID" not in seen["variables"]


async def test_log_lines_need_no_permission_of_the_functions_role() -> None:
    async with an_account() as account:
        account.sls.create_project("logs")
        account.sls.create_logstore("logs", "functions", ttl=30)
        source = "def handler(event, context):\n    print('seen')\n"
        log = LogConfig(project="logs", logstore="functions")
        account.deploy_fc3(source, log_config=log)
        await account.invoke_fc3()
        lines = account.sls.logstore("logs", "functions").lines
        assert "seen" in [line.contents["message"] for line in lines]
        assert {line.contents["functionName"] for line in lines} == {"f"}
        assert {line.contents["serviceName"] for line in lines} == {""}
        assert account.fc.warnings() == []


async def test_a_missing_logstore_is_refused() -> None:
    async with an_account() as account:
        with pytest.raises(CloudError, match="InvalidArgument: project logs does not exist"):
            account.deploy_fc3(ECHO, log_config=LogConfig("logs", "functions"))


ARN = "acs:fc:cn-hangzhou:1234567890123456:functions/f"


@pytest.mark.parametrize("qualifier", ["", "LATEST"])
async def test_a_caller_needs_permission_on_the_function(qualifier: str) -> None:
    async with an_account() as account:
        account.deploy_fc3(ECHO)
        allowed = account.user("allowed", policy("fc:InvokeFunction", ARN)).principal
        other = account.user(
            "other", policy("fc:InvokeFunction", ARN.replace("functions/f", "services/*"))
        ).principal
        await account.fc.invoke(allowed, "", qualifier, "f", b"{}")
        with pytest.raises(AccessDeniedError) as refusal:
            await account.fc.invoke(other, "", qualifier, "f", b"{}")
        assert refusal.value.resource == ARN


@pytest.mark.parametrize(
    ("qualifier", "function", "code"),
    [("", "none", "FunctionNotFound"), ("1", "f", "VersionNotFound"), ("a", "f", "AliasNotFound")],
)
async def test_a_missing_resource_is_named(qualifier: str, function: str, code: str) -> None:
    async with an_account() as account:
        account.deploy_fc3(ECHO)
        with pytest.raises(CloudError) as refusal:
            await account.fc.invoke(account.root, "", qualifier, function, b"{}")
        assert (refusal.value.code, refusal.value.status) == (code, 404)


async def test_a_fault_rule_matches_the_functions_own_name() -> None:
    async with an_account() as account:
        account.deploy_fc3(ECHO)
        account.core.faults.add(FaultRule(service="fc", target="f", code="Broken"))
        with pytest.raises(CloudError, match="Broken"):
            await account.invoke_fc3()


async def test_everything_survives_a_snapshot() -> None:
    async with an_account() as account, an_account() as another:
        account.deploy(ECHO)
        account.deploy_fc3(ECHO, description="echoes", environment={"A": "b"})
        another.fc.restore(json.loads(json.dumps(account.fc.snapshot())), account.fc.code)
        assert dict(another.fc.functions) == dict(account.fc.functions)
        another.fc.services.delete_function("s", "f")
        assert (await another.invoke_fc3(1)).payload == b'{"event": "1"}'
