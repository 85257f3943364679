"""The files for other forges run the same steps of the same script, in the same order.

Of GitLab, the jobs are checked with what they extend; of Flow, the lines of its Command steps; of
Atlantis, the hook and the steps of its workflow. The tests of the GitHub workflows test the steps
themselves.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from oss_restore.cli.rehearsal.cdktf import PROJECT
from tests.pipelines.test_lint import ATLANTIS, FLOW, GITLAB

SCRIPT = PROJECT / "pipelines" / "deploy.sh"
DEPLOY = ["synth", "plan", "check", "apply", "smoke"]
ROLLOUT = ["synth", "plan", "check", "rollout"]
AROUND = {"setup", "credentials", "comment"}  # what a forge needs besides the steps


def steps(lines: list[str]) -> list[str]:
    """Return the steps of the script that lines of shell run."""
    return re.findall(r"pipelines/deploy\.sh (\w+)", "\n".join(lines))


def gitlab(*jobs: str) -> list[str]:
    document: dict[str, Any] = yaml.safe_load(GITLAB.read_text())
    lines: list[str] = []
    for job in jobs:
        extended = document.get(document[job].get("extends", ""), {})
        lines += [*extended.get("before_script", []), *document[job]["script"]]
    return lines


def flow() -> list[str]:
    stages = yaml.safe_load(FLOW.read_text())["stages"].values()
    return [
        step["with"]["run"]
        for stage in stages
        for job in stage["jobs"].values()
        for step in job.get("steps", {}).values()
        if step["step"] == "Command"
    ]


def atlantis() -> list[str]:
    server = yaml.safe_load((ATLANTIS / "repos.yaml").read_text())
    hooks = [hook["run"] for hook in server["repos"][0]["pre_workflow_hooks"]]
    workflow = server["workflows"]["oss-restore"]
    stages = (workflow["plan"], workflow["apply"])
    return [*hooks, *(step["run"] for stage in stages for step in stage["steps"])]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        pytest.param(gitlab("synth", "plan", "deploy"), ROLLOUT, id="gitlab"),
        pytest.param(gitlab("synth", "drift"), ["synth", "drift"], id="gitlab, at night"),
        pytest.param(flow(), ROLLOUT, id="flow"),
        pytest.param(atlantis(), DEPLOY, id="atlantis"),
    ],
)
def test_the_steps_are_the_same_in_the_same_order(lines: list[str], wanted: list[str]) -> None:
    assert [step for step in steps(lines) if step not in AROUND] == wanted


def test_a_person_approves_the_plan_before_it_is_applied() -> None:
    document = yaml.safe_load(GITLAB.read_text())
    assert [rule["when"] for rule in document["deploy"]["rules"]] == ["manual"]
    components = [
        [job.get("component") for job in stage["jobs"].values()]
        for stage in yaml.safe_load(FLOW.read_text())["stages"].values()
    ]
    assert components == [[None], ["ManualValidate"], [None]]


@pytest.mark.parametrize(
    "lines", [gitlab("synth", "plan", "comment", "deploy", "drift"), flow(), atlantis()]
)
def test_every_line_is_shell(lines: list[str]) -> None:
    for line in lines:
        subprocess.run(["sh", "-n", "-c", line], check=True)


# The script's own programs, in an otherwise empty project.

OSS_RESTORE = """\
#!/bin/sh
echo "oss-restore $*" >> log
case $1 in
waves) echo '{"waves": [], "environments": ["canary", "b", "a"]}' ;;
smoke) [ "$2" != "${SICK:-}" ] ;;
esac
"""
TERRAFORM = """\
#!/bin/sh
echo "terraform ${1##*/} $2" >> log
"""
CURL = """\
#!/bin/sh
for word; do echo "$word" >> log; done
keys='{"AccessKeyId": "K", "AccessKeySecret": "S '\\''", "SecurityToken": "T"}'
case "$*" in
*latest/api/token*) echo a-token ;;
*security-credentials*) echo "$keys" ;;
*) echo "{\\"Credentials\\": $keys}" ;;
esac
"""


class Bench:
    """The script in a folder where every other program only records that it was called."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "pipelines").mkdir()
        (path / "pipelines" / "deploy.sh").symlink_to(SCRIPT)
        programs = path / ".venv" / "bin"
        programs.mkdir(parents=True)
        for name, text in (("oss-restore", OSS_RESTORE), ("terraform", TERRAFORM), ("curl", CURL)):
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        (programs / "python").symlink_to(sys.executable)
        self._git("init", "--quiet")
        self._git("commit", "--quiet", "--allow-empty", "--message", "x")

    def pack(self, *environments: str) -> None:
        """Pack what ``synth`` and ``plan`` would."""
        for name in environments:
            stack = self.path / "cdktf.out" / "stacks" / name
            stack.mkdir(parents=True)
            (stack / "tfplan").write_text(f"the plan of {name}")
            (stack / "tfplan.txt").write_text(f"# a {name}\nPlan: 1 to add\n" + "x" * 99_999)
        (self.path / "cdktf.out" / "tree").write_text(self._git("rev-parse", "HEAD^{tree}"))
        packed = self.path / "build" / "pipeline"
        packed.mkdir(parents=True)
        self._tar(packed / "synth.tgz", self.path, "cdktf.out")
        for name in environments:
            stack = self.path / "cdktf.out" / "stacks" / name
            self._tar(packed / f"plan-{name}.tgz", stack, "tfplan", "tfplan.txt")

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "pipelines/deploy.sh", *arguments],
            cwd=self.path,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def log(self) -> list[str]:
        return (self.path / "log").read_text().splitlines()

    def _git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=A", "-c", "user.email=a@example.com")
        command = ["git", *identity, *arguments]
        return subprocess.run(
            command, cwd=self.path, capture_output=True, text=True, check=True
        ).stdout

    @staticmethod
    def _tar(file: Path, folder: Path, *names: str) -> None:
        subprocess.run(["tar", "-czf", file, "-C", folder, *names], check=True)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.mark.parametrize("sick", ["", "b"])
