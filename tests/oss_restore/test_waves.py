"""``oss-restore waves``, as a pipeline calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from oss_restore.errors import ExitStatus
from tests.infra.environments import SMALL

WAVES = {"prod-b": 2, "prod-a": 2, "edge": 10, "canary": 0, "dev": None}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    defaults = {**SMALL, "backend": {"oss": {"bucket": "states"}}}
    del defaults["name"]
    (tmp_path / "_defaults.yaml").write_text(yaml.safe_dump(defaults))
    for name, wave in WAVES.items():
        own = {"name": name} | ({} if wave is None else {"wave": wave})
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(own))
    return tmp_path


def waves(folder: Path, *arguments: str, selected: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "oss_restore", "waves", *arguments],
        env={
            **os.environ,
            "OSS_RESTORE_ENVIRONMENTS": str(folder),
            "OSS_RESTORE_ENV": selected,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def names(done: subprocess.CompletedProcess[str]) -> dict[str, list[str]]:
    assert done.returncode == 0, done.stderr
    return {
        wave["name"]: [environment["environment"] for environment in wave["environments"]]
        for wave in json.loads(done.stdout)["waves"]
    }


def test_the_canary_comes_first_and_the_waves_by_number(folder: Path) -> None:
    rollout = names(waves(folder, "--json"))
    assert list(rollout.items()) == [
        ("canary", ["canary"]),
        ("wave 1", ["dev"]),
        ("wave 2", ["prod-a", "prod-b"]),
        ("wave 10", ["edge"]),
    ]


def test_an_environment_is_a_row_of_a_matrix(folder: Path) -> None:
    (wave,) = json.loads(waves(folder, "--json", "dev").stdout)["waves"]
    assert wave["environments"] == [
        {"environment": "dev", "account": SMALL["account"], "region": SMALL["region"]}
    ]


def test_only_what_is_selected_is_rolled_out(folder: Path) -> None:
    prod = {"wave 2": ["prod-a", "prod-b"]}
    assert names(waves(folder, "--json", "prod-*")) == prod
    assert names(waves(folder, "--json", selected="prod-a,prod-b")) == prod


def test_the_table_shows_the_same(folder: Path) -> None:
    shown = waves(folder).stdout
    assert shown.index("canary") < shown.index("prod-a") < shown.index("edge")


def test_an_unknown_environment_is_told(folder: Path) -> None:
    done = waves(folder, "prd-a")
    assert done.returncode == ExitStatus.USAGE
    assert "no file has the name 'prd-a'; did you mean 'prod-a'?" in done.stderr
