"""What ``make setup`` installs on a machine without Node and Terraform."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

from infra.bundle.build import CACHE, FUNCTIONS
from infra.bundle.packages import installed_packages
from oss_restore.cli.rehearsal.cdktf import PROJECT
from tools.toolchain import NODE_MAJORS, provide

# The programs that make, npm and cdktf call.
BASICS: Final = ("sh", "bash", "env", "dirname", "git", "uname", "sed", "cat", "ls", "rm", "mkdir")
# Nothing listens there: a call of the real registry is refused at once.
NOWHERE: Final = "http://127.0.0.1:9"


def executable(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The one folder on the PATH of a machine without Node and Terraform."""
    folder = tmp_path / "machine"
    folder.mkdir()
    for name in BASICS:
        found = next(p for p in (Path("/bin", name), Path("/usr/bin", name)) if p.exists())
        (folder / name).symlink_to(found)
    return folder


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """The folder of the project's own programs."""
    folder = tmp_path / "programs"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def node_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Node is installed, once for all tests."""
    return tmp_path_factory.mktemp("node")


def run(command: Iterable[str], *path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", " ".join(command)],
        cwd=PROJECT,
        env={"PATH": os.pathsep.join(map(str, path)), "HOME": str(path[0]), **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_first_deployment_gets_as_far_as_the_registry(
    machine: Path, programs: Path, node_home: Path, tmp_path: Path
) -> None:
    installed_packages("python3.10", FUNCTIONS, CACHE)  # the Python package index can be reached
    provide(programs, node_home, str(machine))
    (programs / "python").symlink_to(sys.executable)
    path = (programs, PROJECT / "node_modules" / ".bin", machine)

    major = re.match(r"v(\d+)", run(["node", "--version"], *path).stdout)
    assert major is not None
    assert int(major[1]) in NODE_MAJORS
    assert run(["npm", "--version"], *path).returncode == 0

    result = run(
        ["cdktf", "diff", "dev", "--output", str(tmp_path / "cdktf.out")],
        *path,
        PYTHONPATH=os.pathsep.join(filter(None, sys.path)),
        CHECKPOINT_DISABLE="1",
        CI="1",
        CDKTF_LOG_FILE_DIRECTORY=str(tmp_path),
        HTTPS_PROXY=NOWHERE,
    )
    output = " ".join((result.stdout + result.stderr).replace("│", " ").split())
    assert result.returncode != 0
    assert "execvp" not in output
    assert "aliyun/alicloud" in output
    assert "127.0.0.1:9: connect: connection refused" in output


def test_the_users_own_programs_take_precedence(
    machine: Path, programs: Path, tmp_path: Path
) -> None:
    executable(machine / "node", "echo v20.1.0")
    executable(machine / "npm", "true")
    executable(machine / "tofu", 'echo "own tofu $CHECKPOINT_DISABLE $*"')
    provide(programs, tmp_path / "node", os.pathsep.join((str(programs), str(machine))))
    assert [path.name for path in programs.iterdir()] == ["terraform"]
    assert run(["terraform", "plan"], programs, machine).stdout == "own tofu 1 plan\n"
    executable(machine / "terraform", 'echo "own terraform $*"')
    assert run(["terraform", "plan"], programs, machine).stdout == "own terraform plan\n"


def test_two_installations_do_not_call_each_other(
    machine: Path, programs: Path, tmp_path: Path
) -> None:
    executable(machine / "node", "echo v22.1.0")
    executable(machine / "npm", "true")
    others = tmp_path / "others"
    others.mkdir()
    for folder in (programs, others):
        provide(folder, tmp_path / "node", str(machine))
    result = run(["terraform", "version"], programs, others, machine)
    assert result.stdout.startswith("Terraform v")


@pytest.mark.parametrize("version", ["v18.20.0", "v24.1.0"])
def test_a_node_that_cdktf_does_not_support_is_not_used(
    machine: Path, programs: Path, node_home: Path, version: str
) -> None:
    executable(machine / "node", f"echo {version}")
    executable(machine / "npm", "true")
    provide(programs, node_home, str(machine))
    assert run(["node", "--version"], programs, machine).stdout.startswith("v22.")
