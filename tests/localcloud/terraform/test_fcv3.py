"""Functions of Function Compute 3.0 through real Terraform."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from localcloud.fc.code import code_checksum
from localcloud.fc.model import LogConfig
from localcloud.oss.store import GeneratedObject
from tests.localcloud.terraform.conftest import ACCOUNT, AccountServices, RunningCloud
from tests.localcloud.terraform.documents import bundle, trust
from tests.localcloud.terraform.terraform import REPLACED, Terraform

MakeTerraform = Callable[..., Terraform]
ADDRESS = "alicloud_fcv3_function.f"
ZIP = {
    "zip_file": base64.b64encode(bundle()).decode(),
    "checksum": code_checksum(bundle()),
}


@pytest.fixture
def role(account: AccountServices) -> str:
    """ARN of a role that trusts Function Compute."""
    return account.ram.create_role("fcv3-role", trust("fc.aliyuncs.com"), "", 0).arn


@pytest.fixture
def logs(account: AccountServices) -> dict[str, str]:
    """A ``log_config`` block whose logstore is there."""
    account.sls.create_project("fcv3-logs")
    account.sls.create_logstore("fcv3-logs", "store", ttl=7)
    return {"project": "fcv3-logs", "logstore": "store"}


@pytest.fixture
def stored(cloud: RunningCloud) -> str:
    """A bucket for code."""
    cloud.oss.create_bucket("fcv3-code", ACCOUNT)
    return "fcv3-code"


def function(**more: object) -> dict[str, object]:
    return {
        "function_name": "f",
        "handler": "index.handler",
        "runtime": "python3.12",
        "memory_size": 512,
        "cpu": 0.35,
        "environment_variables": {"A": "1"},
        "tags": {"team": "a"},
        "code": ZIP,
        **more,
    }


def test_a_function_is_created_changed_in_place_and_removed(
    terraform: MakeTerraform, account: AccountServices, role: str, logs: dict[str, str]
) -> None:
    tf = terraform()
    initializer = {"initializer": {"handler": "index.start", "timeout": 9}}
    first = function(role=role, log_config=logs, instance_lifecycle_config=initializer)
    tf.write(alicloud_fcv3_function={"f": first})
    tf.applied()
    config = account.fc.functions["f"].config
    assert (config.role, config.cpu, config.runtime) == (role, 0.35, "python3.12")
    assert config.log_config == LogConfig("fcv3-logs", "store")
    assert (config.initializer, config.initialization_timeout) == ("index.start", 9)
    state = tf.state(ADDRESS)
    assert state["function_arn"] == f"acs:fc:cn-hangzhou:{ACCOUNT}:functions/f"
    assert state["log_config"][0]["log_begin_rule"] == "None"
    assert tf.unchanged()

    made = account.fc.functions["f"].function_id
    assert account.fc.functions["f"].tags == {"team": "a"}
    second = {**first, "memory_size": 1024, "cpu": 0.7, "description": "new", "tags": {"team": "b"}}
    tf.write(alicloud_fcv3_function={"f": second})
    assert tf.plan() == {ADDRESS: ["update"]}
    tf.applied()
    assert account.fc.functions["f"].config.memory_size == 1024
    assert account.fc.functions["f"].function_id == made
    assert tf.unchanged()

    tf.write(alicloud_fcv3_function={"f": {**second, "function_name": "g"}})
    assert tf.plan() == {ADDRESS: REPLACED}
    tf.destroyed()
    assert "f" not in account.fc.functions


def test_changed_code_is_detected_by_its_checksum_or_its_key_alone(
    terraform: MakeTerraform, cloud: RunningCloud, account: AccountServices, stored: str
) -> None:
    tf = terraform()
    old, new = bundle(), bundle("def handler(event, context):\n    return b'2'\n")

    def code(key: str, content: bytes) -> dict[str, str]:
        cloud.oss.put_object(stored, key, content)
        place = {"oss_bucket_name": stored, "oss_object_name": key}
        return {**place, "checksum": code_checksum(content)}

    tf.write(alicloud_fcv3_function={"f": function(code=code("1.zip", old))})
    tf.applied()
    assert account.fc.functions["f"].code_checksum == code_checksum(old)
    assert tf.unchanged()
    for key in ("1.zip", "2.zip"):
        tf.write(alicloud_fcv3_function={"f": function(code=code(key, new))})
        assert tf.plan() == {ADDRESS: ["update"]}
        tf.applied()
        assert account.fc.functions["f"].code_checksum == code_checksum(new)
        assert tf.unchanged()


def test_code_that_was_changed_outside_terraform_is_not_detected(
    terraform: MakeTerraform, account: AccountServices
) -> None:
    tf = terraform()
    tf.write(alicloud_fcv3_function={"f": function()})
    tf.applied()
    beside = account.fc.functions["f"]
    account.fc.functions.update("f", beside.config, bundle("x = 1\n"))
    assert "code" not in str(tf.plan())
    assert tf.unchanged()
    account.fc.functions.delete("f")
    assert tf.plan() == {ADDRESS: ["create"]}


def test_an_existing_function_is_imported_by_its_name(
    terraform: MakeTerraform, account: AccountServices
) -> None:
    tf = terraform()
    tf.write(alicloud_fcv3_function={"f": function(tags=None)})
    tf.applied()
    assert tf.run("state", "rm", ADDRESS).code == 0
    assert tf.run("import", "-input=false", ADDRESS, "f").code == 0
    assert tf.state(ADDRESS)["memory_size"] == 512
    assert tf.plan() == {ADDRESS: ["update"]}  # the service returns no code


def test_what_function_compute_does_not_accept_is_named(
    terraform: MakeTerraform, cloud: RunningCloud, account: AccountServices, stored: str
) -> None:
    cloud.oss.seed(stored, [GeneratedObject("1.zip", 2**40, "Standard")])
    tf = terraform()
    wrong: dict[str, dict[str, object]] = {
        "nobody": {"role": f"acs:ram::{ACCOUNT}:role/nobody"},
        "no_logs": {"log_config": {"project": "no-logs", "logstore": "none"}},
        "little_cpu": {"memory_size": 4096},
        "odd_memory": {"memory_size": 500},
        "no_code": {"code": {"oss_bucket_name": "only"}},
        "no_base64": {"code": {"zip_file": "code.zip"}},
        "no_ascii": {"code": {"zip_file": "é"}},
        "other_code": {"code": {**ZIP, "checksum": "1"}},
        "huge": {"code": {"oss_bucket_name": stored, "oss_object_name": "1.zip"}},
        "no_object": {"code": {"oss_bucket_name": stored, "oss_object_name": "none"}},
        "layered": {"layers": ["one"]},
    }
    tf.write(
        alicloud_fcv3_function={
            name: function(function_name=name, **fields) for name, fields in wrong.items()
        }
    )
    message = tf.apply().refused()
    assert "There is no role" in message
    assert "project no-logs does not exist" in message
    assert "each vCPU must have 1 to 4 GB" in message
    assert "EntityTooLarge: fcv3-code/1.zip is over" in message
    assert "memorySize is 500; it must be a multiple of 64" in message
    assert "Set zip_file, or both oss_bucket_name and oss_object_name" in message
    assert message.count("zip_file must be base64") == 2
    assert f"The code's checksum is {code_checksum(bundle())}, not 1" in message
    assert "NoSuchKey" in message
    assert "only runs functions from zips" in message
    assert not account.fc.functions
