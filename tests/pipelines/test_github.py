"""The workflows for GitHub, run step by step, deploying into a bootstrapped account."""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import pytest
from alibabacloud_fnf20190315 import models

from infra.model.names import FLOWS
from localcloud.errors import AccessDeniedError
from oss_restore.clients.target import local_target
from oss_restore.clients.workflow import WorkflowClient
from tests.pipelines.conftest import WAVES, Scene
from tests.pipelines.github import VARIABLES, Run

PIPELINE, READER = (VARIABLES[f"OSS_RESTORE_{kind}_ROLE"] for kind in ("PIPELINE", "READER"))


@dataclass
class Rollout:
    """A change on its way to production: each run continues where the previous one has ended."""

    scene: Scene

    @cached_property
    def planned(self) -> Run:
        """The pull request."""
        run = self.scene.hub.run("plan.yml", "pull_request")
        assert run.ok, run.log
        assert run.results == {"synth": "success", "plan": "success", "comment": "success"}
        # That the cdktf command synthesizes has been seen.
        self.scene.hub.variables["SYNTH_WITHOUT_NODE"] = "1"
        return run

    @cached_property
    def stopped(self) -> Run:
        """The merge, while the canary's bucket is missing."""
        self.scene.review(self.planned.id)
        return self.scene.hub.run("apply.yml", "push")

    @cached_property
    def applied(self) -> Run:
        """The rest of the rollout once the bucket exists: planned again, and started by hand."""
        for name in WAVES:
            self.scene.bucket(f"{name}-data").create_bucket()
        again = self.scene.hub.run("plan.yml", "workflow_dispatch")
        assert again.ok, again.log
        assert again.results["comment"] == "skipped"
        return self.scene.hub.run("apply.yml", "workflow_dispatch", inputs={"run": again.id})


