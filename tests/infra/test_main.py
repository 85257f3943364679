"""``python -m infra``, as the cdktf command line runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.infra.environments import write

PROJECT = Path(__file__).parent.parent.parent


def synthesize(folder: Path, project: Path = PROJECT, **environ: str) -> tuple[int, str, Path]:
    """Exit code, what was said, and the folder that was to be written."""
    out = folder / "cdktf.out"
    done = subprocess.run(
        [sys.executable, "-m", "infra"],
        cwd=project,
        env={
            **os.environ,
            "OSS_RESTORE_ENVIRONMENTS": str(folder),
            "CDKTF_OUTDIR": str(out),
            **environ,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr, out


def test_environments_become_stacks(tmp_path: Path) -> None:
    write(tmp_path)
    code, said, out = synthesize(tmp_path)
    assert (code, said) == (0, "")
    assert (out / "stacks" / "dev" / "cdk.tf.json").is_file()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"region": "cn-hangzou"},
            "dev.yaml:3: region: unknown region 'cn-hangzou'; did you mean 'cn-hangzhou'?",
        ),
        ({"bukets": []}, "dev.yaml:9: bukets: unknown field; did you mean 'buckets'?"),
    ],
)
def test_bad_input_is_one_message_and_nothing_is_written(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    write(tmp_path, **changes)
    code, said, out = synthesize(tmp_path)
    assert (code, said) == (1, f"{tmp_path}/{message}\n")
    assert not out.exists()


def test_a_folder_without_environments_is_one_message(tmp_path: Path) -> None:
    code, said, out = synthesize(tmp_path)
    assert (code, said) == (1, f"{tmp_path}: no environment file (*.yaml) here\n")
    assert not out.exists()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what a synthesis needs, to be broken."""
    copied = tmp_path / "project"
    for room in ("infra", "functions", "flow_templates", "fdl"):
        shutil.copytree(PROJECT / room, copied / room)
    return copied


def test_a_broken_template_is_one_message_and_nothing_is_written(
    tmp_path: Path, project: Path
) -> None:
    write(tmp_path)
    path = project / "flow_templates" / "restoreFlow.yaml.j2"
    path.write_text(path.read_text().replace("type: foreach", "type: forall"))
    code, said, out = synthesize(tmp_path, project)
    assert code == 1
    assert said.startswith("restoreFlow.yaml.j2, rendered line ")
    assert "Traceback" not in said
    assert not out.exists()


def test_packages_that_cannot_be_had_are_one_message(tmp_path: Path, project: Path) -> None:
    write(tmp_path)
    code, said, out = synthesize(
        tmp_path, project, UV_OFFLINE="1", UV_CACHE_DIR=str(tmp_path / "uv")
    )
    assert code == 1
    assert "cannot be installed for python3.10" in said
    assert "Traceback" not in said
    assert not out.exists()
