"""Terraform's JSON of one environment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cdktf
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from infra.flows import render_flows
from infra.model import Environment
from infra.names import FLOWS, FUNCTIONS, OutputKey
from infra.resources import Alicloud, OssBucket, ProviderConfig, Resource
from tests.infra.environments import ACCOUNT, environment
from tests.infra.synthesis import BUNDLE, Json, resources, stack, synthesize, text

FULL = environment(
    name="prod",
    region="cn-beijing",
    buckets=[{"name": "one", "prefixes": ["2019/"]}, {"name": "two"}],
    backend={
        "oss": {
            "bucket": "states",
            "region": "cn-hangzhou",
            "tablestore_endpoint": "https://locks.cn-hangzhou.ots.aliyuncs.com",
            "tablestore_table": "terraform_lock",
        }
    },
    stack_name="thaw",
    suffix="blue",
    report={"bucket": "reports", "create": False, "prefix": "thaw/"},
    logs={"project": "my-logs", "retention_days": 7},
    limits={"max_groups_per_page": 50, "max_keys": 500, "group_size": 10},
    functions={"restore": {"memory": 1024, "timeout": 900}},
    provider={
        "account_type": "International",
        "assume_role": {"role_arn": f"acs:ram::{ACCOUNT}:role/deployer", "external_id": "x"},
        "endpoints": {"fnf": "127.0.0.1:8080"},
        "protocol": "HTTP",
    },
    tags={"team": "storage"},
)


def without_definitions(found: Json) -> Json:
    """The flows' text has snapshots of its own."""
    for name, flow in found["resource"]["alicloud_fnf_flow"].items():
        flow["definition"] = f"(text of {name})"
    return found


@pytest.mark.parametrize("env", [environment(), FULL], ids=["shortest", "full"])
def test_a_stack_is_synthesized_as_recorded(
    tmp_path: Path, env: Environment, snapshot: SnapshotAssertion
) -> None:
    found = without_definitions(stack(tmp_path, env))
    assert found == snapshot(extension_class=JSONSnapshotExtension)


def test_two_syntheses_are_the_same_to_the_byte_and_name_no_place(tmp_path: Path) -> None:
    env = environment()
    for name in ("one", "two"):
        synthesize(tmp_path / name, [env])
    assert text(tmp_path / "one", env) == text(tmp_path / "two", env)
    assert str(tmp_path) not in text(tmp_path / "one", env)
    assert str(Path(__file__).parent.parent.parent) not in text(tmp_path / "one", env)


def test_flows_are_deployed_as_rendered(tmp_path: Path) -> None:
    flows = stack(tmp_path, FULL)["resource"]["alicloud_fnf_flow"]
    assert {name: body["definition"] for name, body in flows.items()} == {
        flow.kind: flow.text for flow in render_flows(FULL)
    }


def test_no_body_is_empty(tmp_path: Path) -> None:
    bodies = {name: body for _, name, body in resources(stack(tmp_path, environment()))}
    assert {*FUNCTIONS, *FLOWS, "fc_service", "reports"} <= bodies.keys()
    assert all(body.keys() - {"depends_on", "//"} for body in bodies.values())


def test_an_outputs_id_is_its_key(tmp_path: Path) -> None:
    outputs = stack(tmp_path, FULL)["output"]
    assert outputs.keys() == {*OutputKey}
    assert outputs["main_flow"]["value"] == "thaw-mainRestoreFlow-blue"
    assert outputs["function_arns"]["value"].keys() == {*FUNCTIONS}
    assert outputs["flows_role_arn"]["value"] == "${alicloud_ram_role.flows_role.arn}"


def test_the_provider_always_knows_region_and_account(tmp_path: Path) -> None:
    (provider,) = stack(tmp_path, environment())["provider"]["alicloud"]
    assert provider == {
        "account_id": ACCOUNT,
        "account_type": "Domestic",
        "protocol": "HTTPS",
        "region": "cn-hangzhou",
    }


def test_the_provider_may_assume_a_role_and_never_has_keys(tmp_path: Path) -> None:
    (provider,) = stack(tmp_path, FULL)["provider"]["alicloud"]
    assert provider["assume_role"] == {
        "role_arn": f"acs:ram::{ACCOUNT}:role/deployer",
        "session_name": "oss-restore",
        "session_expiration": 3600,
        "external_id": "x",
    }
    assert provider["endpoints"] == {"fnf": "127.0.0.1:8080"}
    assert not [key for key in provider if "key" in key or "secret" in key or "token" in key]


