"""The synthesized Terraform JSON: its contents, and CDKTF's pitfalls that it must avoid."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cdktf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from infra.blueprint.flows import render_flows
from infra.blueprint.resources import OssBucket
from infra.environment_files import Environment
from infra.model.names import FUNCTIONS, Names, OutputKey
from infra.policies.runtime import flows_policy, functions_policy
from infra.synthesis.app import build_app
from infra.synthesis.stack_elements import Alicloud, Element, ProviderBlock
from localcloud.fc.model import Fc3Config, check_fc3_function
from tests.infra.environments import full_environment, small_environment
from thaw.limits import vcpu_of

Json = dict[str, Any]


THREE = small_environment(
    name="three", backend={"local": {"path": "state/three.tfstate"}}, generation=3
)


def synthesized(outdir: Path, environments: Sequence[Environment]) -> dict[str, Json]:
    """Synthesize the stacks, and return their JSON by name."""
    build_app(environments, outdir).synth()
    return {
        environment.name: json.loads(text_of(outdir, environment)) for environment in environments
    }


def text_of(outdir: Path, environment: Environment) -> str:
    return (outdir / "stacks" / environment.name / "cdk.tf.json").read_text()


@pytest.fixture(scope="module")
def outdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cdktf") / "cdktf.out"


@pytest.fixture(scope="module")
def stacks(outdir: Path) -> dict[str, Json]:
    return synthesized(outdir, [small_environment(), full_environment(), THREE])


def resources(stack: Json) -> dict[str, Json]:
    """Return the resources by address."""
    return {
        f"{kind}.{name}": body
        for kind, named in stack["resource"].items()
        for name, body in named.items()
    }


def without_code(stack: Json) -> Json:
    """Remove what changes with every function, flow or release, and has its own tests."""
    copy: Json = json.loads(json.dumps(stack))
    resources = copy["resource"]
    for function in resources.get("alicloud_fc_function", {}).values():
        function["code_checksum"] = "CHECKSUM"
        function["environment_variables"]["OSS_RESTORE_VERSION"] = "VERSION"
    for function in resources.get("alicloud_fcv3_function", {}).values():
        code = function["code"]
        code["oss_object_name"] = code["oss_object_name"].replace(code["checksum"], "CHECKSUM")
        code["checksum"] = "CHECKSUM"
        function["environment_variables"]["OSS_RESTORE_VERSION"] = "VERSION"
    for stored in resources.get("alicloud_oss_bucket_object", {}).values():
        stored["key"] = re.sub(r"\d+\.zip$", "CHECKSUM.zip", stored["key"])
    for flow in copy["resource"]["alicloud_fnf_flow"].values():
        flow["definition"] = "DEFINITION"
    copy["output"]["version"]["value"] = "VERSION"
    return copy


@pytest.mark.parametrize("name", ["dev", "prod", "three"])
def test_a_stack_is_as_before(
    stacks: dict[str, Json], name: str, snapshot: SnapshotAssertion
) -> None:
    """A person should see every change: a changed logical id destroys and creates a resource."""
    assert without_code(stacks[name]) == snapshot(extension_class=JSONSnapshotExtension)


def test_no_resource_is_without_arguments(stacks: dict[str, Json]) -> None:
    """The method that returns them is found by its Python name, or silently ignored."""
    for stack in stacks.values():
        for address, body in resources(stack).items():
            assert set(body) - {"//", "depends_on"}, address


def test_flows_are_deployed_as_rendered(stacks: dict[str, Json]) -> None:
    environment = full_environment()
    flows = resources(stacks["prod"])
    for flow in render_flows(environment):
        assert flows[f"alicloud_fnf_flow.{flow.kind}"]["definition"] == flow.text


def test_roles_get_the_policies_that_were_tested(stacks: dict[str, Json]) -> None:
    policies = stacks["prod"]["resource"]["alicloud_ram_policy"]
    environment = full_environment()
    documents = {name: body["policy_document"] for name, body in policies.items()}
    assert documents == {
        "flows_policy": flows_policy(environment),
        "functions_policy": functions_policy(environment),
    }


def test_a_service_waits_for_its_permissions_and_its_logstore(stacks: dict[str, Json]) -> None:
    """Otherwise its creation fails after two minutes with a time-out."""
    (service,) = stacks["dev"]["resource"]["alicloud_fc_service"].values()
    assert set(service["depends_on"]) >= {
        "alicloud_ram_role_policy_attachment.functions_attachment",
        "alicloud_log_store_index.log_index",
    }


def test_every_output_has_a_key_and_every_key_an_output(stacks: dict[str, Json]) -> None:
    for name, stack in stacks.items():
        missing = {OutputKey.SERVICE} if name == "three" else set()  # which has no services
        assert set(stack["output"]) == set(OutputKey) - missing
    values = {key: output["value"] for key, output in stacks["prod"]["output"].items()}
    names = Names(full_environment())
    assert values[OutputKey.MAIN_FLOW] == "Thaw-mainRestoreFlow-Blue"
    assert values[OutputKey.FUNCTION_ARNS] == {f: names.functions.arn(f) for f in FUNCTIONS}
    assert values[OutputKey.REPORT_BUCKET] == "ledgers"


def test_an_existing_report_bucket_is_not_managed(stacks: dict[str, Json]) -> None:
    assert "alicloud_oss_bucket" in stacks["dev"]["resource"]
    assert "alicloud_oss_bucket" not in stacks["prod"]["resource"]


def test_function_code_is_inside_the_output_folder(outdir: Path, stacks: dict[str, Json]) -> None:
    """So a pipeline can store the folder, and plan and apply from it elsewhere."""
    for function in stacks["dev"]["resource"]["alicloud_fc_function"].values():
        assert (outdir / "stacks" / "dev" / function["filename"]).is_file()


def test_functions_of_generation_3_wait_for_their_code_and_everything_else(
    stacks: dict[str, Json],
) -> None:
    found = resources(stacks["three"])
    (code,) = stacks["three"]["resource"]["alicloud_oss_bucket_object"].values()
    assert set(code["depends_on"]) == {
        "alicloud_oss_bucket.reports",
        "alicloud_log_store_index.log_index",
        "alicloud_ram_role_policy_attachment.functions_attachment",
    }
    for function in FUNCTIONS:
        body = found[f"alicloud_fcv3_function.{function}"]
        assert body["depends_on"] == ["alicloud_oss_bucket_object.code"]
        assert body["code"]["oss_object_name"] == code["key"]
        assert body["code"]["checksum"] in code["key"]


def test_the_code_of_generation_3_is_that_of_generation_2(stacks: dict[str, Json]) -> None:
    two, three = resources(stacks["dev"]), resources(stacks["three"])
    code = three["alicloud_oss_bucket_object.code"]
    for function in FUNCTIONS:
        old = two[f"alicloud_fc_function.{function}"]
        new = three[f"alicloud_fcv3_function.{function}"]
        assert code["source"] == old["filename"]
        assert new["code"]["checksum"] == old["code_checksum"]
        for same in ("handler", "runtime", "memory_size", "timeout"):
            assert new[same] == old[same]


@given(st.integers(2, 512).map(lambda steps: steps * 64))
def test_vcpu_is_derived_from_the_memory_by_the_services_rules(memory: int) -> None:
    check_fc3_function(
        Fc3Config(handler="index.f", runtime="python3.10", memory_size=memory, cpu=vcpu_of(memory))
    )


def test_two_syntheses_write_the_same_bytes_wherever_they_are(tmp_path: Path) -> None:
    """A second apply is empty only if nothing changes, including absolute paths."""
    environments = [small_environment(), full_environment(), THREE]
    for place in ("one", "another/place"):
        synthesized(tmp_path / place, environments)
    for environment in environments:
        first, second = (text_of(tmp_path / p, environment) for p in ("one", "another/place"))
        assert first == second
        assert str(tmp_path) not in first


def test_a_second_provider_keeps_its_alias(small: Environment) -> None:
    """The base class silently drops it: everything would be deployed into one account."""
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "two")
    config = ProviderBlock(
        region="cn-hangzhou",
        account_id="1",
        account_type="Domestic",
        protocol="HTTPS",
        assume_role=None,
        assume_role_with_oidc=None,
        endpoints={},
    )
    Alicloud(stack, "one", config)
    second = Alicloud(stack, "two", config, alias="two")
    resource = Element(stack, "bucket", OssBucket(bucket="b", tags={}))
    resource.provider = second
    shown = json.loads(cdktf.Testing.synth(stack))
    assert [provider.get("alias") for provider in shown["provider"]["alicloud"]] == [None, "two"]
    assert shown["resource"]["alicloud_oss_bucket"]["bucket"]["provider"] == "alicloud.two"


def test_no_stack_has_credentials(stacks: dict[str, Json]) -> None:
    for stack in stacks.values():
        for secret in ("access_key", "secret_key", "security_token"):
            assert secret not in json.dumps(stack)
