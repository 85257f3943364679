"""Services and functions: their configuration, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.errors import CloudError
from localcloud.fc import FunctionCompute, FunctionSettings, ServiceConfig
from localcloud.fc.code import code_checksum
from localcloud.fc.model import check_function
from tests.localcloud.fc.support import ECHO, an_account, zipped

CONFIG = FunctionSettings(handler="index.handler", runtime="python3.10")


def test_the_checksum_is_crc_64_xz_in_decimal() -> None:
    assert code_checksum(b"123456789") == "11051210869376104954"


@pytest.mark.parametrize("runtime", ["python3", "python3.9", "python3.10"])
@pytest.mark.parametrize("handler", ["index.handler", "src/index.handler", "a.b_1"])
def test_runtimes_and_handlers_of_fc_2_are_accepted(runtime: str, handler: str) -> None:
    check_function(replace(CONFIG, runtime=runtime, handler=handler, initializer=handler))


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"runtime": "python3.12"}, "python3.12"),
        ({"runtime": "nodejs18"}, "runtime"),
        ({"handler": "handler"}, "handler"),
        ({"handler": ""}, "handler"),
        ({"initializer": "init"}, "initializer"),
        ({"memory_size": 127}, "memorySize"),
        ({"memory_size": 32_769}, "memorySize"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": 86_401}, "timeout"),
        ({"initialization_timeout": 301}, "initializationTimeout"),
        ({"instance_concurrency": 0}, "instanceConcurrency"),
        ({"environment": {"FC_REGION": "x"}}, "FC_REGION"),
        ({"environment": {"accessKeyID": "x"}}, "accessKeyID"),
        ({"environment": {"securityToken": "x"}}, "securityToken"),
        ({"environment": {"1ST": "x"}}, "1ST"),
        ({"environment": {"A-B": "x"}}, "A-B"),
        ({"environment": {"": "x"}}, "environment variable"),
    ],
)
def test_a_configuration_that_fc_refuses_is_refused_by_field(
    wrong: dict[str, object], named: str
) -> None:
    with pytest.raises(CloudError) as refusal:
        check_function(replace(CONFIG, **wrong))  # type: ignore[arg-type]  # one field at a time
    assert (refusal.value.code, refusal.value.status) == ("InvalidArgument", 400)
    assert named in refusal.value.message


@given(value=st.text(st.characters(codec="utf-8"), max_size=4_200))
def test_variables_have_at_most_4_kilobytes_together(value: str) -> None:
    config = replace(CONFIG, environment={"A": value, "BC": "é"})
    size = 1 + len(value.encode()) + 2 + 2
    if size <= 4_096:
        check_function(config)
    else:
        with pytest.raises(CloudError, match=f"{size} bytes"):
            check_function(config)


@pytest.mark.parametrize("name", ["", "1st", "a.b", "a/b", "ä", "x" * 129])
async def test_a_name_that_fc_refuses_is_refused(name: str) -> None:
    async with an_account() as account:
        with pytest.raises(CloudError, match="InvalidArgument"):
            account.fc.services.create(name, ServiceConfig())
        account.fc.services.create("s", ServiceConfig())
        with pytest.raises(CloudError, match="InvalidArgument"):
            account.fc.services.create_function("s", name, CONFIG, zipped(ECHO))


async def test_code_that_is_not_a_zip_is_refused() -> None:
    async with an_account() as account:
        account.fc.services.create("s", ServiceConfig())
        with pytest.raises(CloudError, match="not a zip"):
            account.fc.services.create_function("s", "f", CONFIG, b"print()")
        assert account.fc.services.find("s").functions == {}


async def test_an_update_without_code_keeps_the_code() -> None:
    async with an_account() as account:
        account.deploy(ECHO)
        before = account.fc.services.function("s", "f").code_checksum
        account.fc.services.update_function("s", "f", replace(CONFIG, memory_size=256))
        after = account.fc.services.function("s", "f")
        assert (after.code_checksum, after.config.memory_size) == (before, 256)
        assert (await account.invoke()).error_type == ""


async def test_code_that_no_function_uses_is_deleted() -> None:
    async with an_account() as account:
        account.deploy(ECHO)
        account.deploy(ECHO, name="g")
        checksum = account.fc.services.function("s", "f").code_checksum
        account.fc.services.delete_function("s", "f")
        assert account.fc.code(checksum) == zipped(ECHO)
        account.fc.services.delete_function("s", "g")
        with pytest.raises(CloudError, match="FunctionNotFound"):
            account.fc.code(checksum)


def fill(fc: FunctionCompute) -> None:
    for number in range(51):
        fc.services.create_function("s", f"f{number}", CONFIG, zipped(ECHO))


@pytest.mark.parametrize(
    ("call", "code", "status"),
    [
        (lambda fc: fc.services.find("none"), "ServiceNotFound", 404),
        (lambda fc: fc.services.function("none", "f"), "ServiceNotFound", 404),
        (lambda fc: fc.services.function("s", "none"), "FunctionNotFound", 404),
        (lambda fc: fc.services.delete_function("s", "none"), "FunctionNotFound", 404),
        (lambda fc: fc.services.create("s", ServiceConfig()), "ServiceAlreadyExists", 409),
        (
            lambda fc: fc.services.create_function("s", "f", CONFIG, zipped(ECHO)),
            "FunctionAlreadyExists",
            409,
        ),
        (lambda fc: fc.services.delete("s"), "ServiceNotEmpty", 409),
        (fill, "LimitExceeded", 400),
    ],
)
async def test_an_impossible_request_is_refused_by_name(
    call: Callable[[FunctionCompute], object], code: str, status: int
) -> None:
    async with an_account() as account:
        account.deploy(ECHO)
        with pytest.raises(CloudError) as refusal:
            call(account.fc)
        assert (refusal.value.code, refusal.value.status) == (code, status)


async def test_everything_survives_a_snapshot() -> None:
    async with an_account() as account, an_account() as another:
        account.deploy(ECHO, description="echoes", environment={"A": "b"})
        account.fc.services.create("empty", ServiceConfig(description="of nothing"))
        another.fc.restore(json.loads(json.dumps(account.fc.snapshot())), account.fc.code)
        assert another.fc.services == account.fc.services
        assert (await another.invoke(1)).payload == (await account.invoke(1)).payload
