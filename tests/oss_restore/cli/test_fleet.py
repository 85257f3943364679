"""``list --all`` and ``doctor --all``: one failing environment does not hide the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import oss2
import pytest
import yaml

from infra.version import VERSION
from oss_restore.clients.fleet import Member
from oss_restore.errors import ExitStatus
from tests.oss_restore.clients.test_context import changed
from tests.oss_restore.conftest import Cli, Finished
from tests.site import ENVIRONMENT, QUICK, Site, archived


@pytest.fixture
def folder(site: Site, tmp_path: Path) -> Path:
    """Return a folder with a deployed environment, a missing one and a wrong file."""
    changed(site, tmp_path)
    document = yaml.safe_load((tmp_path / f"{ENVIRONMENT}.yaml").read_text())
    state = {"local": {"path": str(tmp_path / "nosuch.tfstate")}}
    other = {**document, "name": "missing", "account": "6543210987654321", "backend": state}
    (tmp_path / "missing.yaml").write_text(yaml.safe_dump(other))
    (tmp_path / "wrong.yaml").write_text("name: wrong\nregion: nowhere\n")
    return tmp_path


def everywhere(site: Site, folder: Path) -> tuple[str, ...]:
    return ("--all", "--environments", str(folder), "--cloud", str(site.endpoints_file))


def by_name(finished: Finished) -> dict[str, dict[str, Any]]:
    return {found["environment"]: found for found in finished.json["environments"]}


def test_the_last_run_of_every_environment_is_listed(
    site: Site, bucket: oss2.Bucket, folder: Path, cli: Cli
) -> None:
    site.fill(archived(3))
    run = site.run(**QUICK).execution.name
    place = everywhere(site, folder)
    listed = cli("list", *place)
    assert listed.status == ExitStatus.REFUSED
    heading, *rows = (line.split() for line in listed.out.splitlines())
    assert heading[:4] == ["environment", "account", "region", "version"]
    assert [row[0] for row in rows] == [ENVIRONMENT, "missing", "wrong"]
    assert rows[0][3:6] == [VERSION, run, "Succeeded"]
    assert "missing: Serverless Workflow refused the call: FlowNotExists" in listed.err
    assert "wrong.yaml:2: region" in listed.err

    found = cli("list", *place, "--json")
    assert found.status == ExitStatus.REFUSED
    assert found.json["version"] == VERSION
    environments = by_name(found)
    assert environments[ENVIRONMENT]["error"] is None
    assert environments[ENVIRONMENT]["version"] == VERSION
    assert [one["run"] for one in environments[ENVIRONMENT]["runs"]] == [run]
    assert "FlowNotExists" in environments["missing"]["error"]


def test_every_deployment_is_checked(
    site: Site, bucket: oss2.Bucket, folder: Path, cli: Cli
) -> None:
    place = everywhere(site, folder)
    checked = cli("doctor", *place)
    assert checked.status == ExitStatus.REFUSED
    rows = [line.split() for line in checked.out.splitlines()[:4]]
    assert rows[0][4:] == ["ok", "warn", "fail"]
    assert rows[1][0] == ENVIRONMENT
    assert rows[1][4:] == ["9", "0", "0"]
    assert "missing: fail  credentials" in checked.out
    assert f"{ENVIRONMENT}: " not in checked.out
    assert "wrong.yaml:2: region" in checked.err

    found = by_name(cli("doctor", *place, "--json"))
    assert {check["state"] for check in found[ENVIRONMENT]["checks"]} == {"ok"}
    assert found["missing"]["account"] == "6543210987654321"
    assert "checks" not in found["wrong"]


def test_the_exit_code_is_0_when_all_environments_are_sound(
    site: Site, bucket: oss2.Bucket, tmp_path: Path, cli: Cli
) -> None:
    place = everywhere(site, changed(site, tmp_path))
    assert cli("list", *place).status == ExitStatus.OK
    assert cli("doctor", *place).status == ExitStatus.OK


@pytest.mark.parametrize("command", ["list", "doctor"])
def test_the_option_all_contradicts_a_named_environment(
    command: str, tmp_path: Path, cli: Cli
) -> None:
    refused = cli(command, "dev", "--all", "--environments", str(tmp_path))
    assert refused.status == ExitStatus.USAGE
    assert "--all is for all environments" in refused.err
    empty = cli(command, "--all", "--environments", str(tmp_path))
    assert empty.status == ExitStatus.USAGE
    assert "no environment file" in empty.err


@pytest.mark.parametrize(
    ("deployed", "expected"), [("", ""), (VERSION, VERSION), ("0.0.1", f"0.0.1, here {VERSION}")]
)
def test_a_deployed_version_that_differs_from_this_one_is_reported(
    deployed: str, expected: str
) -> None:
    assert Member[None]("dev", deployed_version=deployed).version_text == expected
