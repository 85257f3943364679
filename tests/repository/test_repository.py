"""The repository's own files: its workflows, forms and pins."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from oss_restore.cli.rehearsal.cdktf import PROJECT
from tools.toolchain import NODE_MAJORS

WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
FORMS = [PROJECT / ".github" / "ISSUE_TEMPLATE" / name for name in ("bug.yml", "feature.yml")]


def passes(*command: str | Path) -> None:
    """Run a linter of this environment, which must find nothing."""
    program = Path(sys.executable).parent / command[0]
    done = subprocess.run(
        [program, *command[1:]], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-workflows", WORKFLOWS),
        ("github-issue-forms", FORMS),
        ("github-issue-config", [PROJECT / ".github" / "ISSUE_TEMPLATE" / "config.yml"]),
        ("renovate", [PROJECT / "renovate.json"]),
    ],
)
def test_a_file_matches_its_schema(schema: str, files: list[Path]) -> None:
    passes("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)


def test_the_workflows_are_safe() -> None:
    """No expressions in scripts, no unused permissions, nothing unpinned."""
    passes("zizmor", "--offline", "--min-severity", "medium", *WORKFLOWS)


def test_an_action_is_pinned_alike_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for path in (*WORKFLOWS, *(PROJECT / "pipelines" / "github").glob("*.yml")):
        for action, pin in re.findall(r"uses: ([\w-]+/[\w-]+)@(.+)", path.read_text()):
            pins.setdefault(action, set()).add(pin)
    assert {action: found for action, found in pins.items() if len(found) > 1} == {}


def project() -> dict[str, Any]:
    return dict(tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"])


def test_ci_tests_every_supported_python() -> None:
    jobs = yaml.safe_load((PROJECT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    matrix = jobs["test"]["strategy"]["matrix"]
    pythons = [f"Programming Language :: Python :: {version}" for version in matrix["python"]]
    assert set(pythons) <= set(project()["classifiers"])
    assert project()["requires-python"] == f">={matrix['python'][0]}"
    own = (PROJECT / ".python-version").read_text().strip()
    assert own in matrix["python"]
    nodes = {*matrix["node"], *(row["node"] for row in matrix["include"])}
    assert {int(node) for node in nodes} == {min(NODE_MAJORS), max(NODE_MAJORS)}
    assert (PROJECT / ".nvmrc").read_text().strip() in nodes


def test_the_makefile_has_the_uv_that_is_locked() -> None:
    (pinned,) = re.findall(
        r"^UV_VERSION := (.+)$", (PROJECT / "Makefile").read_text(), re.MULTILINE
    )
    assert f"uv=={pinned}" in project()["optional-dependencies"]["deploy"]


def test_states_and_plans_are_not_committed() -> None:
    names = ["state/dev.tfstate", "dist/x.whl", "tfplan", "terraform.dev.tfstate.backup"]
    ignored = subprocess.run(
        ["git", "check-ignore", "--no-index", *names],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ignored.stdout.splitlines() == names
