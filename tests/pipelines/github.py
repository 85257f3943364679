"""Runs GitHub workflows from their files: jobs, matrices, conditions, and every ``run`` line.

Whatever needs GitHub itself is simulated: the actions that the workflows use (``ACTIONS``), the
token of a job, and ``gh``, which is a recording command on the PATH.
"""

from __future__ import annotations

import fnmatch
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.pipelines.expressions import evaluated, text
from tests.pipelines.project import Project

Json = dict[str, Any]
SignIn = Callable[[str, str], Mapping[str, str]]


@dataclass
class Job:
    """The result of a job, one for each row of its matrix.

    Attributes:
        result: ``success``, ``failure`` or ``skipped``.
        outputs: the job's outputs, by name.
        log: the output of its commands.
    """

    result: str
    outputs: Json = field(default_factory=dict)
    log: str = ""


@dataclass
class Run:
    """One run of a workflow."""

    id: str
    jobs: dict[str, Job] = field(default_factory=dict)

    @property
    def results(self) -> dict[str, str]:
        return {name: job.result for name, job in self.jobs.items()}

    @property
    def log(self) -> str:
        """Return the output of all its jobs."""
        return "".join(job.log for job in self.jobs.values())

    @property
    def ok(self) -> bool:
        return "failure" not in self.results.values()


