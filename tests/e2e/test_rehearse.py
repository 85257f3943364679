"""``oss-restore rehearse``, as run by a script or by a person at a terminal."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

import pytest

from infra.synthesis.kit import load_kit
from oss_restore.cli.rehearsal import scenario
from oss_restore.cli.rehearsal.cdktf import PROJECT
from oss_restore.cli.rehearsal.objects import AWKWARD_KEYS
from tests.oss_restore.conftest import Cli
from tests.oss_restore.shell import HEARING_CTRL_C
from tests.terraform_deployer import TerraformDeployer

# The command in docs/local-cloud.md.
DOCUMENTED: Final = "oss-restore rehearse --objects 40 --set equality=strict"

REHEARSE = (sys.executable, "-m", "oss_restore", "rehearse")


@dataclass(frozen=True)
class Stage:
    """Runs rehearsals, with their temporary files in a folder that tests can inspect."""

    temporary: Path
    environ: Mapping[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*REHEARSE, *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def with_path(self, *folders: Path | str) -> Stage:
        path = os.pathsep.join(map(str, folders))
        return Stage(self.temporary, {**self.environ, "PATH": path})

    def check_clean(self) -> None:
        """Check that no file and no process of a rehearsal is left."""
        assert list(self.temporary.iterdir()) == []
        assert str(self.temporary) not in _processes()
        assert list(PROJECT.glob("terraform.rehearsal.*")) == []
        assert not (PROJECT / "cdktf.log").exists()


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    temporary = tmp_path_factory.mktemp("t")  # the path of a socket may have 107 bytes
    stage = Stage(temporary, {**os.environ, "TMPDIR": str(temporary)})
    yield stage
    stage.check_clean()


def report_of(finished: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Parse the JSON object in the last line of stdout."""
    document = json.loads(finished.stdout.splitlines()[-1])
    assert isinstance(document, dict)
    return document


@pytest.fixture
def rehearse(stage: Stage, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Rehearse in this process, without the cdktf command."""
    monkeypatch.setattr(scenario, "Cdktf", TerraformDeployer)
    load_kit()  # jsii's temporary folder is this process's, not the rehearsal's
    monkeypatch.setattr(tempfile, "tempdir", str(stage.temporary))
    return partial(cli, "rehearse", "--json")


@pytest.mark.long
def test_objects_are_thawed_and_cleaned_up(rehearse: Cli) -> None:
    finished = rehearse(*shlex.split(DOCUMENTED)[2:])
    assert finished.status == 0, finished.err
    assert re.match(r"Python 3\.\S+, Node \d\S+, \S+ \S+ free in .+; takes", finished.err)
    report = finished.json
    assert report["objects"] == 40
    (run,) = report["runs"]
    assert re.match(r"[\d.]+ CNY", run["cost"])
    assert run["page"] == str(PROJECT / "build" / "rehearsal" / "rehearsal-archive.html")
    assert report["archived"] > len(AWKWARD_KEYS)
    assert report["readable"] == report["archived"]
    assert report["untouched"] == 40 - report["archived"]
    assert report["outcomes"] == {"requested": report["archived"]}
    assert run["cloud_seconds"] > 48 * 3600
    assert run["wall_seconds"] > 0
    assert report["billable"]["oss.requests.RestoreObject"] == report["archived"]
    assert report["second_deploy_changes"] == 0
    assert report["leftovers"] == []
    assert report["problems"] == []
    assert "Traceback" not in finished.err


@pytest.mark.long
def test_generation_3_is_rehearsed_too_and_kept_on_request(rehearse: Cli, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "endpoints.json").write_text("of a cloud that was killed")
    finished = rehearse("--objects", "20", "--bulk", "--generation", "3", "--keep", str(kept))
    assert finished.status == 0, finished.err
    report = finished.json
    assert report["readable"] == report["archived"] > 0
    assert report["second_deploy_changes"] == 0
    assert report["leftovers"] == []
    assert {"cloud.log", "rehearsal-archive.html"} <= {path.name for path in kept.iterdir()}
    assert not (kept / "endpoints.json").exists()


def test_a_run_that_fails_is_reported_with_its_cause(rehearse: Cli) -> None:
    finished = rehearse("--objects", "10", "--set", "events_per_execution=30")
    assert finished.status == 1
    report = finished.json
    assert report["problems"][0].startswith("The run failed: FnF.EventLimitExceeded: ")
    assert "--keep" in report["problems"][-1]
    assert report["second_deploy_changes"] == 0
    assert report["leftovers"] == []
    assert report["problems"][0] in finished.err


def test_a_deployment_that_fails_is_reported_with_its_cause(stage: Stage, tmp_path: Path) -> None:
    broken = tmp_path / "bin" / "terraform"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho '│ Error: this terraform is broken' >&2\nexit 1\n")
    broken.chmod(0o755)
    kept = tmp_path / "kept"
    stage = stage.with_path(broken.parent, os.environ["PATH"])
    finished = stage.run("--objects", "5", "--json", "--keep", str(kept))
    assert finished.returncode == 1
    problems = report_of(finished)["problems"]
    assert problems[0].startswith("cdktf deploy failed:")
    assert str(kept) in problems[-1]
    assert "Error: this terraform is broken" in (kept / "cdktf.log").read_text()
    assert "Traceback" not in finished.stderr


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "sigterm"]
)
def test_a_rehearsal_cleans_up_when_it_is_interrupted(
    stage: Stage, number: signal.Signals, status: int
) -> None:
    with subprocess.Popen(
        [*HEARING_CTRL_C, *REHEARSE, "--objects", "5"],
        env=stage.environ,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "fill the buckets" in line:
                break
        process.send_signal(number)
        _, complaints = process.communicate(timeout=120)
    assert process.returncode == status
    assert "Traceback" not in complaints


@pytest.mark.parametrize("started", ["endpoints.json", "cdktf.out"], ids=["cloud", "deployment"])
def test_the_processes_of_a_rehearsal_end_with_it_even_if_it_is_killed(
    tmp_path_factory: pytest.TempPathFactory, started: str
) -> None:
    tmp_path = tmp_path_factory.mktemp("t")
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [*REHEARSE, "--objects", "5"], env=environ, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "fill the buckets" in line:
                break
        (endpoints,) = tmp_path.glob("*/endpoints.json")
        _until(lambda: str(endpoints.with_name(started)) in _processes())
        process.kill()
    _until(lambda: not endpoints.exists() and str(endpoints.parent) not in _processes())


def _until(holds: Callable[[], bool]) -> None:
    deadline = monotonic() + 60
    while not holds():
        assert monotonic() < deadline
        sleep(0.25)  # it takes ps a while, too


def _processes() -> str:
    running = subprocess.run(["ps", "-wwAo", "args="], capture_output=True, text=True, check=True)
    return running.stdout


def test_an_invalid_setting_is_reported_before_anything_starts(stage: Stage) -> None:
    finished = stage.run("--set", "equality=fuzzy")
    assert finished.returncode == 2
    message = "oss-restore: --set: equality must be one of gval, strict, not 'fuzzy'\n"
    assert finished.stderr == message
