"""Many environments in many accounts: none of them can affect another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.model.environment import Environment
from infra.model.names import FLOWS, Names
from infra.policies.deployer import deployer_policies
from infra.policies.operator import operator_policies
from infra.synthesis.app import build_app
from infra.version import VERSION
from oss_restore.cli.rehearsal.terraform_binary import terraform_environment
from oss_restore.clients.control_api import ControlClient, SeedObject
from oss_restore.clients.deployment import by_environment
from oss_restore.clients.target import LocalEndpoints
from oss_restore.runs.result import Result
from tests.infra.deployers import ROLE, make_deployer
from tests.infra.environments import small_environment
from tests.infra.hosted import HostedCloud
from tests.localcloud.terraform.terraform import Terraform
from tests.oss_restore import shell
from tests.ram import Ram
from tests.site import Deployed, empty

PIPELINE, ACCOUNT_B, ACCOUNT_C = "1111111111111111", "2222222222222222", "3333333333333333"
# They thaw within minutes, and stay readable while other runs advance the shared clock.
OBJECTS = [SeedObject(key=f"{n}", size=1, storage_class="Archive") for n in range(4)]
RUN = {"groupSize": 2, "pollInterval": 60}
OPERATOR = "operator"
# Each one's credentials: a profile of its account, or a role that the first account assumes.
REACHED = {
    "a-dev": {"profile": PIPELINE},
    "a-prod": {},
    "b": {"role_arn": f"acs:ram::{ACCOUNT_B}:role/{OPERATOR}"},
    "c": {"profile": PIPELINE, "role_arn": f"acs:ram::{ACCOUNT_C}:role/{OPERATOR}"},
}
ACCOUNTS = {"a-dev": PIPELINE, "a-prod": PIPELINE, "b": ACCOUNT_B, "c": ACCOUNT_C}


def environment(name: str, oss: str | None = None) -> Environment:
    return small_environment(
        name=name,
        account=ACCOUNTS[name],
        buckets=[{"name": f"archive-{name}"}],
        report={"endpoint": oss},
        backend={"local": {"path": f"state/{name}.tfstate"}},
        provider={"assume_role": {"role_arn": f"acs:ram::{ACCOUNTS[name]}:role/{ROLE}"}},
    )


@pytest.fixture(scope="module")
def accounts() -> Iterator[HostedCloud]:
    """A cloud of three accounts, each with a role that may only deploy its environments."""
    hosted = HostedCloud(*dict.fromkeys(ACCOUNTS.values()))
    for account_id, account in hosted.cloud.accounts.items():
        own = [environment(name) for name in ACCOUNTS if ACCOUNTS[name] == account_id]
        make_deployer(account.ram, deployer_policies(own), by=PIPELINE)
        make_deployer(account.ram, operator_policies(own), by=PIPELINE, name=OPERATOR)
    with hosted.serving():
        yield hosted


@pytest.fixture(scope="module")
def outdir(tmp_path_factory: pytest.TempPathFactory, accounts: HostedCloud) -> Path:
    project = tmp_path_factory.mktemp("project")
    (project / "state").mkdir()
    oss = accounts.endpoints(PIPELINE).oss
    build_app([environment(name, oss) for name in ACCOUNTS], project / "cdktf.out").synth()
    return project / "cdktf.out"


@pytest.fixture
def stacks(outdir: Path) -> Mapping[str, dict[str, Any]]:
    return {
        name: json.loads((outdir / "stacks" / name / "cdk.tf.json").read_text())
        for name in ACCOUNTS
    }


def test_a_stack_has_one_provider_with_its_account(
    stacks: Mapping[str, dict[str, Any]],
) -> None:
    for name, stack in stacks.items():
        (provider,) = stack["provider"]["alicloud"]
        assert provider["account_id"] == ACCOUNTS[name]
        assert provider["assume_role"]["role_arn"].split(":")[3] == ACCOUNTS[name]
        assert "alias" not in provider
        # With another provider, a resource would be deployed elsewhere.
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
def sites(accounts: HostedCloud, tmp_path: Path) -> Mapping[str, Deployed]:
    """Provide each environment to its operator, with archived objects to thaw."""
    sites = {name: site(accounts, name, tmp_path) for name in ACCOUNTS}
    for name, one in sites.items():
        one.bucket(f"archive-{name}").create_bucket()
        one.control.seed(f"archive-{name}", OBJECTS)
    return sites


def site(accounts: HostedCloud, name: str, folder: Path) -> Deployed:
    endpoints = accounts.endpoints(ACCOUNTS[name])
    document = environment(name, endpoints.oss).model_dump(mode="json")
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(document))
    return Deployed(endpoints, ControlClient(endpoints), by_environment(name, folder))


Fleet = Callable[[str], dict[str, Any]]


@pytest.fixture
def fleet(
    accounts: HostedCloud,
    outdir: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Fleet]:
    """Run a command on all environments, each with the credentials of its file."""
    home = tmp_path_factory.mktemp("home")
    endpoints = accounts.endpoints(PIPELINE)
    anything = {"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}
    with Ram(endpoints).user("ann", anything) as keys:  # an account itself cannot assume a role
        yield made_fleet(endpoints, outdir, home, keys)


def made_fleet(
    endpoints: LocalEndpoints, outdir: Path, home: Path, keys: Mapping[str, str]
) -> Fleet:
    (home / ".aliyun").mkdir()
    profile = {"name": PIPELINE, "mode": "AK", **keys}
    (home / ".aliyun" / "config.json").write_text(json.dumps({"profiles": [profile]}))
    without_keys = endpoints.model_copy(update=dict.fromkeys(keys, ""))
    (home / "cloud.json").write_text(without_keys.model_dump_json())
    for name in ACCOUNTS:
        document = environment(name, endpoints.oss).model_dump(mode="json")
        state = str(outdir.parent / "state" / f"{name}.tfstate")
        document |= {"backend": {"local": {"path": state}}, "operator": REACHED[name]}
        (home / f"{name}.yaml").write_text(yaml.safe_dump(document))
    place = ("--all", "--json", "--environments", str(home), "--cloud", str(home / "cloud.json"))
    environ = shell.environment(
        HOME=str(home),
        ALIBABA_CLOUD_CLI_PROFILE_DISABLED="",
        **{f"ALIBABA_CLOUD_{name.upper()}": value for name, value in keys.items()},
    )

    def run(command: str) -> dict[str, Any]:
        program = [sys.executable, "-m", "oss_restore", command, *place]
        finished = subprocess.run(program, env=environ, capture_output=True, text=True, check=False)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return dict(json.loads(finished.stdout))

    return run


def check_fleet(fleet: Fleet) -> None:
    """Check that each environment is listed and checked with its own account's credentials."""
    listed = fleet("list")["environments"]
    assert [one["environment"] for one in listed] == sorted(ACCOUNTS)
    for one in listed:
        assert (one["error"], one["version"]) == (None, VERSION)
        assert [run["status"] for run in one["runs"]] == ["Succeeded"]
    for one in fleet("doctor")["environments"]:
        account = ACCOUNTS[one["environment"]]
        states = {check["check"]: check["state"] for check in one["checks"]}
        assert "fail" not in states.values(), one
        found = one["checks"][0]["found"]
        assert f"acs:ram::{account}:" in found or f"acs:sts::{account}:" in found, found


