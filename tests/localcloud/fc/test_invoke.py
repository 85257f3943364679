"""What a function sees and what its caller gets."""

from __future__ import annotations

import json

import pytest

from localcloud.errors import AccessDeniedError, CloudError
from localcloud.fc import FunctionSettings, ServiceConfig
from localcloud.meters import FC_GB_SECONDS, FC_INVOCATIONS, FC_VCPU_SECONDS
from localcloud.settings import Settings
from tests.localcloud.fc.support import ECHO, an_account, policy, zipped


async def test_an_event_arrives_as_bytes_and_a_result_leaves_as_json() -> None:
    async with an_account() as account:
        account.deploy(ECHO)
        invocation = await account.invoke({"a": "é"})
        assert json.loads(json.loads(invocation.payload)["event"]) == {"a": "é"}
        assert invocation.error_type == ""
        assert invocation.request_id


@pytest.mark.parametrize(
    ("result", "payload"),
    [
        ("{'a': [1, None]}", b'{"a": [1, null]}'),
        ("'{\"a\": 1}'", b'{"a": 1}'),
        ("b'raw'", b"raw"),
        ("None", b"null"),
    ],
)
async def test_a_result_is_json_able_or_text(result: str, payload: bytes) -> None:
    async with an_account() as account:
        account.deploy(f"def handler(event, context):\n    return {result}\n")
        assert (await account.invoke()).payload == payload


CONTEXT = """
import json, os

def handler(event, context):
    return {
        "request_id": context.request_id,
        "region": context.region,
        "account_id": context.account_id,
        "credentials": vars(context.credentials),
        "function": vars(context.function),
        "service": vars(context.service),
        "logger": hasattr(context, "logger"),
        "environment": dict(os.environ),
        "cwd": os.getcwd(),
        "files": sorted(os.listdir()),
    }
"""


async def test_the_context_is_the_documented_one() -> None:
    async with an_account() as account:
        role = account.service_role()
        account.deploy(CONTEXT, service=ServiceConfig(role=role), memory_size=512, timeout=7)
        invocation = await account.invoke()
        seen = json.loads(invocation.payload)
        assert seen["request_id"] == invocation.request_id
        assert seen["region"] == account.core.settings.region
        assert seen["account_id"] == account.ram.account_id
        assert seen["function"] == {
            "name": "f",
            "handler": "index.handler",
            "memory": 512,
            "timeout": 7,
        }
        assert seen["service"] == {
            "name": "s",
            "log_project": "",
            "log_store": "",
            "qualifier": "LATEST",
            "version_id": "",
        }
        assert seen["logger"] is False


async def test_a_function_runs_with_its_services_role() -> None:
    async with an_account() as account:
        account.deploy(CONTEXT, service=ServiceConfig(role=account.service_role()))
        seen = json.loads((await account.invoke()).payload)
        given = seen["credentials"]
        found = account.credentials.find(given["access_key_id"], given["security_token"])
        assert found.secret == given["access_key_secret"]
        assert found.principal.role == "functions"
        assert seen["environment"]["ALIBABA_CLOUD_ACCESS_KEY_ID"] == given["access_key_id"]
        assert seen["environment"]["ALIBABA_CLOUD_SECURITY_TOKEN"] == given["security_token"]


async def test_the_environment_holds_the_platforms_variables_and_the_functions_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OF_THE_MACHINE", "not for functions")
    async with an_account() as account:
        account.deploy(CONTEXT, environment={"REPORT_BUCKET": "b"})
        seen = json.loads((await account.invoke()).payload)
        assert seen["environment"].keys() == {
            "REPORT_BUCKET",
            "FC_FUNC_CODE_PATH",
            "FC_ACCOUNT_ID",
            "FC_FUNCTION_HANDLER",
            "FC_FUNCTION_MEMORY_SIZE",
            "FC_FUNCTION_NAME",
            "FC_REGION",
            "FC_INSTANCE_ID",
            "FC_VER_ID",
            "TMPDIR",
        }
        assert seen["environment"]["REPORT_BUCKET"] == "b"
        assert seen["cwd"] == seen["environment"]["FC_FUNC_CODE_PATH"]
        assert seen["files"] == ["index.py"]


