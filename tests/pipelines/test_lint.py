"""Checks of the pipelines' files without their forges.

check-jsonschema contains the published schemas of GitHub and GitLab. Atlantis and Flow have none
that can be used offline: their files are checked by the keys in their documentation.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from oss_restore.cli.rehearsal.cdktf import PROJECT

PIPELINES = PROJECT / "pipelines"
GITHUB = sorted((PIPELINES / "github").glob("*.yml"))
GITLAB = PIPELINES / "gitlab" / ".gitlab-ci.yml"
ATLANTIS = PIPELINES / "atlantis"
FLOW = PIPELINES / "flow" / "pipeline.yml"
YAML_RULES = (
    "{extends: default, rules: {line-length: {max: 120}, document-start: disable,"
    " truthy: {check-keys: false}, comments: {min-spaces-from-content: 1}}}"
)


def passes(*command: str | Path) -> None:
    """Run a linter of this environment, which must find nothing."""
    program = Path(sys.executable).parent / command[0]
    done = subprocess.run(
        [program, *command[1:]],
        cwd=PIPELINES,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_shellcheck_finds_nothing_in_the_script() -> None:
    passes("shellcheck", "deploy.sh")


def test_every_file_is_valid_yaml() -> None:
    passes("yamllint", "--strict", "--config-data", YAML_RULES, ".", GITLAB)


def test_the_workflows_match_githubs_schema() -> None:
    passes("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *GITHUB)


def test_the_workflows_are_safe() -> None:
    """No expressions in scripts, no unused permissions, nothing unpinned."""
    passes("zizmor", "--offline", "--min-severity", "medium", *GITHUB)


@pytest.mark.parametrize("path", GITHUB, ids=lambda path: path.name)
def test_an_action_is_pinned_to_a_commit_with_its_release(path: Path) -> None:
    for line in re.findall(r"uses: (?!\./)(.+)", path.read_text()):
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_gitlabs_file_matches_its_schema() -> None:
    passes("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", GITLAB)


def loaded(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text()))


def test_atlantis_files_have_only_known_keys() -> None:
    repository = loaded(ATLANTIS / "atlantis.yaml")
    assert set(repository) <= {"version", "abort_on_execution_order_fail", "projects"}
    assert repository["version"] == 3
    for project in repository["projects"]:
        known = {"name", "dir", "workflow", "execution_order_group", "autoplan"}
        assert set(project) <= known
    server = loaded(ATLANTIS / "repos.yaml")
    assert set(server) == {"repos", "workflows"}
    (repos,) = server["repos"]
    assert set(repos) <= {
        *("id", "branch", "plan_requirements", "apply_requirements", "allowed_overrides"),
        *("allowed_workflows", "workflow", "pre_workflow_hooks"),
    }
    assert set(repos["apply_requirements"]) <= {"approved", "mergeable", "undiverged"}
    assert [project["workflow"] for project in repository["projects"]] == [repos["workflow"]]
    assert set(server["workflows"]) == {repos["workflow"]}
    for stage in server["workflows"]["oss-restore"].values():
        assert all(set(step) == {"run"} for step in stage["steps"])


def test_flows_file_has_only_known_keys() -> None:
    pipeline = loaded(FLOW)
    assert set(pipeline) == {"name", "sources", "stages"}
    for stage in pipeline["stages"].values():
        assert set(stage) == {"name", "jobs"}
        for job in stage["jobs"].values():
            if "component" in job:
                assert job["component"] == "ManualValidate"
                assert set(job) == {"name", "component", "with"}
            else:
                assert set(job) == {"name", "runsOn", "steps"}
                assert {step["step"] for step in job["steps"].values()} <= {
                    "Command",
                    "ArtifactUpload",
                }
    (named,) = re.findall(r"\$\[stages\.(\w+)\.(\w+)\.(\w+)\.artifacts\.(\w+)", FLOW.read_text())
    stage, job, step, artifact = named
    upload = pipeline["stages"][stage]["jobs"][job]["steps"][step]
    assert upload["with"]["artifact"] == artifact