def test_the_provider_is_pinned_exactly(tmp_path: Path) -> None:
    assert stack(tmp_path, environment())["terraform"]["required_providers"] == {
        "alicloud": {"source": "aliyun/alicloud", "version": "1.289.0"}
    }


def test_a_second_provider_has_an_alias_and_takes_only_what_names_it(tmp_path: Path) -> None:
    app = cdktf.App(outdir=str(tmp_path))
    scope = cdktf.TerraformStack(app, "two")
    config = ProviderConfig(
        region="cn-hangzhou",
        account_id=ACCOUNT,
        account_type="Domestic",
        protocol="HTTPS",
        assume_role=None,
        endpoints=None,
    )
    Alicloud(scope, "first", config)
    second = Alicloud(scope, "second", config, alias="other")
    Resource(scope, "here", OssBucket(bucket="here", tags={}))
    there = Resource(scope, "there", OssBucket(bucket="there", tags={}))
    there.provider = second
    app.synth()
    found = json.loads((tmp_path / "stacks" / "two" / "cdk.tf.json").read_text())
    assert [one.get("alias") for one in found["provider"]["alicloud"]] == [None, "other"]
    buckets = found["resource"]["alicloud_oss_bucket"]
    assert "provider" not in buckets["here"]
    assert buckets["there"]["provider"] == "alicloud.other"


def after(found: Json, name: str) -> set[str]:
    """Everything that stands before a resource, by name, as far as Terraform is told."""
    bodies = {one: body for _, one, body in resources(found)}
    waiting, before = [name], set[str]()
    while waiting:
        for address in bodies[waiting.pop()].get("depends_on", []):
            one = address.split(".")[1]
            if one not in before:
                before.add(one)
                waiting.append(one)
    return before


def test_a_thing_is_created_after_what_it_needs_although_names_are_plain(tmp_path: Path) -> None:
    found = stack(tmp_path, environment())
    needed = {"functions_role", "functions_policy", "functions_attachment", "log", "log_store"}
    assert after(found, "fc_service") >= {*needed, "log_index", "reports"}
    for function in FUNCTIONS:
        assert after(found, function) >= {"fc_service"}
    assert after(found, "awaitFlow") >= {*FUNCTIONS, "flows_attachment", "flows_policy"}
    assert after(found, "restoreFlow") >= {"awaitFlow"}
    assert after(found, "mainRestoreFlow") >= {"awaitFlow", "restoreFlow"}


def test_an_existing_report_bucket_is_not_created(tmp_path: Path) -> None:
    found = stack(tmp_path, FULL)
    assert "alicloud_oss_bucket" not in found["resource"]
    assert found["output"]["report_bucket"]["value"] == "reports"


def test_functions_are_sized_and_told_what_the_environment_says(tmp_path: Path) -> None:
    functions = stack(tmp_path, FULL)["resource"]["alicloud_fc_function"]
    assert (functions["restore"]["memory_size"], functions["restore"]["timeout"]) == (1024, 900)
    for name, body in functions.items():
        assert body["name"] == name
        assert body["handler"] == f"index.{name}"
        assert body["code_checksum"] == BUNDLE.checksum
        told: dict[str, Any] = body["environment_variables"]
        assert told["REPORT_BUCKET"] == "reports"
        assert told["REPORT_PREFIX"] == "thaw/"
        assert told["REPORT_ENDPOINT"] == "https://oss-cn-beijing-internal.aliyuncs.com"
        assert told["FOREACH_LIMIT"] == "50"


def test_the_bundle_lies_in_the_output_folder(tmp_path: Path) -> None:
    functions = stack(tmp_path, environment())["resource"]["alicloud_fc_function"]
    (file,) = {body["filename"] for body in functions.values()}
    place = tmp_path / "stacks" / "dev" / file
    assert place.resolve() == (tmp_path / BUNDLE.path).resolve()


def test_every_environments_state_is_its_own(tmp_path: Path) -> None:
    local = stack(tmp_path / "local", environment())["terraform"]["backend"]["local"]
    assert local == {"path": "../../../state/dev.tfstate"}
    oss = stack(tmp_path / "oss", FULL)["terraform"]["backend"]["oss"]
    assert (oss["bucket"], oss["region"]) == ("states", "cn-hangzhou")
    assert (oss["prefix"], oss["key"]) == ("oss-restore/prod", "terraform.tfstate")
    assert oss["encrypt"] is True
    assert oss["tablestore_table"] == "terraform_lock"


def test_stacks_of_several_environments_do_not_depend_on_each_other(tmp_path: Path) -> None:
    synthesize(tmp_path, [environment(), FULL])
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["stacks"].keys() == {"dev", "prod"}
    assert all(one["dependencies"] == [] for one in manifest["stacks"].values())
