"""Many environments in many accounts: nothing of one can land in, or touch, another."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from infra.app import build_app
from infra.model import Environment
from infra.names import FLOWS, Names
from localcloud.ram.credentials import root_principal
from oss_restore.terraform import terraform_environment
from tests.infra.environments import small_environment
from tests.localcloud.terraform.conftest import RunningCloud
from tests.localcloud.terraform.documents import allow
from tests.localcloud.terraform.terraform import Terraform

pytestmark = pytest.mark.xdist_group("e2e")

PIPELINE, ACCOUNT_B, ACCOUNT_C = "1111111111111111", "2222222222222222", "3333333333333333"
ACCOUNTS = {"a-dev": PIPELINE, "a-prod": PIPELINE, "b": ACCOUNT_B, "c": ACCOUNT_C}
DEPLOYER = "deployer"


def environment(name: str) -> Environment:
    return small_environment(
        name=name,
        account=ACCOUNTS[name],
        backend={"local": {"path": f"state/{name}.tfstate"}},
        provider={"assume_role": {"role_arn": f"acs:ram::{ACCOUNTS[name]}:role/{DEPLOYER}"}},
    )


@pytest.fixture(scope="module")
def outdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("project")
    (project / "state").mkdir()
    build_app(map(environment, ACCOUNTS), project / "cdktf.out").synth()
    return project / "cdktf.out"


@pytest.fixture
def stacks(outdir: Path) -> Mapping[str, dict[str, Any]]:
    return {
        name: json.loads((outdir / "stacks" / name / "cdk.tf.json").read_text())
        for name in ACCOUNTS
    }


def test_a_stack_has_one_provider_and_that_is_of_its_account(
    stacks: Mapping[str, dict[str, Any]],
) -> None:
    for name, stack in stacks.items():
        (provider,) = stack["provider"]["alicloud"]
        assert provider["account_id"] == ACCOUNTS[name]
        assert provider["assume_role"]["role_arn"].split(":")[3] == ACCOUNTS[name]
        assert "alias" not in provider
        # With another provider named, a resource would land elsewhere.
        assert not [
            body
            for bodies in stack["resource"].values()
            for body in bodies.values()
            if "provider" in body
        ]


def test_a_stack_names_no_other_account(stacks: Mapping[str, dict[str, Any]]) -> None:
    for name, stack in stacks.items():
        others = set(ACCOUNTS.values()) - {ACCOUNTS[name]}
        assert [other for other in others if other in json.dumps(stack)] == []


def test_no_two_stacks_share_a_state(stacks: Mapping[str, dict[str, Any]]) -> None:
    states = {stack["terraform"]["backend"]["local"]["path"] for stack in stacks.values()}
    assert len(states) == len(stacks)


@pytest.fixture
def accounts() -> Iterator[RunningCloud]:
    """A cloud of three accounts, each with a role for the pipeline's account to deploy with."""
    cloud = RunningCloud(*dict.fromkeys(ACCOUNTS.values()))
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"RAM": [f"acs:ram::{PIPELINE}:root"]},
    }
    for account in cloud.accounts.values():
        text = json.dumps({"Version": "1", "Statement": [trust]})
        account.ram.create_role(DEPLOYER, text, "", 0)
        account.ram.create_policy(DEPLOYER, allow("*"), "", 0)
        account.ram.attach(DEPLOYER, DEPLOYER)
    cloud.start()
    yield cloud
    cloud.stop()


def contents(cloud: RunningCloud, account_id: str) -> list[object]:
    """Everything that an account holds."""
    account = cloud.accounts[account_id]
    return [
        account.ram.snapshot(),
        account.fc.snapshot(),
        account.fnf.snapshot(),
        account.sls.snapshot(),
        [bucket.name for bucket in cloud.oss.buckets_of(account_id)],
    ]


def flows(cloud: RunningCloud) -> dict[str, list[str]]:
    return {
        account_id: sorted(flow.name for flow in account.fnf.flows)
        for account_id, account in cloud.accounts.items()
    }


def flows_of(*names: str) -> dict[str, list[str]]:
    """The flows that there should be while these environments are deployed."""
    deployed: dict[str, list[str]] = {account_id: [] for account_id in ACCOUNTS.values()}
    for name in names:
        of_environment = Names(environment(name))
        deployed[ACCOUNTS[name]] += [of_environment.flow(kind) for kind in FLOWS]
    return {account_id: sorted(found) for account_id, found in deployed.items()}


def test_four_environments_in_three_accounts_come_and_go_without_touching_each_other(
    accounts: RunningCloud, outdir: Path, binary: Path
) -> None:
    before = {account_id: contents(accounts, account_id) for account_id in accounts.accounts}
    variables = terraform_environment(os.environ, reattach=accounts.serve(root_principal(PIPELINE)))
    deployed = {name: Terraform(binary, outdir / "stacks" / name, variables) for name in ACCOUNTS}
    with ThreadPoolExecutor(2) as side_by_side:
        list(side_by_side.map(Terraform.applied, deployed.values()))
        assert flows(accounts) == flows_of(*ACCOUNTS)

        for name in list(deployed):
            others = set(accounts.accounts) - {ACCOUNTS[name]}
            untouched = {account_id: contents(accounts, account_id) for account_id in others}
            deployed.pop(name).destroyed()
            assert {account_id: contents(accounts, account_id) for account_id in others} == (
                untouched
            )
            assert flows(accounts) == flows_of(*deployed)
            # Those of the same account are as Terraform has left them, too.
            assert all(side_by_side.map(Terraform.unchanged, deployed.values()))
    assert {
        account_id: contents(accounts, account_id) for account_id in accounts.accounts
    } == before
