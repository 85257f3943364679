"""``oss-restore check-plan``, as a pipeline calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.plan_checks.rules import RULES
from oss_restore.errors import ExitStatus
from tests.oss_restore.conftest import Cli

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


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "cdk.tf.json"
    path.write_text(json.dumps(OPEN_BUCKET))
    return path


def test_a_violation_fails_and_is_reported_with_resource_and_rule(cli: Cli, plan: Path) -> None:
    done = cli("check-plan", str(plan))
    assert done.status == ExitStatus.FAILED
    assert done.out == (
        "alicloud_oss_bucket.reports: has the ACL 'public-read', so anyone can read it "
        "[public-bucket]\n"
    )
    assert done.err == "1 resources, 1 violations\n"


def test_json_output_has_the_same_violations(cli: Cli, plan: Path) -> None:
    done = cli("check-plan", str(plan), "--json", "--require-tag", "owner")
    assert done.status == ExitStatus.FAILED
    found = done.json
    assert found["resources"] == 1
    assert [(v["address"], v["rule"]) for v in found["violations"]] == [
        ("alicloud_oss_bucket.reports", "public-bucket"),
        ("alicloud_oss_bucket.reports", "tags"),
    ]


def test_a_plan_without_violations_passes(cli: Cli, plan: Path) -> None:
    plan.write_text(plan.read_text().replace("public-read", "private"))
    done = cli("check-plan", str(plan))
    assert (done.status, done.out) == (ExitStatus.OK, "")


def test_the_rules_can_be_listed(cli: Cli) -> None:
    shown = cli("check-plan", "--rules").out
    assert [rule.id for rule in RULES if rule.id not in shown] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((), "name a plan to check"), (("nowhere.json",), "nowhere.json: No such file")],
)
def test_wrong_use_is_reported(cli: Cli, arguments: tuple[str, ...], message: str) -> None:
    done = cli("check-plan", *arguments)
    assert done.status == ExitStatus.USAGE
    assert message in done.err
