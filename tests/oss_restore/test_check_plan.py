"""``oss-restore check-plan``, as a pipeline calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from infra.plan_rules import RULES
from oss_restore.errors import ExitStatus

OPEN_BUCKET = {
    "terraform": {},
    "resource": {
        "alicloud_oss_bucket": {
            "reports": {
                "acl": "public-read",
                "tags": {"application": "oss-restore", "environment": "dev"},
            }
        }
    },
}


def check_plan(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "oss_restore", "check-plan", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "cdk.tf.json"
    path.write_text(json.dumps(OPEN_BUCKET))
    return path


def test_one_violation_fails_and_is_told_with_resource_and_rule(plan: Path) -> None:
    done = check_plan(str(plan))
    assert done.returncode == ExitStatus.FAILED
    assert done.stdout == (
        "alicloud_oss_bucket.reports: has the ACL 'public-read', so that anybody can read it "
        "[public-bucket]\n"
    )
    assert done.stderr == "1 resources, 1 violations\n"


def test_a_program_gets_the_same(plan: Path) -> None:
    done = check_plan(str(plan), "--json", "--require-tag", "owner")
    assert done.returncode == ExitStatus.FAILED
    found = json.loads(done.stdout)
    assert found["resources"] == 1
    assert [(v["address"], v["rule"]) for v in found["violations"]] == [
        ("alicloud_oss_bucket.reports", "public-bucket"),
        ("alicloud_oss_bucket.reports", "tags"),
    ]


def test_a_plan_without_violations_passes(plan: Path) -> None:
    plan.write_text(plan.read_text().replace("public-read", "private"))
    done = check_plan(str(plan))
    assert (done.returncode, done.stdout) == (ExitStatus.OK, "")


def test_the_rules_are_shown() -> None:
    shown = check_plan("--rules").stdout
    assert [rule.id for rule in RULES if rule.id not in shown] == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [((), "no plan to check"), (("nowhere.json",), "nowhere.json: cannot be read: No such file")],
)
def test_wrong_use_is_told(arguments: tuple[str, ...], told: str) -> None:
    done = check_plan(*arguments)
    assert done.returncode == ExitStatus.USAGE
    assert told in done.stderr
