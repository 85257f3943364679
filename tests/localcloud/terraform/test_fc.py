"""Function Compute resources through real Terraform."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from localcloud.fc.code import code_checksum
from localcloud.fc.model import LogConfig
from localcloud.ram.credentials import root_principal
from tests.localcloud.terraform.conftest import ACCOUNT, AccountServices, RunningCloud
from tests.localcloud.terraform.documents import bundle, trust
from tests.localcloud.terraform.terraform import REPLACED, Terraform

MakeTerraform = Callable[..., Terraform]


@pytest.fixture
def role(account: AccountServices) -> str:
    """ARN of a role that trusts Function Compute."""
    return account.ram.create_role("fc-role", trust("fc.aliyuncs.com"), "", 0).arn


@pytest.fixture
def logs(account: AccountServices) -> dict[str, str]:
    """A ``log_config`` block whose logstore is there."""
    account.sls.create_project("fc-logs")
    account.sls.create_logstore("fc-logs", "store", ttl=7)
    return {"project": "fc-logs", "logstore": "store"}


def function(code: Path | str, **more: object) -> dict[str, object]:
    return {
        "service": "${alicloud_fc_service.service.name}",
        "name": "echo",
        "handler": "index.handler",
        "runtime": "python3.10",
        "filename": str(code),
        "environment_variables": {"A": "1"},
        **more,
    }


def test_a_service_and_its_function_are_created_changed_and_removed(
    terraform: MakeTerraform,
    cloud: RunningCloud,
    account: AccountServices,
    role: str,
    logs: dict[str, str],
) -> None:
    tf = terraform()
    (tf.directory / "code.zip").write_bytes(bundle())
    service: dict[str, object] = {"name": "life", "role": role, "log_config": logs}
    code = function("code.zip", code_checksum=code_checksum(bundle()))
    tf.write(alicloud_fc_service={"service": service}, alicloud_fc_function={"function": code})
    tf.applied()
    assert account.fc.services.find("life").config.role == role
    assert account.fc.services.find("life").config.log_config == LogConfig("fc-logs", "store")
    state = tf.state("alicloud_fc_function.function")
    assert state["id"] == "life:echo"
    assert state["function_arn"] == (
        f"acs:fc:cn-hangzhou:{ACCOUNT}:services/life.LATEST/functions/echo"
    )
    assert state["code_checksum"] == code_checksum(bundle())
    assert tf.unchanged()

    answer = account.fc.invoke(root_principal(ACCOUNT), "life", "", "echo", b'"hello"')
    assert cloud.run(answer).payload == b'"hello"'

    service["description"] = "changed"
    code |= {"memory_size": 512, "environment_variables": {"A": "2"}}
    tf.write(alicloud_fc_service={"service": service}, alicloud_fc_function={"function": code})
    assert tf.plan() == {
        "alicloud_fc_service.service": ["update"],
        "alicloud_fc_function.function": ["update"],
    }
    tf.applied()
    assert account.fc.services.find("life").config.description == "changed"
    assert account.fc.services.function("life", "echo").config.memory_size == 512
    assert account.fc.services.function("life", "echo").config.environment == {"A": "2"}
    assert tf.unchanged()

    tf.destroyed()
    assert "life" not in account.fc.services


def test_changed_code_updates_the_function_in_place(
    terraform: MakeTerraform, account: AccountServices, role: str
) -> None:
    tf = terraform()
    service = {"service": {"name": "code", "role": role}}
    for source in ("def handler(e, c): return b'1'\n", "def handler(e, c): return b'2'\n"):
        (tf.directory / "code.zip").write_bytes(bundle(source))
        checksum = code_checksum(bundle(source))
        code = function("code.zip", code_checksum=checksum)
        tf.write(alicloud_fc_service=service, alicloud_fc_function={"function": code})
        tf.applied()
        assert account.fc.services.function("code", "echo").code_checksum == checksum
        assert tf.unchanged()
    first = account.fc.services.function("code", "echo").function_id
    tf.write(
        alicloud_fc_service=service,
        alicloud_fc_function={"function": {**code, "name": "other"}},
    )
    assert tf.plan() == {"alicloud_fc_function.function": REPLACED}
    assert account.fc.services.function("code", "echo").function_id == first


def test_a_checksum_that_does_not_match_the_code_shows_in_every_plan(
    terraform: MakeTerraform, account: AccountServices
) -> None:
    tf = terraform()
    (tf.directory / "code.zip").write_bytes(bundle())
    tf.write(
        alicloud_fc_service={"service": {"name": "wrong"}},
        alicloud_fc_function={"function": function("code.zip", code_checksum="1")},
    )
    tf.applied()
    assert tf.state("alicloud_fc_function.function")["code_checksum"] == code_checksum(bundle())
    assert not tf.unchanged()
    tf.destroyed()
    assert "wrong" not in account.fc.services


def test_drift_of_a_service_and_a_function_is_detected(
    terraform: MakeTerraform, account: AccountServices
) -> None:
    tf = terraform()
    path = tf.directory / "code.zip"
    path.write_bytes(bundle())
    tf.write(
        alicloud_fc_service={"service": {"name": "drift"}},
        alicloud_fc_function={"function": function(path)},
    )
    tf.applied()
    account.fc.services.delete_function("drift", "echo")
    assert tf.plan() == {"alicloud_fc_function.function": ["create"]}
    account.fc.services.delete("drift")
    assert tf.plan() == {
        "alicloud_fc_service.service": ["create"],
        "alicloud_fc_function.function": ["create"],
    }


def test_code_can_come_from_a_bucket(
    terraform: MakeTerraform, cloud: RunningCloud, account: AccountServices
) -> None:
    cloud.oss.create_bucket("fc-code", ACCOUNT)
    cloud.oss.put_object("fc-code", "code.zip", bundle())
    tf = terraform()
    place = {"filename": None, "oss_bucket": "fc-code", "oss_key": "code.zip"}
    tf.write(
        alicloud_fc_service={"service": {"name": "from-oss"}},
        alicloud_fc_function={"function": function("", **place)},
    )
    tf.applied()
    assert account.fc.services.function("from-oss", "echo").code_checksum == code_checksum(bundle())


def test_what_function_compute_does_not_accept_is_named(
    terraform: MakeTerraform, account: AccountServices
) -> None:
    untrusting = account.ram.create_role("flows-only", trust("fnf.aliyuncs.com"), "", 0)
    tf = terraform()
    (tf.directory / "text.zip").write_text("no zip")
    tf.write(
        alicloud_fc_service={
            "service": {"name": "good"},
            "nobody": {"name": "a", "role": f"acs:ram::{ACCOUNT}:role/nobody"},
            "untrusting": {"name": "b", "role": untrusting.arn},
            "no_logs": {"name": "c", "log_config": {"project": "no-logs", "logstore": "none"}},
            "published": {"name": "d", "publish": True},
        },
        alicloud_fc_function={
            "no_file": function("missing.zip"),
            "no_zip": function("text.zip", name="no-zip"),
            "no_code": {**function(""), "filename": None, "oss_bucket": "only"},
            "layered": function("text.zip", name="layered", layers=["one"]),
        },
    )
    message = tf.apply().refused()
    assert "There is no role" in message
    assert "fc.aliyuncs.com is not allowed to sts:AssumeRole" in message
    assert "project no-logs does not exist" in message
    assert "no service versions" in message
    assert f"Cannot read {tf.directory}/missing.zip: No such file or directory" in message
    assert "not a zip file" in message
    assert "Set filename, or both oss_bucket and oss_key" in message
    assert "only runs functions from zips" in message
    assert sorted(account.fc.services) == ["good"]


def test_a_service_with_functions_unknown_to_terraform_is_not_removed(
    terraform: MakeTerraform, cloud: RunningCloud, account: AccountServices
) -> None:
    tf = terraform()
    path = tf.directory / "code.zip"
    path.write_bytes(bundle())
    tf.write(
        alicloud_fc_service={"service": {"name_prefix": "kept-"}},
        alicloud_fc_function={"function": function(path)},
    )
    tf.applied()
    (name,) = account.fc.services
    assert name.startswith("kept-")
    assert tf.run("state", "rm", "alicloud_fc_function.function").code == 0
    assert "ServiceNotEmpty" in tf.destroy().refused()
    account.fc.services.delete_function(name, "echo")
    tf.destroyed()


def test_a_runtime_without_a_python_on_this_machine_is_a_warning(
    terraform: MakeTerraform,
) -> None:
    tf = terraform()
    (tf.directory / "code.zip").write_bytes(bundle())
    tf.write(
        alicloud_fc_service={"service": {"name": "old"}},
        alicloud_fc_function={"function": function("code.zip", runtime="python3")},
    )
    message = " ".join(tf.applied().text.replace("│", " ").split())
    assert "Warning: alicloud_fc_function differs from the cloud's" in message
    assert "functions of runtime python3 run on Python" in message
