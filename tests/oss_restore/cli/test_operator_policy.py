"""``oss-restore operator-policy``: its permissions are sufficient and all needed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import oss2
import pytest

from infra.environment_files import load_environments
from infra.policies.operator import operator_policies
from infra.policies.runtime import functions_policy
from oss_restore.errors import ExitStatus
from tests.oss_restore.clients.test_context import changed
from tests.oss_restore.conftest import Cli, Finished
from tests.ram import Ram
from tests.site import BUCKET, ENVIRONMENT, QUICK, Site, archived
from tests.site_state import end_runs, restored_site

USER = "operator"
REPORTS = "oss-restore-1234567890123456-cn-hangzhou-e2e"
MANIFESTS = "e2e-manifests"
RUN, STOPPED, FAILED = "RUN", "ENDED-EARLY", "WITH-FAILURES"  # placeholders for names of runs
STOP = "stop --yes"
PLAN = f"plan --bucket {BUCKET}"
THAWED, MORE, FROZEN, DENIED, BEGUN = (
    "a/",
    "b/",
    "c/",
    "d/",
    "e/",
)  # thawed by RUN; by another run; never; in part; by runs that are stopped
COLD = {"storageClasses": ["ColdArchive"], "days": 30}

# An action and its resource; and a command that reports it missing, and the exit status.
NEEDED = [
    ("fnf:StartExecution", "*", f"start --bucket oss://{BUCKET}/{THAWED} --yes --no-plan", 3),
    ("fnf:ListExecutions", "*", "list", 3),
    ("fnf:DescribeExecution", "*", f"status --run {RUN}", 3),
    ("fnf:GetExecutionHistory", "*", f"status --run {STOPPED}", 3),
    ("fnf:StopExecution", "*", STOP, 3),
    ("fnf:DescribeFlow", "*", "doctor", 0),
    ("fc:InvokeFunction", "notifyRun", STOP, 0),
    ("fc:InvokeFunction", "planCopies", "doctor", 0),
    ("oss:ListObjects", BUCKET, PLAN, 3),
    ("oss:ListObjectVersions", BUCKET, f"{PLAN} --versions all", 3),
    ("oss:GetBucketInfo", BUCKET, PLAN, 0),
    ("oss:GetBucketArchiveDirectRead", BUCKET, PLAN, 0),
    ("oss:GetBucketVersioning", BUCKET, f"{PLAN} --then promote", 0),
    ("oss:CleanRestoredObject", BUCKET, f"refreeze --bucket oss://{BUCKET}/{MORE} --yes", 3),
    ("oss:CleanRestoredObjectVersion", BUCKET, f"refreeze --run {RUN} --yes", 3),
    ("oss:GetObject", MANIFESTS, f"{PLAN} --manifest oss://{MANIFESTS}/lists/keys.csv", 3),
    ("oss:GetBucketInfo", REPORTS, "doctor", 0),
    ("oss:ListObjects", REPORTS, "doctor", 3),
    ("oss:GetObject", REPORTS, f"report --run {RUN}", 3),
    ("oss:PutObject", "/stop", STOP, 3),
    ("oss:PutObject", "/retry.csv", f"retry-failed --run {FAILED} --yes", 3),
]


@dataclass(frozen=True)
class Operator:
    """A user who has the printed policy, in an account where a run has ended.

    Attributes:
        folder: of the environment file.
        endpoints: file of the cloud's endpoints, with the user's keys.
        run: the run.
        stopped: a run that was stopped.
        failed: a run in which an object failed.
    """

    site: Site
    ram: Ram
    folder: Path
    endpoints: Path
    run: str
    stopped: str
    failed: str

    def do(self, cli: Cli, line: str) -> Finished:
        """Run a command; for one that stops a run, start that run first."""
        names = line.replace(RUN, self.run).replace(STOPPED, self.stopped)
        names = names.replace(FAILED, self.failed)
        command, *arguments = names.split()
        place = ("--environments", str(self.folder), "--cloud", str(self.endpoints))
        with self.site.control.held_clock():
            if line == STOP:
                start_and_wait(self.site)
            finished = cli(command, ENVIRONMENT, *place, *arguments)
            end_runs(self.site)
        return finished


@pytest.fixture(scope="module")
def shared_operator(
    shared_site: Site, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Operator]:
    site = shared_site
    folder = tmp_path_factory.mktemp("operator")
    changed(
        site,
        folder,
        buckets=[{"name": BUCKET, "versions": True, "promote": True}],
        manifests=[{"name": MANIFESTS, "prefixes": ["lists/"]}],
    )
    (environment,) = load_environments(folder)
    (policy,) = operator_policies([environment])
    ram, functions = Ram(site.endpoints), "oss-restore-functions-e2e"
    with (
        restored_site(site),
        ram.user(USER, *json.loads(policy)["Statement"]) as keys,
        ram.replaced(functions, json.loads(functions_policy(environment))),
    ):
        endpoints = folder / "endpoints.json"
        endpoints.write_text(site.endpoints.model_copy(update=keys).model_dump_json())
        bucket, manifests = site.bucket(), site.bucket(MANIFESTS)
        bucket.create_bucket()
        bucket.put_bucket_versioning(oss2.models.BucketVersioningConfig("Enabled"))
        for prefix in (THAWED, MORE, FROZEN, DENIED, BEGUN):
            site.fill(archived(3, prefix=prefix))
        manifests.create_bucket()
        manifests.put_object("lists/keys.csv", f"{BUCKET},{FROZEN}0000\n")
        yield Operator(site, ram, folder, endpoints, *make_runs(site))


def make_runs(site: Site) -> tuple[str, str, str]:
    """Make a run, one that was stopped, and one in which an object failed."""
    run = site.run(**QUICK, **COLD, prefix=THAWED, versions="all").execution.name
    site.run(**QUICK, **COLD, prefix=MORE)
    site.control.add_fault(
        service="oss",
        operation="RestoreObject",
        target=f"*{DENIED}0000*",
        status=403,
        code="AccessDenied",
    )
    failed = site.run(**QUICK, prefix=DENIED).execution.name
    site.control.clear_faults()
    with site.control.held_clock():
        stopped = start_and_wait(site)
        site.stop(stopped)
    return run, stopped, failed


def start_and_wait(site: Site) -> str:
    """Start a run, and wait until it is between calls; stopping it in one would kill a process."""
    run = site.start(**QUICK, prefix=BEGUN)
    site.wait_for_step(run, "awaitReadable")
    return run


@pytest.fixture
def operator(shared_operator: Operator, site: Site) -> Operator:
    """Return the user, on a site that is restored after each test."""
    return shared_operator


def test_every_granted_action_has_a_test_here(operator: Operator) -> None:
    granted = [
        (action, resource)
        for statement in operator.ram.document(USER)["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
    ]
    for action, resource in granted:
        assert any(action == name and on in resource for name, on, _, _ in NEEDED), action
    assert len(granted) == len(NEEDED)


@pytest.mark.parametrize(
    ("action", "on", "line", "status"),
    [pytest.param(*row, id=f"{row[0]} on {row[1]}") for row in NEEDED],
)
def test_a_command_names_a_missing_permission_and_works_with_it(
    operator: Operator, cli: Cli, action: str, on: str, line: str, status: int
) -> None:
    with operator.ram.without(USER, action, on):
        lacking = operator.do(cli, line)
    assert lacking.status == status, lacking
    assert action in lacking.out + lacking.err
    finished = operator.do(cli, line)
    assert finished.status == (ExitStatus.STOPPED if STOPPED in line else ExitStatus.OK)
    assert action not in finished.out + finished.err


def test_the_policy_is_printed_as_ram_accepts_it(operator: Operator, cli: Cli) -> None:
    printed = cli("operator-policy", ENVIRONMENT, "--environments", str(operator.folder))
    assert json.loads(printed.out) == operator.ram.document(USER)
