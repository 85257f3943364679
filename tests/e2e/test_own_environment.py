"""``oss-restore rehearse --environment``: the user's environment, with nothing sent elsewhere.

It is deployed by the real cdktf command, with the project's own Terraform.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from oss_restore.cli.rehearsal.isolation import get_packages
from tests.e2e import no_network
from tests.e2e.test_rehearse import REHEARSE, Stage, stage

__all__ = ["stage"]

NOWHERE = "http://192.0.2.1:3128"  # a proxy of the shell that must not be used
REPORTS = "mine-reports"
SECRET = "rehearsed"  # of the notifications
MINE: dict[str, Any] = {
    "name": "mine",
    "account": "4321432143214321",
    "region": "cn-shanghai",
    "generation": 3,
    "run_defaults": {"poll_interval": 21_600},  # few status checks in two days of cloud time
    "buckets": [
        {"name": "mine-archive", "prefixes": ["2019/", "2020/"], "promote": True},
        {"name": "mine-versions", "versions": True, "region": "cn-beijing"},
    ],
    "destinations": [{"name": "mine-copies", "prefixes": ["from/"]}],
    "report": {"bucket": REPORTS, "create": False, "prefix": "ledgers/"},
    "backend": {"oss": {"bucket": "mine-state", "region": "cn-shanghai"}},
    "provider": {"assume_role": {"role_arn": "acs:ram::4321432143214321:role/deployer"}},
    "operator": {"profile": "mine"},
    "notify": [
        {"name": "hook", "webhook": {"signed": True}},
        {"name": "group", "dingtalk": {}},
        {"name": "queue", "mns": {"queue": "ends"}},
    ],
    "tags": {"team": "storage"},
}


def write(folder: Path, document: dict[str, Any]) -> Path:
    folder.mkdir()
    (folder / f"{document['name']}.yaml").write_text(yaml.safe_dump(document))
    return folder


def without_terraform(tools: Path) -> str:
    """Return the PATH without Terraform; Node may share a folder with it, and is kept."""
    tools.mkdir()
    node = shutil.which("node")
    assert node is not None
    (tools / "node").symlink_to(node)
    folders = [
        folder
        for folder in os.environ["PATH"].split(os.pathsep)
        if not any((Path(folder) / name).exists() for name in ("terraform", "tofu"))
    ]
    return os.pathsep.join([str(tools), *folders])


@pytest.mark.long
def test_an_environment_is_rehearsed_with_cdktf_and_nothing_leaves_the_machine(
    stage: Stage, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    get_packages("python3.10")  # from PyPI, which cannot be reached from there
    folder, called = write(tmp_path / "environments", MINE), tmp_path / "called"
    kept = tmp_path_factory.mktemp("kept")  # whose path, unlike the test's, is not like the secret
    proxies = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), NOWHERE)
    environ = {**stage.environ, **proxies, "PATH": without_terraform(tmp_path / "bin")}

    def rehearse(*launcher: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                *(*launcher, *REHEARSE, "--environment", "mine", "--environments", str(folder)),
                *("--objects", "30", "--json", "--keep", str(kept)),
            ],
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )

    finished = rehearse(sys.executable, no_network.__file__, str(called))
    isolated = finished.returncode != no_network.REFUSED
    if not isolated:
        finished = rehearse()
    assert finished.returncode == 0, finished.stderr
    report = json.loads(finished.stdout.splitlines()[-1])
    assert report["problems"] == report["leftovers"] == []
    assert report["readable"] == report["archived"] > 30
    assert [(run["bucket"], run["goal"]) for run in report["runs"]] == [
        ("mine-archive", "thaw"),
        ("mine-archive", "copy"),
        ("mine-archive", "promote"),
        ("mine-versions", "thaw"),
    ]
    assert report["notified"] == {"hook": 4, "group": 4, "queue": 4}
    assert report["second_deploy_changes"] == 0
    assert SECRET not in (kept / "cdktf.log").read_text()
    assert report["not_rehearsed"] == [
        "Terraform's state in oss://mine-state",
        "the role that Terraform assumes, acs:ram::4321432143214321:role/deployer",
    ]
    if not isolated:
        pytest.skip("nothing was seen to leave, but this system gives no network namespace")
    assert called.read_text() == ""


def test_mistakes_in_the_file_are_reported_before_anything_starts(tmp_path: Path) -> None:
    folder = write(tmp_path / "environments", {**MINE, "region": "nowhere"})
    command = [*REHEARSE, "--environment", "mine", "--environments", str(folder)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 2
    assert "mine.yaml:" in finished.stderr
    assert "start the local cloud" not in finished.stderr