async def test_the_code_imports_its_own_modules_and_not_the_local_clouds() -> None:
    source = """
import other

def handler(event, context):
    try:
        import localcloud
    except ModuleNotFoundError as error:
        return {"other": other.NAME, "missing": error.name}
"""
    async with an_account() as account:
        account.fc.services.create("s", ServiceConfig())
        config = FunctionSettings(handler="index.handler", runtime="python3.10")
        code = zipped(source, other="NAME = 'from the zip'")
        account.fc.services.create_function("s", "f", config, code)
        seen = json.loads((await account.invoke()).payload)
        assert seen == {"other": "from the zip", "missing": "localcloud"}


REACH = """
import http.client, socket

def handler(event, context):
    errors = []
    for host in ("192.0.2.1", "example.com", "127.0.0.1", "localhost"):
        try:
            socket.create_connection((host, 9), timeout=5)
        except OSError as error:
            errors.append(type(error).__name__ + " " + str(error).partition("] ")[2])
    return errors
"""


async def test_a_function_of_a_cloud_that_is_offline_reaches_this_machine_alone() -> None:
    async with an_account(settings=Settings(offline=True)) as account:
        account.deploy(REACH)
        errors = json.loads((await account.invoke()).payload)
        assert [error for error in errors if error.endswith("Connection refused")] == errors[2:]
        assert sorted(account.fc.warnings()) == [
            "function s/f tried to connect to 192.0.2.1, which was refused",
            "function s/f tried to connect to example.com, which was refused",
        ]


async def test_an_exception_is_answered_with_its_class_name() -> None:
    source = "class Foo(Exception): pass\n\ndef handler(event, context):\n    raise Foo('wrong')\n"
    async with an_account() as account:
        account.deploy(source)
        invocation = await account.invoke()
        assert invocation.error_type == "UnhandledInvocationError"
        body = json.loads(invocation.payload)
        assert (body["errorMessage"], body["errorType"]) == ("wrong", "Foo")
        ((file, line, where, code),) = body["stackTrace"]
        assert file.endswith('index.py"')
        assert (line, where, code) == ("line 4", "in handler", "raise Foo('wrong')")
        assert "Foo: wrong" in invocation.log


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("import not_in_the_bundle\n", "ModuleNotFoundError"),
        ("x = 1\n", "HandlerNotFound"),
        ("def handler(event, context):\n    return {1, 2}\n", "TypeError"),
        ("def handler(event, context):\n    return float('nan')\n", "ValueError"),
    ],
)
async def test_a_call_that_fails_in_the_runtime_has_the_reason(source: str, error: str) -> None:
    async with an_account() as account:
        account.deploy(source)
        for _ in range(2):
            invocation = await account.invoke()
            assert invocation.error_type == "UnhandledInvocationError"
            assert json.loads(invocation.payload)["errorType"] == error


async def test_an_initializer_runs_once_an_instance() -> None:
    source = """
import logging
calls = []

def initialize(context):
    calls.append(context.function.name)

def handler(event, context):
    return calls
"""
    async with an_account() as account:
        account.deploy(source, initializer="index.initialize")
        assert json.loads((await account.invoke()).payload) == ["f"]
        assert json.loads((await account.invoke()).payload) == ["f"]


async def test_a_failing_initializer_fails_the_call_and_the_next_one_tries_again() -> None:
    source = "def initialize(context): raise OSError('no')\ndef handler(event, context): return 1\n"
    async with an_account() as account:
        account.deploy(source, initializer="index.initialize")
        for _ in range(2):
            assert json.loads((await account.invoke()).payload)["errorType"] == "OSError"


async def test_calls_are_metered_by_memory_vcpu_and_time() -> None:
    async with an_account() as account:
        account.deploy("import time\ndef handler(e, c):\n    time.sleep(0.1)\n", memory_size=2048)
        await account.invoke()
        meters = account.core.meters.read()
        assert meters[FC_INVOCATIONS] == 1
        assert 0.2 <= meters[FC_GB_SECONDS] < 10
        assert meters[FC_VCPU_SECONDS] == pytest.approx(meters[FC_GB_SECONDS] / 2 * 1.35)
        milliseconds = meters[FC_GB_SECONDS] * 1000 / 2
        assert milliseconds == pytest.approx(round(milliseconds))


