"""``oss-restore deployer-policy``, as somebody who prepares an account calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from infra.deployer import deployer_policies
from infra.environment import load_environments
from oss_restore.errors import ExitStatus
from tests.infra.environments import ACCOUNT, SMALL

OTHER = "6543210987654321"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    defaults = {**SMALL, "backend": {"oss": {"bucket": "states"}}}
    del defaults["name"]
    (tmp_path / "_defaults.yaml").write_text(yaml.safe_dump(defaults))
    for name, account in (("dev", ACCOUNT), ("prod", ACCOUNT), ("far", OTHER)):
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump({"name": name, "account": account}))
    return tmp_path


def deployer_policy(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "oss_restore", "deployer-policy", *arguments],
        env={**os.environ, "OSS_RESTORE_ENVIRONMENTS": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_one_policy_is_printed_as_ram_takes_it(folder: Path) -> None:
    done = deployer_policy(folder, "dev")
    (expected,) = deployer_policies(load_environments(folder, ["dev"]))
    assert (done.returncode, done.stdout) == (ExitStatus.OK, f"{expected}\n")


def test_each_account_has_policies_of_its_own(folder: Path) -> None:
    done = deployer_policy(folder, "--json")
    printed = json.loads(done.stdout)
    assert set(printed) == {ACCOUNT, OTHER}
    expected = deployer_policies(load_environments(folder, ["dev", "prod"]))
    assert printed[ACCOUNT] == [json.loads(text) for text in expected]
    assert OTHER not in json.dumps(printed[ACCOUNT])


def test_several_policies_have_headings(folder: Path) -> None:
    lines = deployer_policy(folder, "dev", "far").stdout.splitlines()
    assert lines[0::2] == [
        f"# --- account {ACCOUNT}, policy 1 of 1",
        f"# --- account {OTHER}, policy 1 of 1",
    ]
    assert all(json.loads(line)["Version"] == "1" for line in lines[1::2])


def test_an_unknown_environment_is_told(folder: Path) -> None:
    done = deployer_policy(folder, "prd")
    assert done.returncode == ExitStatus.USAGE
    assert "no file has the name 'prd'; did you mean 'prod'?" in done.stderr
