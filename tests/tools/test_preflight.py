"""The output of set-up before it begins."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from oss_restore.cli.rehearsal.cdktf import PROJECT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout before set-up."""
    (tmp_path / "tools").mkdir()
    shutil.copy(PROJECT / "tools" / "preflight.py", tmp_path / "tools")
    return tmp_path


def preflight(clone: Path, *path: Path) -> str:
    finished = subprocess.run(
        [sys.executable, clone / "tools" / "preflight.py"],
        env={"PATH": os.pathsep.join(map(str, path))},
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stdout


@pytest.mark.parametrize(
    ("version", "node"),
    [
        (None, "no Node (22 is installed into this folder)"),
        ("v22.3.0", "Node 22.3.0"),
        ("v24.1.0", "Node 24.1.0, on which cdktf fails (22 is installed into this folder)"),
    ],
)
def test_one_line_reports_the_installed_tools_and_the_expected_time(
    clone: Path, tmp_path: Path, version: str | None, node: str
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    if version is not None:
        (programs / "node").write_text(f"#!/bin/sh\necho {version}\n")
        (programs / "node").chmod(0o755)
    (line,) = preflight(clone, programs).splitlines()
    assert re.match(rf"Python 3\.\S+, {re.escape(node)}, \d+ GiB free; set-up takes ", line)


def test_nothing_is_printed_where_everything_is_set_up(clone: Path, tmp_path: Path) -> None:
    (clone / "node_modules").mkdir()
    (clone / "node_modules" / ".installed").touch()
    assert preflight(clone, tmp_path) == ""
