"""The workflows for GitHub, run step by step as their files say, into a bootstrapped account.

The tests of this file are one story, in its order.
"""

from __future__ import annotations

import re
import tarfile
import zipfile
from pathlib import Path

import pytest
from alibabacloud_fnf20190315 import models

from infra.names import FLOWS
from localcloud.errors import AccessDeniedError
from oss_restore.target import local_target
from oss_restore.workflow import Workflow
from tests.pipelines.conftest import WAVES, Scene
from tests.pipelines.github import Run

pytestmark = [pytest.mark.xdist_group("pipelines"), pytest.mark.story]


@pytest.fixture(scope="module")
def planned(scene: Scene) -> Run:
    """The pull request."""
    run = scene.hub.run("plan.yml", "pull_request")
    assert run.ok, run.log
    assert run.results == {"synth": "success", "plan": "success", "comment": "success"}
    return run


@pytest.fixture(scope="module")
def stopped(scene: Scene, planned: Run) -> Run:
    """The merge, while the canary's bucket is missing."""
    scene.review(planned.id)
    return scene.hub.run("apply.yml", "push")


@pytest.fixture(scope="module")
def applied(scene: Scene, stopped: Run) -> Run:
    """What goes on once the bucket is there: planned again, and started by hand."""
    for name in WAVES:
        scene.bucket(f"{name}-data").create_bucket()
    again = scene.hub.run("plan.yml", "workflow_dispatch")
    assert again.ok, again.log
    assert again.results["comment"] == "skipped"
    return scene.hub.run("apply.yml", "workflow_dispatch", inputs={"run": again.id})


def flows(scene: Scene) -> dict[str, list[str]]:
    """The deployed flows, by environment."""
    found = scene.cloud.control.resources().get("flows", [])
    return {name: [flow for flow in found if flow.endswith(f"-{name}")] for name in WAVES}


def test_a_pull_request_gets_every_plan_as_a_comment_and_changes_nothing(
    scene: Scene, planned: Run
) -> None:
    assert flows(scene) == {"canary": [], "prod": []}
    headings = re.findall(r"^### (.+)$", scene.comment, re.MULTILINE)
    assert headings == ["canary", "prod"]
    assert scene.comment.count("Plan: 19 to add, 0 to change, 0 to destroy.") == 2
    asked = scene.gh_log.read_text().splitlines()
    assert asked[0].startswith("pr comment 7 --edit-last --create-if-none --body-file ")


def test_a_plan_is_kept_whole_and_without_keys(scene: Scene, planned: Run, tmp_path: Path) -> None:
    for name in WAVES:
        with tarfile.open(scene.hub.artifact(planned, f"plan-{name}") / f"plan-{name}.tgz") as tar:
            assert {"tfplan", "tfplan.json", "tfplan.txt"} <= set(tar.getnames())
            tar.extractall(tmp_path / name, filter="data")
        with zipfile.ZipFile(tmp_path / name / "tfplan") as plan:
            parts = {part: plan.read(part) for part in plan.namelist()}
        assert "my-states" in str(parts)
        assert not [part for part, body in parts.items() if b"STS." in body]


def test_a_smoke_run_that_fails_stops_the_rollout(scene: Scene, stopped: Run) -> None:
    assert stopped.results == {
        "find": "success",
        "wave-1": "failure",
        "wave-2": "skipped",
        "wave-3": "skipped",
        "wave-4": "skipped",
    }
    assert "✘ dry run over oss://canary-data/: smoke-run-" in stopped.jobs["wave-1"].log
    assert "NoSuchBucket" in stopped.jobs["wave-1"].log
    assert len(flows(scene)["canary"]) == len(FLOWS)
    assert flows(scene)["prod"] == []


def test_the_plans_that_were_reviewed_are_found_by_the_commit_that_was_merged(
    scene: Scene, stopped: Run
) -> None:
    asked = scene.gh_log.read_text()
    assert "api repos/me/it/commits/f00d/pulls" in asked
    assert "run list --workflow plan.yml --commit reviewed-commit --status success" in asked


def test_every_wave_is_applied_and_proved(scene: Scene, applied: Run) -> None:
    assert applied.ok, applied.log
    assert applied.results == {
        "find": "success",
        "wave-1": "success",
        "wave-2": "success",
        "wave-3": "skipped",
        "wave-4": "skipped",
    }
    assert {name: len(found) for name, found in flows(scene).items()} == {
        "canary": len(FLOWS),
        "prod": len(FLOWS),
    }
    assert "No changes" not in applied.jobs["wave-2"].log
    assert "✔ ledger oss://oss-restore-" in applied.jobs["wave-2"].log


def test_the_state_of_each_is_in_the_bootstrapped_bucket(scene: Scene, applied: Run) -> None:
    keys = {item.key for item in scene.bucket("my-states").list_objects_v2().object_list}
    assert keys == {f"oss-restore/{name}/terraform.tfstate" for name in WAVES}


def test_the_steps_are_those_of_the_script_in_their_order(scene: Scene, applied: Run) -> None:
    steps = [line for line in scene.hub.commands if line.startswith("pipelines/deploy.sh ")]
    names = [re.split(r"\s", line)[1] for line in steps]
    assert names == [
        *("synth", "setup", "plan", "check", "setup", "plan", "check", "comment"),
        *("setup", "setup", "apply", "smoke"),
        *("synth", "setup", "plan", "check", "setup", "plan", "check"),
        *("setup", "setup", "apply", "smoke", "setup", "apply", "smoke"),
    ]


def test_drift_is_what_somebody_has_changed_by_hand(scene: Scene, applied: Run) -> None:
    client = Workflow(local_target(scene.cloud.endpoints))._client
    changed = models.UpdateFlowRequest(
        name="oss-restore-awaitFlow-prod", description="Mine", type="FDL"
    )
    client.update_flow(changed)
    run = scene.hub.run("drift.yml", "schedule")
    assert run.results == {"drift": "failure"}
    canary, _, prod = run.log.partition("--- drift_one prod")
    assert "No changes." in canary
    assert "0 to add, 1 to change, 0 to destroy." in prod
    assert prod.strip().endswith("deploy.sh: not what their files say: prod")


def test_a_plan_of_other_files_is_not_applied(scene: Scene, planned: Run, applied: Run) -> None:
    scene.project.path.joinpath("README.md").write_text("Something else was merged meanwhile.")
    scene.project.commit()
    refused = scene.hub.run("apply.yml", "workflow_dispatch", inputs={"run": planned.id})
    assert refused.results["wave-1"] == "failure"
    told = "the plan of canary was made from other files than these: plan again"
    assert told in refused.jobs["wave-1"].log


def test_a_plan_that_breaks_a_rule_goes_no_further(scene: Scene, applied: Run) -> None:
    source = scene.project.path / "infra" / "policies.py"
    source.write_text(source.read_text().replace('"oss:RestoreObject"', '"oss:*"'))
    scene.project.commit()
    scene.hub.variables["OSS_RESTORE_ENV"] = "canary"
    run = scene.hub.run("plan.yml", "pull_request")
    assert run.results == {"synth": "success", "plan": "failure", "comment": "skipped"}
    assert "alicloud_ram_policy.functions_policy: allows 'oss:*'" in run.jobs["plan"].log
    assert not scene.hub.artifact(run, "plan-canary").exists()


def test_a_token_of_another_repository_is_for_nothing(scene: Scene) -> None:
    with pytest.raises(AccessDeniedError):
        scene.hub.sign_in("repo:somebody/else:pull_request")