def thaw(name: str, one: Deployed) -> Result:
    return one.run(**RUN, bucketName=f"archive-{name}")


def flows(accounts: HostedCloud) -> dict[str, list[str]]:
    return {
        account_id: sorted(flow.name for flow in account.fnf.flows)
        for account_id, account in accounts.cloud.accounts.items()
    }


def flows_of(names: Collection[str]) -> dict[str, list[str]]:
    """Return the expected flows while these environments are deployed."""
    deployed: dict[str, list[str]] = {account_id: [] for account_id in ACCOUNTS.values()}
    for name in names:
        of_environment = Names(environment(name))
        deployed[ACCOUNTS[name]] += [of_environment.flow(kind) for kind in FLOWS]
    return {account_id: sorted(found) for account_id, found in deployed.items()}


@pytest.mark.long
def test_four_environments_in_three_accounts_run_in_parallel_and_are_destroyed_one_by_one(
    accounts: HostedCloud,
    outdir: Path,
    binary: Path,
    sites: Mapping[str, Deployed],
    fleet: Fleet,
) -> None:
    account_ids = set(ACCOUNTS.values())
    before = {account_id: accounts.contents(account_id)[:-1] for account_id in account_ids}
    reattach = accounts.endpoints(PIPELINE).tf_reattach_providers
    variables = terraform_environment(os.environ, reattach=reattach)
    deployed = {name: Terraform(binary, outdir / "stacks" / name, variables) for name in ACCOUNTS}
    with ThreadPoolExecutor(2) as side_by_side:
        list(side_by_side.map(Terraform.applied, deployed.values()))
        assert flows(accounts) == flows_of(deployed)
        for name, result in zip(sites, side_by_side.map(thaw, sites, sites.values()), strict=True):
            assert result.verdict.exit_code == 0, name
            assert result.outcomes == {"requested": len(OBJECTS)}
        check_fleet(fleet)

        for name in list(deployed):
            others = account_ids - {ACCOUNTS[name]}
            untouched = {account_id: accounts.contents(account_id) for account_id in others}
            empty(sites[name].bucket(Names(environment(name)).report_bucket))
            deployed.pop(name).destroyed()
            assert {account_id: accounts.contents(account_id) for account_id in others} == untouched
            assert flows(accounts) == flows_of(deployed)
            # Those of the same account are unchanged, too, and all still run.
            beside = [other for other in deployed if ACCOUNTS[other] == ACCOUNTS[name]]
            assert all(deployed[other].unchanged() for other in beside)
            for result in side_by_side.map(thaw, deployed, (sites[other] for other in deployed)):
                assert result.outcomes == {"already_readable": len(OBJECTS)}
    after = {account_id: accounts.contents(account_id)[:-1] for account_id in account_ids}
    assert after == before
    buckets = {bucket for site in sites.values() for bucket in site.control.resources()["buckets"]}
    assert buckets == {f"archive-{name}" for name in ACCOUNTS}