class GitHub:
    """A repository on GitHub that runs its workflows.

    Args:
        project: the project to check out.
        workdir: a folder for the jobs' files.
        sign_in: returns the environment variables of a role, by its ARN and a token's subject.
    """

    def __init__(self, project: Project, workdir: Path, sign_in: SignIn) -> None:
        self._project = project
        self._workdir = workdir
        self._sign_in = sign_in
        self._runs = 0
        self.commands: list[str] = []  # every line that was run, in order
        self.variables: dict[str, str] = {}  # of every job

    def run(self, workflow: str, event: str, *, inputs: Mapping[str, str] | None = None) -> Run:
        """Run a workflow for an event."""
        self._runs += 1
        run = Run(str(self._runs))
        github = {
            "event_name": event,
            "event": {"pull_request": {"number": 7}},
            "token": "a-token",
            "run_id": run.id,
        }
        self._jobs(workflow, run, {"github": github, "inputs": dict(inputs or {})})
        return run

    def artifact(self, run: Run | str, name: str) -> Path:
        """The folder of an artifact."""
        return self._workdir / "artifacts" / (run if isinstance(run, str) else run.id) / name

    def _jobs(self, workflow: str, run: Run, contexts: Json) -> None:
        path = self._project.path / "pipelines" / "github" / workflow
        jobs = yaml.safe_load(path.read_text())["jobs"]
        for name, job in jobs.items():
            needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
            known = {
                **contexts,
                "needs": self._needed(run, needs),
                "vars": VARIABLES,
                "secrets": SECRETS,
                "runner": {"os": "Linux"},
            }
            run.jobs[name] = self._job(name, job, needs, run, known)

    @staticmethod
    def _needed(run: Run, needs: list[str]) -> Json:
        return {
            name: {"outputs": run.jobs[name].outputs, "result": run.jobs[name].result}
            for name in needs
        }

    def _job(self, name: str, job: Json, needs: list[str], run: Run, contexts: Json) -> Job:
        if any(run.jobs[needed].result != "success" for needed in needs):
            return Job("skipped")
        if not evaluated(job.get("if", True), contexts):
            return Job("skipped")
        if "uses" in job:
            called = Run(run.id)
            given = {**contexts, "inputs": evaluated(job["with"], contexts)}
            self._jobs(Path(job["uses"]).name, called, given)
            return Job("success" if called.ok else "failure", log=called.log)
        rows = _rows(evaluated(job.get("strategy", {}).get("matrix", {}), contexts))
        done = [self._row(name, job, {**contexts, "matrix": row}) for row in rows]
        failed = any(one.result == "failure" for one in done)
        return Job(
            "failure" if failed else "success", done[-1].outputs, "".join(one.log for one in done)
        )

    def _row(self, name: str, job: Json, contexts: Json) -> Job:
        workspace = self._project.path  # replaced by the checkout
        contexts = {**contexts, "steps": {}}
        environ = {
            **self._project.environ,
            **self.variables,
            "GITHUB_REPOSITORY": "me/it",
            "GITHUB_SHA": "f00d",
        }
        own = evaluated(job.get("env", {}), contexts)
        environ.update({key: text(value) for key, value in own.items()})
        done = Job("success")
        for step in job["steps"]:
            if not evaluated(step.get("if", True), contexts):
                continue
            if "uses" in step:
                given = evaluated(step.get("with", {}), contexts)
                action = ACTIONS[step["uses"].partition("@")[0]]
                workspace = action(self, workspace, given, environ, contexts, job) or workspace
                continue
            self.commands += step["run"].splitlines()
            of_step = evaluated(step.get("env", {}), contexts)
            outputs = self._workdir / "outputs"
            outputs.write_text("")
            finished = subprocess.run(
                ["bash", "-e", "-c", step["run"]],
                cwd=workspace,
                env={
                    **environ,
                    **{key: text(value) for key, value in of_step.items()},
                    "GITHUB_OUTPUT": str(outputs),
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            done.log += f"[{name}] $ {step['run']}\n{finished.stdout}"
            if finished.returncode != 0:
                done.result = "failure"
                break
            pairs = [line.partition("=") for line in outputs.read_text().splitlines()]
            found = {key: value for key, _, value in pairs}
            contexts["steps"][step.get("id", "")] = {"outputs": found}
        done.outputs = evaluated(job.get("outputs", {}), contexts) if done.result else {}
        return done

    def checkout(self) -> Path:
        """A new clone of the project."""
        return self._project.clone(self._workdir / "checkouts")

    def sign_in(self, role: str, subject: str) -> Mapping[str, str]:
        return self._sign_in(role, subject)


def _rows(matrix: Json) -> list[Json]:
    if "include" in matrix:
        return list(matrix["include"])
    rows: list[Json] = [{}]
    for name, values in matrix.items():
        rows = [{**row, name: value} for row in rows for value in values]
    return rows


VARIABLES = {
    "OSS_RESTORE_PIPELINE_ROLE": "acs:ram::1234567890123456:role/oss-restore-pipeline",
    "OSS_RESTORE_READER_ROLE": "acs:ram::1234567890123456:role/oss-restore-pipeline-reader",
    "OSS_RESTORE_OIDC_PROVIDER": "acs:ram::1234567890123456:oidc-provider/github",
}

SECRETS = {"OSS_RESTORE_VARIABLES": '{"notify_ops_url": "https://hook.example/secret-of-ops"}'}

Action = Callable[[GitHub, Path, Json, dict[str, str], Json, Json], "Path | None"]


def _checkout(hub: GitHub, _w: Path, _g: Json, _e: dict[str, str], _c: Json, _j: Json) -> Path:
    return hub.checkout()


def _nothing(_h: GitHub, _w: Path, _g: Json, _e: dict[str, str], _c: Json, _j: Json) -> None:
    """It is on this machine."""


def _upload(hub: GitHub, space: Path, given: Json, _e: dict[str, str], c: Json, _j: Json) -> None:
    folder = hub.artifact(c["github"]["run_id"], given["name"])
    folder.mkdir(parents=True)
    shutil.copy(space / given["path"], folder)


def _download(hub: GitHub, space: Path, given: Json, _e: dict[str, str], c: Json, _j: Json) -> None:
    found = hub.artifact(given.get("run-id") or c["github"]["run_id"], "*")
    pattern = given.get("name") or given["pattern"]
    names = [p for p in found.parent.iterdir() if fnmatch.fnmatchcase(p.name, pattern)]
    assert names, pattern
    for name in names:
        shutil.copytree(name, space / given["path"], dirs_exist_ok=True)


def _sign_in(hub: GitHub, _w: Path, given: Json, environ: dict[str, str], c: Json, j: Json) -> None:
    assert j["permissions"]["id-token"] == "write"
    of = evaluated(j.get("environment"), c)
    of_pull_request = c["github"]["event_name"] == "pull_request"
    subject = "pull_request" if of_pull_request else "ref:refs/heads/main"
    subject = f"environment:{of}" if of else subject
    environ.update(hub.sign_in(given["role-to-assume"], f"repo:me/it:{subject}"))


ACTIONS: Mapping[str, Action] = {
    "actions/checkout": _checkout,
    "actions/cache": _nothing,
    "actions/setup-python": _nothing,
    "actions/setup-node": _nothing,
    "hashicorp/setup-terraform": _nothing,
    "actions/upload-artifact": _upload,
    "actions/download-artifact": _download,
    "aliyun/configure-aliyun-credentials-action": _sign_in,
}
