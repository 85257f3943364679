"""The ROS template is equivalent to the Terraform stack, and ROS CDK would accept it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from infra.blueprint.resources import Body
from infra.bundle.build import Bundle
from infra.model.environment import Environment
from infra.synthesis.app import build_app
from infra.synthesis.ros_resources import NotInRosError, ros_resource
from infra.synthesis.ros_template import MAX_TEMPLATE_BYTES, TemplateTooLargeError, ros_template
from infra.version import VERSION
from tests.infra.environments import full_environment, small_environment
from tests.infra.ros_types import faults

Json = dict[str, Any]

BUNDLE = Bundle(Path("functions.zip"), "11051210869376104954")
ENVIRONMENTS = {"dev": small_environment(), "prod": full_environment()}
CHECKS = {"account_check", "region_check"}


def template_of(environment: Environment) -> Json:
    """Return the template as a reader of its JSON gets it."""
    shown: Json = json.loads(json.dumps(ros_template(environment, BUNDLE)))
    return shown


@pytest.fixture(params=ENVIRONMENTS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def template(name: str) -> Json:
    return template_of(ENVIRONMENTS[name])


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    outdir = tmp_path_factory.mktemp("cdktf") / "cdktf.out"
    build_app(ENVIRONMENTS.values(), outdir).synth()
    return {
        name: json.loads((outdir / "stacks" / name / "cdk.tf.json").read_text())
        for name in ENVIRONMENTS
    }


@pytest.fixture
def terraform(stacks: dict[str, Json], name: str) -> dict[str, Json]:
    """Return the resources of the Terraform stack, by logical id."""
    return {
        id_: body for bodies in stacks[name]["resource"].values() for id_, body in bodies.items()
    }


def test_a_template_is_as_before(template: Json, name: str, snapshot: SnapshotAssertion) -> None:
    """Compare all but what changes with every flow or release."""
    for resource in template["Resources"].values():
        properties = resource["Properties"]
        if resource["Type"] == "ALIYUN::FNF::Flow":
            properties["Definition"] = "DEFINITION"
        if resource["Type"] == "ALIYUN::FC::Function":
            properties["EnvironmentVariables"]["OSS_RESTORE_VERSION"] = "VERSION"
    template["Outputs"]["version"]["Value"] = "VERSION"
    shown = json.loads(json.dumps(template).replace(VERSION, "VERSION"))
    assert shown == snapshot(extension_class=JSONSnapshotExtension)


def test_ros_cdk_would_accept_every_resource(template: Json) -> None:
    found = [
        fault
        for resource in template["Resources"].values()
        for fault in faults(resource["Type"], resource["Properties"])
    ]
    assert found == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"Memory": 512}, "ALIYUN::FC::Function.Memory: unknown"),
        ({"Handler": None}, "ALIYUN::FC::Function.Handler: NoneType, not string"),
        ({"MemorySize": 64}, "ALIYUN::FC::Function.MemorySize: 64, not [128, 32768]"),
        ({"Code": {"OssBucket": "b"}}, "ALIYUN::FC::Function.Code.OssBucket: unknown"),
        ({"InstanceType": "e9"}, "ALIYUN::FC::Function.InstanceType: 'e9' is none of"),
    ],
)
def test_the_check_finds_what_ros_cdk_would_refuse(changes: Json, fault: str) -> None:
    function = template_of(small_environment())["Resources"]["restore"]
    (found,) = faults(function["Type"], {**function["Properties"], **changes})
    assert found.startswith(fault)


def test_the_check_finds_missing_properties() -> None:
    flow = template_of(small_environment())["Resources"]["awaitFlow"]
    del flow["Properties"]["Definition"]
    assert faults(flow["Type"], flow["Properties"]) == ["ALIYUN::FNF::Flow.Definition: missing"]


def test_a_template_has_the_sections_that_ros_knows(template: Json) -> None:
    assert set(template) == {
        "ROSTemplateFormatVersion",
        "Description",
        "Metadata",
        "Parameters",
        "Resources",
        "Outputs",
    }
    (group,) = template["Metadata"]["ALIYUN::ROS::Interface"]["ParameterGroups"]
    assert set(group["Parameters"]) == set(template["Parameters"])
    for resource in template["Resources"].values():
        assert set(resource) <= {"Type", "DependsOn", "Properties"}
    for output in template["Outputs"].values():
        assert set(output) == {"Value"}
        assert isinstance(output["Value"], str)


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if set(value) == {"Ref"}:
            yield value["Ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_reference_resolves(template: Json) -> None:
    pseudo = {"ALIYUN::TenantId", "ALIYUN::Region"}
    assert set(references(template["Resources"])) == {*template["Parameters"], *pseudo}


def test_every_dependency_exists_and_there_is_no_cycle(template: Json) -> None:
    needs = {name: body.get("DependsOn", []) for name, body in template["Resources"].items()}
    assert {other for others in needs.values() for other in others} <= set(needs)
    list(TopologicalSorter(needs).static_order())


def test_nothing_is_created_in_another_account_or_region(template: Json, name: str) -> None:
    environment = ENVIRONMENTS[name]
    values = [template["Resources"][check]["Properties"]["Values"] for check in sorted(CHECKS)]
    assert values == [
        [{"Ref": "ALIYUN::TenantId"}, environment.account],
        [{"Ref": "ALIYUN::Region"}, environment.region],
    ]
    needs = {id_: set(body.get("DependsOn", [])) for id_, body in template["Resources"].items()}
    assert all(needs[id_] for id_ in set(needs) - CHECKS)


def test_it_has_the_resources_of_the_terraform_stack_in_the_same_order(
    template: Json, terraform: dict[str, Json]
) -> None:
    resources = template["Resources"]
    assert set(resources) - CHECKS == set(terraform)
    for id_, body in terraform.items():
        before = {address.partition(".")[2] for address in body.get("depends_on", [])}
        assert set(resources[id_]["DependsOn"]) - CHECKS == before


def of_type(template: Json, kind: str) -> dict[str, Json]:
    return {
        id_: resource["Properties"]
        for id_, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def test_roles_have_the_same_permissions_and_trust(
    template: Json, terraform: dict[str, Json]
) -> None:
    policies = of_type(template, "ALIYUN::RAM::ManagedPolicy")
    assert set(policies) == {"functions_policy", "flows_policy"}
    for id_, properties in policies.items():
        assert properties["PolicyDocument"] == json.loads(terraform[id_]["policy_document"])
    roles = of_type(template, "ALIYUN::RAM::Role")
    assert set(roles) == {"functions_role", "flows_role"}
    for id_, properties in roles.items():
        trust = json.loads(terraform[id_]["assume_role_policy_document"])
        assert properties["AssumeRolePolicyDocument"] == trust
    for id_, properties in of_type(template, "ALIYUN::RAM::AttachPolicyToRole").items():
        assert properties["RoleName"] == terraform[id_]["role_name"]
        assert properties["PolicyName"] == terraform[id_]["policy_name"]
        assert properties["PolicyType"] == "Custom"


def test_flows_are_the_same(template: Json, terraform: dict[str, Json]) -> None:
    flows = of_type(template, "ALIYUN::FNF::Flow")
    assert set(flows) == {"awaitFlow", "restoreFlow", "lookFlow", "copyFlow", "mainRestoreFlow"}
    for id_, properties in flows.items():
        expected = [terraform[id_][key] for key in ("name", "definition", "role_arn")]
        assert [properties[key] for key in ("Name", "Definition", "RoleArn")] == expected


def test_functions_are_the_same_except_for_the_source_of_their_code(
    template: Json, terraform: dict[str, Json]
) -> None:
    functions = of_type(template, "ALIYUN::FC::Function")
    assert len(functions) == 8
    for id_, properties in functions.items():
        assert properties.pop("Code") == {
            "OssBucketName": {"Ref": "CodeBucket"},
            "OssObjectName": {"Ref": "CodeObject"},
        }
        same = ("service", "name", "description", "runtime", "handler", "memory_size", "timeout")
        expected = [terraform[id_][key] for key in (*same, "environment_variables")]
        assert list(properties.values()) == expected


def test_outputs_have_the_same_keys_and_values(
    template: Json, stacks: dict[str, Json], name: str
) -> None:
    expected = {key: output["value"] for key, output in stacks[name]["output"].items()}
    expected["function_arns"] = json.dumps(expected["function_arns"], sort_keys=True)
    assert {key: output["Value"] for key, output in template["Outputs"].items()} == expected


def test_different_code_has_a_different_key(small: Environment) -> None:
    """Otherwise ROS would find nothing to update."""
    other = ros_template(small, Bundle(Path("functions.zip"), "1"))
    assert json.dumps(other).replace("-1.zip", f"-{BUNDLE.checksum}.zip") == json.dumps(
        ros_template(small, BUNDLE)
    )


def test_settings_without_a_counterpart_are_refused() -> None:
    class Unknown(Body):
        TYPE = "alicloud_unknown"

    with pytest.raises(NotInRosError, match="has no counterpart of alicloud_unknown"):
        ros_resource(Unknown())


def test_settings_of_generation_3_without_a_counterpart_are_refused() -> None:
    with pytest.raises(NotInRosError, match="alicloud_oss_bucket_object: deploy it with Terraform"):
        ros_template(small_environment(generation=3), BUNDLE)


def test_a_template_over_the_services_limit_is_refused(small: Environment) -> None:
    tags = {"long": "x" * MAX_TEMPLATE_BYTES}
    with pytest.raises(TemplateTooLargeError, match="over the service's 524288"):
        ros_template(small.model_copy(update={"tags": tags}), BUNDLE)


def test_secrets_are_hidden_parameters() -> None:
    template = template_of(small_environment(notify=[{"name": "ops", "dingtalk": {}}]))
    names = {"notify_ops_url", "notify_ops_secret"}
    assert names <= set(template["Parameters"])
    assert all(template["Parameters"][name]["NoEcho"] for name in names)
    teller = template["Resources"]["notifyRun"]["Properties"]["EnvironmentVariables"]
    assert teller["NOTIFY_OPS_URL"] == {"Ref": "notify_ops_url"}
    assert teller["NOTIFY_OPS_SECRET"] == {"Ref": "notify_ops_secret"}
    assert "var." not in json.dumps(template)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"alarms": {"contact_groups": ["ops"]}}, "alicloud_cms_alarm"),
        ({"logs": {"dashboard": True}}, "alicloud_log_dashboard"),
    ],
)
def test_settings_that_only_terraform_deploys_are_named(changes: Json, kind: str) -> None:
    with pytest.raises(NotInRosError, match=kind):
        ros_template(small_environment(**changes), BUNDLE)
