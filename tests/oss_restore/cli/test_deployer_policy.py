"""``oss-restore deployer-policy``, as called by somebody who prepares an account."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from infra.environment_files import load_environments
from infra.policies.deployer import deployer_policies
from oss_restore.errors import ExitStatus
from tests.infra.environments import ACCOUNT, SMALL
from tests.oss_restore.conftest import Cli

OTHER = "6543210987654321"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    defaults = {**SMALL, "backend": {"oss": {"bucket": "states"}}}
    del defaults["name"]
    (tmp_path / "_defaults.yaml").write_text(yaml.safe_dump(defaults))
    for name, account in (("dev", ACCOUNT), ("prod", ACCOUNT), ("far", OTHER)):
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump({"name": name, "account": account}))
    return tmp_path


def at(folder: Path) -> tuple[str, str]:
    return "--environments", str(folder)


def test_a_single_policy_is_printed_as_ram_accepts_it(cli: Cli, folder: Path) -> None:
    done = cli("deployer-policy", *at(folder), "dev")
    (expected,) = deployer_policies(load_environments(folder, ["dev"]))
    assert (done.status, done.out) == (ExitStatus.OK, f"{expected}\n")


def test_each_account_has_separate_policies(cli: Cli, folder: Path) -> None:
    done = cli("deployer-policy", *at(folder), "--json")
    printed = done.json
    assert set(printed) == {ACCOUNT, OTHER}
    expected = deployer_policies(load_environments(folder, ["dev", "prod"]))
    assert printed[ACCOUNT] == [json.loads(text) for text in expected]
    assert OTHER not in json.dumps(printed[ACCOUNT])


def test_several_policies_have_headings(cli: Cli, folder: Path) -> None:
    lines = cli("deployer-policy", *at(folder), "dev", "far").out.splitlines()
    assert lines[0::2] == [
        f"# --- account {ACCOUNT}, policy 1 of 1",
        f"# --- account {OTHER}, policy 1 of 1",
    ]
    assert all(json.loads(line)["Version"] == "1" for line in lines[1::2])


def test_an_unknown_environment_is_reported(cli: Cli, folder: Path) -> None:
    done = cli("deployer-policy", *at(folder), "prd")
    assert done.status == ExitStatus.USAGE
    assert "no file has the name 'prd'; did you mean 'prod'?" in done.err
