"""The app of many environments, whole: stacks and bundle in one folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from infra.app import build_app
from infra.bundle import checksum
from infra.flows import TEMPLATES, InvalidFlowError
from tests.infra.environments import environment


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_two_syntheses_of_everything_are_the_same_to_the_byte(tmp_path: Path) -> None:
    environments = [environment(), environment(name="prod")]
    for name in ("one", "two"):
        build_app(environments, tmp_path / name).synth()
    found = files(tmp_path / "one")
    assert found == files(tmp_path / "two")
    assert found.keys() >= {
        "functions-python3.10.zip",
        "manifest.json",
        "stacks/dev/cdk.tf.json",
        "stacks/prod/cdk.tf.json",
    }


def test_the_bundle_that_the_stacks_name_is_there(tmp_path: Path) -> None:
    build_app([environment()], tmp_path).synth()
    stack = json.loads((tmp_path / "stacks" / "dev" / "cdk.tf.json").read_text())
    for function in stack["resource"]["alicloud_fc_function"].values():
        content = (tmp_path / "stacks" / "dev" / function["filename"]).read_bytes()
        assert function["code_checksum"] == checksum(content)


def test_a_broken_flow_leaves_nothing_behind(tmp_path: Path) -> None:
    templates = Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))
    (templates / "awaitFlow.yaml.j2").write_text("steps: []\n")
    with pytest.raises(InvalidFlowError):
        build_app([environment()], tmp_path / "out", templates=templates)
    assert not (tmp_path / "out").exists()