async def test_the_work_of_a_function_is_the_cpu_time_of_its_calls_and_not_their_duration() -> None:
    busy = """
import time

def handler(event, context):
    time.sleep(0.2)
    started = time.process_time()
    while time.process_time() - started < 0.02:
        pass
"""
    async with an_account() as account:
        account.deploy(busy)
        for _ in range(2):
            await account.invoke()
        (work,) = account.core.function_work.read().values()
        assert work.calls == 2
        assert work.seconds >= 0.4
        assert 0.04 <= work.cpu_seconds < 0.3


async def test_a_call_that_kills_its_process_is_metered_once() -> None:
    async with an_account() as account:
        account.deploy("import os\ndef handler(event, context):\n    os._exit(1)\n")
        await account.invoke()
        (work,) = account.core.function_work.read().values()
        assert (work.calls, work.cpu_seconds) == (1, 0)


async def test_a_payload_over_32_megabytes_is_refused() -> None:
    async with an_account() as account:
        account.deploy("def handler(event, context):\n    return len(event)\n")
        limit = 32 * 1024 * 1024
        invocation = await account.fc.invoke(account.root, "s", "", "f", bytes(limit))
        assert invocation.payload == str(limit).encode()
        with pytest.raises(CloudError, match="EntityTooLarge"):
            await account.fc.invoke(account.root, "s", "", "f", bytes(limit + 1))


async def test_a_result_over_32_megabytes_is_an_error() -> None:
    async with an_account() as account:
        account.deploy("def handler(event, context):\n    return bytes(32 * 1024 * 1024 + 1)\n")
        assert "larger than" in json.loads((await account.invoke()).payload)["errorMessage"]


async def test_a_service_role_that_does_not_trust_fc_is_named() -> None:
    async with an_account() as account:
        trust = json.dumps(
            {
                "Version": "1",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "sts:AssumeRole",
                        "Principal": {"Service": ["fnf.aliyuncs.com"]},
                    }
                ],
            }
        )
        role = account.ram.create_role("flows", trust, "", 0)
        account.deploy(ECHO, service=ServiceConfig(role=role.arn))
        with pytest.raises(AccessDeniedError) as refusal:
            await account.invoke()
        assert refusal.value.principal == "fc.aliyuncs.com"
        assert refusal.value.resource == role.arn


@pytest.mark.parametrize(
    ("granted", "qualifier", "allowed"),
    [
        ("services/s/functions/f", "", True),
        ("services/s/functions/f", "LATEST", False),
        ("services/s.*/functions/f", "LATEST", True),
        ("services/s.*/functions/f", "", False),
        ("services/s/functions/g", "", False),
    ],
)
async def test_invoking_needs_permission_on_the_form_that_is_called(
    granted: str, qualifier: str, allowed: bool
) -> None:
    async with an_account() as account:
        account.deploy(ECHO)
        grant = policy("fc:InvokeFunction", f"acs:fc:*:*:{granted}")
        caller = account.user("caller", grant).principal

        async def call() -> None:
            await account.fc.invoke(caller, "s", qualifier, "f", b"1")

        if allowed:
            await call()
        else:
            with pytest.raises(AccessDeniedError, match="fc:InvokeFunction"):
                await call()


@pytest.mark.parametrize(
    ("service", "qualifier", "function", "code"),
    [
        ("none", "", "f", "ServiceNotFound"),
        ("s", "", "none", "FunctionNotFound"),
        ("s", "1", "f", "VersionNotFound"),
        ("s", "prod", "f", "AliasNotFound"),
    ],
)
async def test_a_missing_resource_is_named(
    service: str, qualifier: str, function: str, code: str
) -> None:
    async with an_account() as account:
        account.deploy(ECHO)
        with pytest.raises(CloudError) as refusal:
            await account.fc.invoke(account.root, service, qualifier, function, b"")
        assert (refusal.value.code, refusal.value.status) == (code, 404)


async def test_only_what_was_deployed_can_be_imported() -> None:
    """A package that is not in the zip is missing, even if this machine has it."""
    async with an_account() as account:
        account.deploy("import pydantic\ndef handler(event, context):\n    return {}\n")
        invocation = await account.invoke()
        assert json.loads(invocation.payload)["errorType"] == "ModuleNotFoundError"
