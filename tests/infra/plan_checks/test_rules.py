"""Policy as code: each rule with resources that break it, and others that do not."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.environment_files import load_environments
from infra.model.environment import Environment
from infra.model.schema import SCHEMA_FILE
from infra.plan_checks.rules import RULES, TAGGED, Violation, check_plan
from infra.plan_checks.terraform_plan import InvalidPlanError, PlannedResource, planned_resources
from infra.policies.runtime import WILDCARD_REASONS, flows_policy, functions_policy, trust
from infra.synthesis.app import build_app
from localcloud.terraform.schema import load_schema
from oss_restore.cli.rehearsal.terraform_binary import terraform_environment
from tests.infra.environments import full_environment, small_environment
from tests.localcloud.terraform.documents import FLOW, policy, statement
from tests.localcloud.terraform.documents import trust as trusting
from tests.localcloud.terraform.terraform import Terraform

TAGS = {"application": "oss-restore", "environment": "dev"}
ROLE_ARN = "acs:ram::1234567890123456:role/r"
RIGHT = ("oss:RestoreObject",)
ON_BUCKET = "acs:oss:*:*:archive/*"


def resource(type_: str, **arguments: object) -> PlannedResource:
    """Build a resource that breaks a rule by its arguments only."""
    tags = {"tags": TAGS} if type_ in TAGGED else {}
    return PlannedResource(f"{type_}.it", type_, {**tags, **arguments})


def ram_policy(*statements: Mapping[str, object]) -> PlannedResource:
    return resource("alicloud_ram_policy", policy_document=policy(*map(dict, statements)))


def attachment(name: str, kind: str) -> PlannedResource:
    return resource(
        "alicloud_ram_role_policy_attachment", policy_name=name, policy_type=kind, role_name="r"
    )


def role(document: str) -> PlannedResource:
    return resource("alicloud_ram_role", assume_role_policy_document=document)


def trust_with(**changes: object) -> str:
    document = json.loads(trust("fc.aliyuncs.com"))
    document["Statement"][0].update(changes)
    return json.dumps(document)


BROKEN = [
    ("full-access", attachment("AliyunOSSFullAccess", "System"), "'AliyunOSSFullAccess'"),
    ("full-access", attachment("AdministratorAccess", "System"), "'AdministratorAccess'"),
    (
        "full-access",
        resource("alicloud_ram_user_policy_attachment", policy_name="P", policy_type="System"),
        "'P'",
    ),
    ("full-access", ram_policy(statement("oss:*", resource=ON_BUCKET)), "allows 'oss:*'"),
    ("full-access", ram_policy(statement("*", resource=ON_BUCKET)), "allows '*'"),
    (
        "full-access",
        ram_policy({"Effect": "Allow", "NotAction": ["ram:*"], "Resource": [ON_BUCKET]}),
        "allows '*'",
    ),
    ("public-bucket", resource("alicloud_oss_bucket", acl="public-read"), "'public-read'"),
    (
        "public-bucket",
        resource("alicloud_oss_bucket_acl", acl="public-read-write"),
        "'public-read-write'",
    ),
    ("public-bucket", resource("alicloud_oss_bucket_object", acl="public-read"), "anyone"),
    ("wildcard-resource", ram_policy(statement(*RIGHT)), "'oss:RestoreObject' on '*'"),
    (
        "wildcard-resource",
        ram_policy(statement(*RIGHT, resource="acs:oss:*:*:*")),
        "documented reason",
    ),
    (
        "wildcard-resource",
        ram_policy(statement(*RIGHT, resource="acs:oss:::*")),
        "documented reason",
    ),
    ("wildcard-resource", ram_policy(statement("fnf:DeleteFlow")), "'fnf:DeleteFlow'"),
    (
        "wildcard-resource",
        ram_policy({"Effect": "Allow", "Action": "oss:GetObject", "NotResource": "acs:oss:::x"}),
        "'oss:GetObject' on '*'",
    ),
    ("readable-policy", resource("alicloud_ram_policy"), "no document"),
    ("readable-policy", resource("alicloud_ram_policy", policy_document="${x.y}"), "no document"),
    ("tags", resource("alicloud_log_project", tags=None), "no tag application, environment"),
    (
        "tags",
        resource("alicloud_oss_bucket", tags={"application": "oss-restore"}),
        "no tag environment",
    ),
    ("log-retention", resource("alicloud_log_store"), "retention_period"),
    ("log-retention", resource("alicloud_log_store", retention_period=0), "retention_period"),
    (
        "flow-lint",
        resource("alicloud_fnf_flow", definition=FLOW.replace("type: pass", "type: pas")),
        "line 4 of its definition",
    ),
    ("flow-lint", resource("alicloud_fnf_flow"), "no definition"),
    ("role-trust", role(trusting("fc.aliyuncs.com", "fnf.aliyuncs.com")), "exactly one service"),
    ("role-trust", role(trusting("ecs.aliyuncs.com")), "exactly one service"),
    ("role-trust", role(trust_with(Principal={"RAM": ["acs:ram::1:root"]})), "exactly one"),
    ("role-trust", role(trust_with(Action="*")), "exactly one"),
    ("role-trust", role(""), "exactly one"),
]

KEPT = [
    attachment("oss-restore-functions-dev", "Custom"),
    ram_policy(statement(*RIGHT, resource=ON_BUCKET)),
    ram_policy(statement(*WILDCARD_REASONS)),
    ram_policy(statement("oss:DeleteObject", effect="Deny")),
    resource("alicloud_oss_bucket", acl="private"),
    resource("alicloud_oss_bucket", tags={**TAGS, "team": "storage"}),
    resource("alicloud_oss_bucket_object", acl="private"),
    resource("alicloud_log_store", retention_period=30),
    resource("alicloud_fnf_flow", definition=FLOW),
    role(trust("fc.aliyuncs.com")),
    role(trust("fnf.aliyuncs.com")),
    resource("alicloud_fc_function", name="restore"),
]


@pytest.mark.parametrize(("rule", "broken", "message"), BROKEN)
def test_a_violation_names_resource_and_rule(
    rule: str, broken: PlannedResource, message: str
) -> None:
    violations = check_plan([broken])
    assert {(v.address, v.rule) for v in violations} >= {(broken.address, rule)}
    assert any(message in v.message for v in violations if v.rule == rule), violations


@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: kept.type)
def test_a_resource_that_breaks_no_rule_passes(kept: PlannedResource) -> None:
    assert check_plan([kept]) == []


def test_every_rule_has_a_case_that_breaks_it() -> None:
    assert {rule for rule, _, _ in BROKEN} == {rule.id for rule in RULES}


def test_more_tags_may_be_required() -> None:
    bucket = resource("alicloud_oss_bucket")
    assert check_plan([bucket], ["owner"]) == [
        Violation("alicloud_oss_bucket.it", "tags", "has no tag owner")
    ]


def test_every_type_that_takes_tags_is_known() -> None:
    types = load_schema().resources
    assert {name for name, type_ in types.items() if "tags" in type_.attributes} == TAGGED


@pytest.mark.parametrize(
    "environment", [small_environment(), full_environment(), small_environment(generation=3)]
)
def test_our_own_wildcards_have_their_reasons(environment: Environment) -> None:
    for document in (flows_policy(environment), functions_policy(environment)):
        planned = resource("alicloud_ram_policy", policy_document=document)
        assert check_plan([planned]) == []


def test_the_plan_of_the_example_breaks_no_rule(
    binary: Path, reattach: str, tmp_path: Path
) -> None:
    build_app(load_environments(SCHEMA_FILE.parent), tmp_path / "cdktf.out").synth()
    (tmp_path / "state").mkdir()
    folder = tmp_path / "cdktf.out" / "stacks" / "dev"
    terraform = Terraform(binary, folder, terraform_environment(os.environ, reattach=reattach))
    plan = planned_resources(json.dumps(terraform.planned()))
    stack = planned_resources((folder / "cdk.tf.json").read_text())
    assert [r.address for r in plan] == [r.address for r in stack]
    assert check_plan(plan) == check_plan(stack) == []


def plan_of(*resources: dict[str, Any], **changes: object) -> str:
    module = {"root_module": {"child_modules": [{"resources": resources}]}}
    return json.dumps({"format_version": "1.2", "planned_values": module, **changes})


def test_resources_of_modules_are_checked_and_data_sources_are_not() -> None:
    found = {"address": "module.m.alicloud_oss_bucket.b", "type": "alicloud_oss_bucket"}
    data = {"address": "data.x.y", "type": "x", "mode": "data"}
    assert [r.address for r in planned_resources(plan_of(found, data))] == [found["address"]]


def test_a_plan_that_destroys_everything_has_nothing_to_check() -> None:
    assert planned_resources('{"format_version": "1.2", "planned_values": {}}') == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "neither a plan nor a stack"),
        ("{}", "neither a plan nor a stack"),
        ('{"planned_values": []}', "neither a plan nor a stack"),
        (plan_of(errored=True), "the plan ended with an error"),
    ],
)
def test_an_invalid_plan_is_reported(text: str, message: str) -> None:
    with pytest.raises(InvalidPlanError, match=message):
        planned_resources(text)
