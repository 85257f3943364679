"""The files that are never committed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "path",
    [
        "state/dev.tfstate",
        "state/dev.tfstate.backup",
        "bootstrap/1234567890123456/terraform.tfstate",
        "terraform.dev.tfstate",
        "tfplan",
        "tfplan.json",
        "dev.tfplan",
        "plan-dev.tgz",
        "secrets.auto.tfvars.json",
        "cloud.json",
        "my-endpoints.json",
    ],
)
def test_files_with_secrets_are_ignored(path: str) -> None:
    assert git("check-ignore", path).returncode == 0


def test_no_ignored_file_is_tracked() -> None:
    assert git("ls-files", "--cached", "--ignored", "--exclude-standard").stdout == ""
