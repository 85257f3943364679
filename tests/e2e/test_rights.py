"""The deployed policies grant exactly the permissions that a run needs."""

from __future__ import annotations

import oss2
import pytest

from oss_restore.runs.result import Result
from oss_restore.runs.run_lookup import last_run
from tests.ram import Ram
from tests.site import BUCKET, QUICK, Site, archived

FUNCTIONS = "oss-restore-functions-e2e"
FLOWS = "oss-restore-flows-e2e"
REPORTS = "oss-restore-1234567890123456-cn-hangzhou-e2e"

# Policy, action, its resource; and the resource in the error.
NEEDED = [
    (FUNCTIONS, "oss:ListObjects", BUCKET, BUCKET),
    (FUNCTIONS, "oss:RestoreObject", BUCKET, BUCKET),
    (FUNCTIONS, "oss:PutObject", REPORTS, f"{REPORTS}/runs/"),
    (FUNCTIONS, "oss:GetObject", REPORTS, f"{REPORTS}/runs/"),
    (FUNCTIONS, "oss:ListObjects", REPORTS, REPORTS),
    (FLOWS, "fc:InvokeFunction", "services/oss-restore-e2e", "services/oss-restore-e2e"),
    (FLOWS, "fnf:StartExecution", "", "flow/oss-restore-restoreFlow-e2e"),
    (FLOWS, "fnf:DescribeExecution", "", "flow/oss-restore-restoreFlow-e2e"),
]
# A run succeeds without them; each has its own test.
OTHERS = {(FUNCTIONS, "log:PostLogStoreLogs"), (FLOWS, "fnf:StopExecution")}


@pytest.fixture
def ram(site: Site) -> Ram:
    return Ram(site.endpoints)


def granted(ram: Ram, policy: str) -> set[tuple[str, str]]:
    statements = ram.document(policy)["Statement"]
    return {(policy, action) for statement in statements for action in statement["Action"]}


def run(site: Site) -> Result:
    site.fill(archived(3))
    return site.run(**QUICK)


def test_every_granted_action_has_a_test_here(ram: Ram) -> None:
    tested = {(policy, action) for policy, action, _, _ in NEEDED} | OTHERS
    assert granted(ram, FUNCTIONS) | granted(ram, FLOWS) == tested


@pytest.mark.parametrize(
    ("policy", "action", "on", "message"),
    [pytest.param(*row, id=f"{row[1]} on {row[2] or 'flows'}") for row in NEEDED],
)
def test_without_an_action_the_run_fails_and_names_it(
    site: Site, bucket: oss2.Bucket, ram: Ram, policy: str, action: str, on: str, message: str
) -> None:
    with ram.without(policy, action, on):
        failed = run(site)
    assert failed.execution.status == "Failed"
    assert failed.error.endswith("AccessDenied")
    assert action in failed.cause
    assert message in failed.cause
    assert site.run(**QUICK).execution.status == "Succeeded"


def test_without_permission_to_log_only_log_lines_are_lost_with_a_warning(
    site: Site, bucket: oss2.Bucket, ram: Ram
) -> None:
    known = set(site.control.warnings())
    with ram.without(FUNCTIONS, "log:PostLogStoreLogs"):
        assert run(site).execution.status == "Succeeded"
    warnings = set(site.control.warnings()) - known
    assert warnings
    for warning in warnings:
        assert "log:PostLogStoreLogs" in warning
        assert "project/oss-restore-1234567890123456-cn-hangzhou-e2e" in warning


@pytest.mark.parametrize("may_stop", [True, False])
def test_a_stopped_run_stops_its_children_with_the_flows_permission(
    site: Site, bucket: oss2.Bucket, ram: Ram, may_stop: bool
) -> None:
    site.fill(archived(3))
    with site.control.held_clock():
        name = site.start(**QUICK, waitFor="run")
        site.wait_for_step(name, "awaitReadable")
        if may_stop:
            site.stop(name)
        else:
            with ram.without(FLOWS, "fnf:StopExecution"):
                site.stop(name)
        child = last_run(site.workflow, "oss-restore-lookFlow-e2e")
        assert child is not None
        assert child.status == ("Stopped" if may_stop else "Running")
    assert site.wait(name).execution.status == "Stopped"