def test_a_rollout_follows_the_waves_until_a_smoke_run_fails(bench: Bench, sick: str) -> None:
    bench.pack("canary", "b", "a")
    done = bench.run("rollout", SICK=sick)
    assert (done.returncode == 0) == (not sick), done.stderr
    proved = [line.split()[2] for line in bench.log if line.startswith("oss-restore smoke")]
    assert proved == ["canary", "b"] + ([] if sick else ["a"])
    applied = [line.split()[1] for line in bench.log if line.endswith(" apply")]
    assert applied == proved
    assert not [line for line in bench.log if line.endswith(" plan")]


def test_a_plan_is_checked_once_more_before_it_is_applied(bench: Bench) -> None:
    bench.pack("a")
    assert bench.run("apply", "a").returncode == 0
    assert bench.log == [
        "oss-restore check-plan cdktf.out/stacks/a/tfplan.json",
        "terraform a init",
        "terraform a apply",
    ]


def test_an_environment_without_a_plan_is_not_applied(bench: Bench) -> None:
    bench.pack("a")
    done = bench.run("apply", "b")
    assert done.returncode == 1
    assert "plan-b.tgz is not there: run the step that packs it first" in done.stderr


def test_a_comment_fits_however_long_the_plans_are(bench: Bench) -> None:
    bench.pack("a", "b", "c")
    assert bench.run("comment").returncode == 0
    text = (bench.path / "build" / "pipeline" / "comment.md").read_text()
    assert len(text) < 65_536
    assert re.findall(r"^### (\w)$", text, re.MULTILINE) == ["a", "b", "c"]
    assert text.count("Plan: 1 to add") == 6


def test_keys_are_obtained_for_a_token_that_no_command_line_shows(bench: Bench) -> None:
    (bench.path / "token").write_text("secret.token")
    done = bench.run(
        "credentials",
        ALIBABA_CLOUD_OIDC_TOKEN_FILE="token",
        ALIBABA_CLOUD_ROLE_ARN="acs:ram::1:role/r",
        ALIBABA_CLOUD_OIDC_PROVIDER_ARN="acs:ram::1:oidc-provider/p",
    )
    assert done.returncode == 0, done.stderr
    assert {"Action=AssumeRoleWithOIDC", "RoleArn=acs:ram::1:role/r", "OIDCToken@-"} <= set(
        bench.log
    )
    assert "secret.token" not in "".join(bench.log)
    shown = subprocess.run(
        ["sh", "-c", f'{done.stdout} echo "$ALIBABA_CLOUD_ACCESS_KEY_SECRET"'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == "S '\n"


def test_keys_are_obtained_from_the_instance(bench: Bench) -> None:
    done = bench.run("credentials", ALIBABA_CLOUD_ECS_METADATA="pipeline")
    assert "export ALIBABA_CLOUD_SECURITY_TOKEN=T" in done.stdout
    assert bench.log[-1].endswith("/meta-data/ram/security-credentials/pipeline")


def test_missing_keys_are_reported(bench: Bench) -> None:
    done = bench.run("credentials")
    assert done.returncode == 1
    assert "set ALIBABA_CLOUD_OIDC_TOKEN_FILE" in done.stderr


def test_an_unknown_step_is_refused_with_the_known_ones(bench: Bench) -> None:
    done = bench.run("nonsense")
    assert done.returncode == 2
    assert "rollout            apply and smoke" in done.stderr