@pytest.mark.long
def test_a_change_is_planned_reviewed_and_rolled_out(
    scene: Scene, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    rollout = Rollout(scene)
    for chapter in CHAPTERS:
        with subtests.test(chapter.__name__):
            chapter(rollout, tmp_path)


def flows(scene: Scene) -> dict[str, list[str]]:
    """Return the deployed flows, by environment."""
    found = scene.cloud.control.resources().get("flows", [])
    return {name: [flow for flow in found if flow.endswith(f"-{name}")] for name in WAVES}


def a_pull_request_gets_every_plan_as_a_comment_and_changes_nothing(
    rollout: Rollout, _folder: Path
) -> None:
    assert rollout.planned
    assert flows(rollout.scene) == {"canary": [], "prod": []}
    headings = re.findall(r"^### (.+)$", rollout.scene.comment, re.MULTILINE)
    assert headings == ["canary", "prod"]
    plans = re.findall(
        r"^Plan: (\d+) to add, 0 to change, 0 to destroy\.$", rollout.scene.comment, re.MULTILINE
    )
    assert len(plans) == 2
    assert min(map(int, plans)) > 10
    calls = rollout.scene.gh_log.read_text().splitlines()
    assert calls[0].startswith("pr comment 7 --edit-last --create-if-none --body-file ")


def a_plan_is_stored_completely_and_without_keys(rollout: Rollout, tmp_path: Path) -> None:
    for name in WAVES:
        with tarfile.open(
            rollout.scene.hub.artifact(rollout.planned, f"plan-{name}") / f"plan-{name}.tgz"
        ) as tar:
            assert {"tfplan", "tfplan.json", "tfplan.txt"} <= set(tar.getnames())
            tar.extractall(tmp_path / name, filter="data")
        with zipfile.ZipFile(tmp_path / name / "tfplan") as plan:
            parts = {part: plan.read(part) for part in plan.namelist()}
        assert "my-states" in str(parts)
        assert not [part for part, body in parts.items() if b"STS." in body]


def a_smoke_run_that_fails_stops_the_rollout(rollout: Rollout, _folder: Path) -> None:
    assert rollout.stopped.results == {
        "find": "success",
        "wave-1": "failure",
        "wave-2": "skipped",
        "wave-3": "skipped",
        "wave-4": "skipped",
    }
    assert "✘ dry run over oss://canary-data/: smoke-run-" in rollout.stopped.jobs["wave-1"].log
    assert "NoSuchBucket" in rollout.stopped.jobs["wave-1"].log
    assert len(flows(rollout.scene)["canary"]) == len(FLOWS)
    assert flows(rollout.scene)["prod"] == []


def the_plans_that_were_reviewed_are_found_by_the_commit_that_was_merged(
    rollout: Rollout, _folder: Path
) -> None:
    assert rollout.stopped
    calls = rollout.scene.gh_log.read_text()
    assert "api repos/me/it/commits/f00d/pulls" in calls
    assert "run list --workflow plan.yml --commit reviewed-commit --status success" in calls


def every_wave_is_applied_and_tested(rollout: Rollout, _folder: Path) -> None:
    assert rollout.applied.ok, rollout.applied.log
    assert rollout.applied.results == {
        "find": "success",
        "wave-1": "success",
        "wave-2": "success",
        "wave-3": "skipped",
        "wave-4": "skipped",
    }
    assert {name: len(found) for name, found in flows(rollout.scene).items()} == {
        "canary": len(FLOWS),
        "prod": len(FLOWS),
    }
    assert "No changes" not in rollout.applied.jobs["wave-2"].log
    assert "✔ ledger oss://oss-restore-" in rollout.applied.jobs["wave-2"].log


def every_state_is_in_the_bootstrapped_bucket(rollout: Rollout, _folder: Path) -> None:
    assert rollout.applied
    keys = {item.key for item in rollout.scene.bucket("my-states").list_objects_v2().object_list}
    assert keys == {f"oss-restore/{name}/terraform.tfstate" for name in WAVES}


def the_steps_are_those_of_the_script_in_their_order(rollout: Rollout, _folder: Path) -> None:
    assert rollout.applied
    steps = [line for line in rollout.scene.hub.commands if line.startswith("pipelines/deploy.sh ")]
    names = [re.split(r"\s", line)[1] for line in steps]
    assert names == [
        *("synth", "setup", "plan", "check", "setup", "plan", "check", "comment"),
        *("setup", "setup", "apply", "smoke"),
        *("synth", "setup", "plan", "check", "setup", "plan", "check"),
        *("setup", "setup", "apply", "smoke", "setup", "apply", "smoke"),
    ]


def drift_is_a_manual_change(rollout: Rollout, _folder: Path) -> None:
    assert rollout.applied
    client = WorkflowClient(local_target(rollout.scene.cloud.endpoints))._client
    changed = models.UpdateFlowRequest(
        name="oss-restore-awaitFlow-prod", description="Mine", type="FDL"
    )
    client.update_flow(changed)
    run = rollout.scene.hub.run("drift.yml", "schedule")
    assert run.results == {"drift": "failure"}
    canary, _, prod = run.log.partition("--- drift_one prod")
    assert "No changes." in canary
    assert "0 to add, 1 to change, 0 to destroy." in prod
    assert prod.strip().endswith("deploy.sh: not what their files say: prod")


def a_plan_of_other_files_is_not_applied(rollout: Rollout, _folder: Path) -> None:
    assert rollout.applied
    rollout.scene.project.path.joinpath("README.md").write_text(
        "Something else was merged meanwhile."
    )
    rollout.scene.project.commit()
    refused = rollout.scene.hub.run(
        "apply.yml", "workflow_dispatch", inputs={"run": rollout.planned.id}
    )
    assert refused.results["wave-1"] == "failure"
    message = "the plan of canary was made from other files than these: plan again"
    assert message in refused.jobs["wave-1"].log


def a_plan_that_breaks_a_rule_goes_no_further(rollout: Rollout, _folder: Path) -> None:
    assert rollout.applied
    source = rollout.scene.project.path / "infra" / "policies" / "runtime.py"
    source.write_text(source.read_text().replace('"oss:RestoreObject"', '"oss:*"'))
    rollout.scene.project.commit()
    rollout.scene.hub.variables["OSS_RESTORE_ENV"] = "canary"
    run = rollout.scene.hub.run("plan.yml", "pull_request")
    assert run.results == {"synth": "success", "plan": "failure", "comment": "skipped"}
    assert "alicloud_ram_policy.functions_policy: allows 'oss:*'" in run.jobs["plan"].log
    assert not rollout.scene.hub.artifact(run, "plan-canary").exists()


def a_token_of_another_repository_is_refused(rollout: Rollout, _folder: Path) -> None:
    with pytest.raises(AccessDeniedError):
        rollout.scene.hub.sign_in(PIPELINE, "repo:somebody/else:environment:prod")
    with pytest.raises(AccessDeniedError):
        rollout.scene.hub.sign_in(READER, "repo:somebody/else:pull_request")


def a_branch_that_names_its_own_environment_does_not_deploy(
    rollout: Rollout, _folder: Path
) -> None:
    """GitHub creates an environment, without reviewers, as soon as a workflow names it."""
    for subject in ("environment:mine", "pull_request", "ref:refs/heads/main"):
        with pytest.raises(AccessDeniedError):
            rollout.scene.hub.sign_in(PIPELINE, f"repo:me/it:{subject}")


def the_planning_role_cannot_deploy(rollout: Rollout, _folder: Path) -> None:
    hub = rollout.scene.hub
    checkout = hub.checkout()
    shutil.copytree(hub.artifact(rollout.planned, "synth"), checkout / "build" / "pipeline")
    for name in WAVES:
        plan = hub.artifact(rollout.planned, f"plan-{name}")
        shutil.copytree(plan, checkout / "build" / "pipeline", dirs_exist_ok=True)
    done = subprocess.run(
        ["pipelines/deploy.sh", "apply", "canary"],
        cwd=checkout,
        env={**rollout.scene.project.environ, **hub.sign_in(READER, "repo:me/it:pull_request")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "AccessDenied" in done.stdout + done.stderr or "NoPermission" in done.stderr
    assert flows(rollout.scene)["canary"] == []


def secret_values_are_left_in_no_folder(rollout: Rollout, _folder: Path) -> None:
    assert rollout.planned
    left = list(rollout.scene.project.path.parent.rglob("given.auto.tfvars.json"))
    assert left == []


CHAPTERS: Final = (
    a_pull_request_gets_every_plan_as_a_comment_and_changes_nothing,
    a_plan_is_stored_completely_and_without_keys,
    secret_values_are_left_in_no_folder,
    the_planning_role_cannot_deploy,
    a_branch_that_names_its_own_environment_does_not_deploy,
    a_smoke_run_that_fails_stops_the_rollout,
    the_plans_that_were_reviewed_are_found_by_the_commit_that_was_merged,
    every_wave_is_applied_and_tested,
    every_state_is_in_the_bootstrapped_bucket,
    the_steps_are_those_of_the_script_in_their_order,
    drift_is_a_manual_change,
    a_plan_of_other_files_is_not_applied,
    a_plan_that_breaks_a_rule_goes_no_further,
    a_token_of_another_repository_is_refused,
)
