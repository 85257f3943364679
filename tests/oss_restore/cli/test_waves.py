"""``oss-restore waves``, as a pipeline calls it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from oss_restore.errors import ExitStatus
from tests.infra.environments import SMALL
from tests.oss_restore.conftest import Cli, Finished

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


def at(folder: Path) -> tuple[str, str]:
    return "--environments", str(folder)


def names(done: Finished) -> dict[str, list[str]]:
    assert done.status == 0, done.err
    return {
        wave["name"]: [environment["environment"] for environment in wave["environments"]]
        for wave in done.json["waves"]
    }


def test_the_canary_comes_first_and_waves_are_ordered_by_number(cli: Cli, folder: Path) -> None:
    rollout = names(cli("waves", *at(folder), "--json"))
    assert list(rollout.items()) == [
        ("canary", ["canary"]),
        ("wave 1", ["dev"]),
        ("wave 2", ["prod-a", "prod-b"]),
        ("wave 10", ["edge"]),
    ]


def test_an_environment_is_a_row_of_a_matrix(cli: Cli, folder: Path) -> None:
    (wave,) = cli("waves", *at(folder), "--json", "dev").json["waves"]
    assert wave["environments"] == [
        {"environment": "dev", "account": SMALL["account"], "region": SMALL["region"]}
    ]


def test_only_selected_environments_are_rolled_out(
    cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prod = {"wave 2": ["prod-a", "prod-b"]}
    assert names(cli("waves", *at(folder), "--json", "prod-*")) == prod
    monkeypatch.setenv("OSS_RESTORE_ENV", "prod-a,prod-b")
    assert names(cli("waves", *at(folder), "--json")) == prod


def test_the_table_has_the_same_order(cli: Cli, folder: Path) -> None:
    shown = cli("waves", *at(folder)).out
    assert shown.index("canary") < shown.index("prod-a") < shown.index("edge")


def test_an_unknown_environment_is_reported(cli: Cli, folder: Path) -> None:
    done = cli("waves", *at(folder), "prd-a")
    assert done.status == ExitStatus.USAGE
    assert "no file has the name 'prd-a'; did you mean 'prod-a'?" in done.err
