"""The bootstrap of an account: validated by the provider's schema, and used to deploy."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from infra.bootstrap import BootstrapError, Oidc, Pipeline, bootstrap, github_subjects
from infra.model.environment import Environment
from infra.plan_checks.rules import check_plan
from infra.plan_checks.terraform_plan import planned_resources
from infra.policies.deployer import rights
from infra.policies.pipeline import smoke_rights
from infra.policies.statements import MAX_DOCUMENT_BYTES
from infra.synthesis.app import build_app
from localcloud.ram.credentials import Principal, root_principal
from oss_restore.cli.rehearsal.terraform_binary import terraform_environment
from tests.infra.bootstrapped import applicable
from tests.infra.environments import small_environment
from tests.infra.policies.test_deployer import rights_of
from tests.infra.provider_versions import BOTH_PROVIDERS
from tests.localcloud.terraform.conftest import RunningCloud
from tests.localcloud.terraform.terraform import Terraform

HOME, OTHER = "1234567890123456", "2222222222222222"
PIPELINE_ROLE = f"acs:ram::{HOME}:role/oss-restore-pipeline"
READER_ROLE = f"{PIPELINE_ROLE}-reader"
DEPLOYS = ("repo:me/it:environment:dev", "repo:me/it:environment:prod")
PLANS = ("repo:me/it:pull_request", "repo:me/it:ref:refs/heads/main")
OIDC = Oidc(
    "github",
    "https://token.actions.githubusercontent.com",
    "sts.aliyuncs.com",
    DEPLOYS,
    PLANS,
)
STATE = {
    "bucket": "my-states",
    "tablestore_endpoint": "https://my-locks.cn-hangzhou.ots.aliyuncs.com",
    "tablestore_table": "terraform_lock",
}


def environment(name: str, account: str = HOME, **changes: Any) -> Environment:
    role = {"role_arn": f"acs:ram::{account}:role/oss-restore-deployer"}
    own = {"backend": {"oss": STATE}, "provider": {"assume_role": role}, **changes}
    return small_environment(name=name, account=account, **own)


ENVIRONMENTS = [environment("dev"), environment("prod"), environment("far", OTHER)]


@pytest.fixture
def documents() -> Mapping[str, dict[str, Any]]:
    return bootstrap(ENVIRONMENTS, Pipeline(PIPELINE_ROLE, OIDC))


@pytest.fixture
def fresh_cloud() -> Iterator[RunningCloud]:
    cloud = RunningCloud(HOME, OTHER)
    cloud.start()
    yield cloud
    cloud.stop()


def test_the_files_of_two_accounts(
    documents: Mapping[str, dict[str, Any]], snapshot: SnapshotAssertion
) -> None:
    assert documents == snapshot


def test_the_pipelines_account_alone_has_state_and_lock(
    documents: Mapping[str, dict[str, Any]],
) -> None:
    assert set(documents) == {HOME, OTHER}
    only = {"alicloud_oss_bucket", "alicloud_ots_instance", "alicloud_ots_table"}
    assert only <= set(documents[HOME]["resource"])
    assert only.isdisjoint(documents[OTHER]["resource"])


def test_the_lock_is_as_terraform_requires(documents: Mapping[str, dict[str, Any]]) -> None:
    table = documents[HOME]["resource"]["alicloud_ots_table"]["locks"]
    assert table["primary_key"] == [{"name": "LockID", "type": "String"}]
    assert table["table_name"] == "terraform_lock"
    instance = documents[HOME]["resource"]["alicloud_ots_instance"]["locks"]
    assert instance["name"] == "my-locks"


def test_the_state_bucket_is_created_where_the_environments_expect_it() -> None:
    far = environment("dev", backend={"oss": {**STATE, "region": "cn-beijing"}})
    document = bootstrap([far], Pipeline(PIPELINE_ROLE))[HOME]
    assert document["provider"]["alicloud"]["region"] == "cn-beijing"


def policies_of(document: dict[str, Any], prefix: str) -> list[str]:
    found = document["resource"]["alicloud_ram_policy"].items()
    return [body["policy_document"] for name, body in found if name.startswith(prefix)]


def pairs(text: str) -> set[tuple[str, str]]:
    """Return the pairs of action and resource that a policy allows."""
    statements = json.loads(text)["Statement"]
    return {pair for s in statements for pair in product(s["Action"], s["Resource"])}


def test_a_deployer_has_only_the_permissions_to_deploy_and_test_its_environments(
    documents: Mapping[str, dict[str, Any]],
) -> None:
    for account, members in ((HOME, ENVIRONMENTS[:2]), (OTHER, ENVIRONMENTS[2:])):
        texts = policies_of(documents[account], "deployer_oss-restore-deployer_1")
        assert max(len(text.encode()) for text in texts) <= MAX_DOCUMENT_BYTES
        wanted = {r for one in members for r in (*rights(one), *smoke_rights(one))}
        assert {right for text in texts for right in rights_of(text)} == wanted


def test_the_pipeline_reads_and_writes_states_locks_them_and_assumes_the_deployers(
    documents: Mapping[str, dict[str, Any]],
) -> None:
    (text,) = policies_of(documents[HOME], "pipeline_1")
    given = pairs(text)
    folders = [f"acs:oss:*:*:my-states/oss-restore/{e.name}/*" for e in ENVIRONMENTS]
    table = f"acs:ots:cn-hangzhou:{HOME}:instance/my-locks/table/terraform_lock"
    deployers = [
        f"acs:ram::{account}:role/oss-restore-deployer{end}"
        for account in (HOME, OTHER)
        for end in ("", "-reader")
    ]
    assert given == {
        ("oss:ListObjects", "acs:oss:*:*:my-states"),
        *product(("oss:GetObject", "oss:PutObject"), folders),
        *product(("ots:DescribeTable", "ots:GetRow", "ots:PutRow", "ots:DeleteRow"), [table]),
        *product(("sts:AssumeRole",), deployers),
    }


def test_only_tokens_of_the_named_subjects_are_accepted(
    documents: Mapping[str, dict[str, Any]],
) -> None:
    exactly = {"oidc:iss": [OIDC.issuer], "oidc:aud": [OIDC.audience]}
    for name, condition in (
        ("pipeline", {"StringEquals": {**exactly, "oidc:sub": [*DEPLOYS]}}),
        ("pipeline_reader", {"StringEquals": exactly, "StringLike": {"oidc:sub": [*PLANS]}}),
    ):
        role = documents[HOME]["resource"]["alicloud_ram_role"][name]
        (statement,) = json.loads(role["assume_role_policy_document"])["Statement"]
        assert statement["Principal"] == {"Federated": [f"acs:ram::{HOME}:oidc-provider/github"]}
        assert statement["Condition"] == condition


@pytest.mark.parametrize("subject", ["repo:me/it:*", "repo:me/it:environment:*", "repo:m?:x"])
def test_no_wildcard_decides_who_may_deploy(subject: str) -> None:
    with pytest.raises(BootstrapError, match="would let any branch deploy"):
        Oidc("github", OIDC.issuer, OIDC.audience, (subject,), PLANS)


def test_a_github_repository_deploys_by_its_environments_and_plans_by_pull_requests() -> None:
    deploys, plans = github_subjects("me/it", ENVIRONMENTS, "main")
    assert deploys == (*DEPLOYS, "repo:me/it:environment:far")
    assert plans == PLANS


def test_a_reader_cannot_change_anything(documents: Mapping[str, dict[str, Any]]) -> None:
    for document in documents.values():
        found = document["resource"]["alicloud_ram_policy"].items()
        texts = [body["policy_document"] for name, body in found if "_reader_" in name]
        actions = {action for text in texts for action, _ in pairs(text)} - {"sts:AssumeRole"}
        assert "fnf:DescribeFlow" in actions
        assert all(re.match(r"\w+:(Get|List|Describe)", action) for action in actions)


def test_the_planning_role_reads_the_states_and_assumes_the_readers(
    documents: Mapping[str, dict[str, Any]],
) -> None:
    (text,) = policies_of(documents[HOME], "pipeline_reader_1")
    folders = [f"acs:oss:*:*:my-states/oss-restore/{e.name}/*" for e in ENVIRONMENTS]
    readers = [f"acs:ram::{account}:role/oss-restore-deployer-reader" for account in (HOME, OTHER)]
    assert pairs(text) == {
        ("oss:ListObjects", "acs:oss:*:*:my-states"),
        *product(("oss:GetObject",), folders),
        *product(("sts:AssumeRole",), readers),
    }


def test_a_deployer_trusts_the_pipeline_and_nobody_else(
    documents: Mapping[str, dict[str, Any]],
) -> None:
    for document in documents.values():
        role = document["resource"]["alicloud_ram_role"]["deployer_oss-restore-deployer"]
        (statement,) = json.loads(role["assume_role_policy_document"])["Statement"]
        assert statement["Principal"] == {"RAM": [PIPELINE_ROLE]}
        reader = document["resource"]["alicloud_ram_role"]["deployer_oss-restore-deployer_reader"]
        (statement,) = json.loads(reader["assume_role_policy_document"])["Statement"]
        assert statement["Principal"] == {"RAM": [PIPELINE_ROLE, READER_ROLE]}


def test_an_existing_role_only_gets_its_permissions() -> None:
    document = bootstrap(ENVIRONMENTS[:1], Pipeline(PIPELINE_ROLE))[HOME]
    assert "alicloud_ims_oidc_provider" not in document["resource"]
    assert set(document["resource"]["alicloud_ram_role"]) == {
        "deployer_oss-restore-deployer",
        "deployer_oss-restore-deployer_reader",
    }
    attachment = document["resource"]["alicloud_ram_role_policy_attachment"]["pipeline_1"]
    assert attachment["role_name"] == "oss-restore-pipeline"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"backend": {"local": {"path": "x"}}}, "a pipeline requires backend.oss"),
        ({"backend": {"oss": {"bucket": "my-states"}}}, "bad has no lock"),
        ({"backend": {"oss": {**STATE, "bucket": "others"}}}, "dev and bad keep their states in"),
        ({"provider": {}}, "acs:ram::1234567890123456:role/oss-restore-deployer"),
    ],
)
def test_environments_that_no_pipeline_can_deploy_are_reported(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(BootstrapError, match=message.replace(".", r"\.")):
        bootstrap([environment("dev"), environment("bad", **changes)], Pipeline(PIPELINE_ROLE))


@BOTH_PROVIDERS
def test_every_account_fits_the_providers_schema(
    documents: Mapping[str, dict[str, Any]], binary: Path, provider: str, tmp_path: Path
) -> None:
    """Including Tablestore and the identity provider, which the local cloud does not have."""
    for account, document in documents.items():
        (tmp_path / account).mkdir()
        variables = terraform_environment(os.environ, reattach=provider)
        terraform = Terraform(binary, tmp_path / account, variables)
        terraform.write_document(document)
        assert terraform.diagnostics() == []
        wrong = json.loads(json.dumps(document))
        table = wrong["resource"].get("alicloud_ots_table", {}).get("locks")
        if table:
            table["primary_key"][0]["type"] = "Text"
            terraform.write_document(wrong)
            assert "primary_key" in str(terraform.diagnostics())


def test_a_bootstrapped_account_deploys_an_environment(
    fresh_cloud: RunningCloud, binary: Path, tmp_path: Path
) -> None:
    """Only the types that the local cloud does not have are omitted."""
    documents = bootstrap(ENVIRONMENTS, Pipeline(PIPELINE_ROLE, OIDC))
    for account, document in documents.items():
        (tmp_path / account).mkdir()
        reattach = fresh_cloud.serve(root_principal(account))
        variables = terraform_environment(os.environ, reattach=reattach)
        terraform = Terraform(binary, tmp_path / account, variables)
        terraform.write_document(applicable(document))
        terraform.applied()
        assert terraform.unchanged()
    state = fresh_cloud.oss.find_bucket("my-states")
    assert state is not None
    assert state.acl == "private"

    pipeline = Principal(
        HOME, f"acs:ram::{HOME}:assumed-role/oss-restore-pipeline/it", role="oss-restore-pipeline"
    )
    deployed = environment("far", OTHER, backend={"local": {"path": "far.tfstate"}})
    build_app([deployed], tmp_path / "cdktf.out").synth()
    variables = terraform_environment(os.environ, reattach=fresh_cloud.serve(pipeline))
    folder = tmp_path / "cdktf.out" / "stacks" / "far"
    terraform = Terraform(binary, folder, variables)
    terraform.applied()
    assert terraform.unchanged()
    terraform.destroyed()


def test_the_plan_of_an_account_breaks_no_rule_of_its_own(
    documents: Mapping[str, dict[str, Any]],
) -> None:
    for document in documents.values():
        resources = planned_resources(json.dumps({"terraform": {}, **document}))
        assert check_plan(resources, of_bootstrap=True) == []
        assert {one.rule for one in check_plan(resources)} == {"role-trust", "wildcard-resource"}


@pytest.mark.parametrize(
    ("principal", "condition"),
    [
        ({"RAM": [f"acs:ram::{HOME}:root"]}, {}),
        ({"RAM": ["*"]}, {}),
        ({"Federated": [f"acs:ram::{HOME}:oidc-provider/github"]}, {}),
        (
            {"Federated": [f"acs:ram::{HOME}:oidc-provider/github"]},
            {"StringEquals": {"oidc:iss": ["x"], "oidc:aud": ["y"]}},
        ),
    ],
)
def test_a_pipeline_role_that_trusts_too_many_is_reported(
    documents: Mapping[str, dict[str, Any]], principal: object, condition: object
) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Condition": condition}
    document = json.loads(json.dumps(documents[HOME]))
    role = document["resource"]["alicloud_ram_role"]["pipeline"]
    role["assume_role_policy_document"] = json.dumps({"Version": "1", "Statement": [statement]})
    violations = check_plan(planned_resources(json.dumps(document)), of_bootstrap=True)
    assert [(one.address, one.rule) for one in violations] == [
        ("alicloud_ram_role.pipeline", "role-trust")
    ]
