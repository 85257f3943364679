"""Upgrades from one release to the next, with runs in flight.

A running execution keeps its copy of its flow's definition (docs 122488); a child that it starts
later gets the new one, and every call of a function the new code. So the flows of a release must
work with the functions and the child flows of the next.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import pytest
import yaml

from infra.bundle.build import checksum
from infra.model.environment import Environment
from infra.synthesis.app import build_app
from oss_restore.cli.rehearsal.cloud_process import running_cloud
from oss_restore.cli.rehearsal.proof import Census
from oss_restore.cli.rehearsal.terraform_binary import terraform_environment
from oss_restore.clients.control_api import ControlClient, SeedObject
from oss_restore.clients.deployment import by_environment
from oss_restore.clients.target import LocalEndpoints
from oss_restore.runs.result import Result
from tests.infra.conftest import binary
from tests.localcloud.terraform.terraform import Terraform
from tests.releases.release import Release, releases
from tests.site import BUCKET, PATIENCE_SECONDS, Deployed

__all__ = ["binary"]

GROUP, PAGE, PAGES = 5, 10, 6
OBJECTS = PAGE * PAGES
RUN = {"maxKeys": PAGE, "groupSize": GROUP, "pollInterval": 3600}
RESTORES = "oss.requests.RestoreObject"

# The prefix of each run's objects. When the next release is deployed, the run
BEFORE = "before/"  # has ended,
LISTING = "listing/"  # is about to try its first listing again,
PAGED = "paged/"  # is in restoreFlow, which waits for its first page,
WAITING = "waiting/"  # is in awaitFlow, which waits for all of it,
SENDING = "sending/"  # has sent one group of a page, and is about to send the other,
BETWEEN = "between/"  # begins and ends when the functions are new, and the flows are not,
AFTER = "after/"  # has not begun.
IN_FLIGHT = (LISTING, PAGED, WAITING)
AGAIN = "sending again"  # the same run, started once more


@dataclass(frozen=True)
class Upgrade:
    """The outcome of an upgrade.

    Attributes:
        plan: Terraform's actions from one release to the next, by address.
        results: the result of each run, by prefix.
        relays: the number of relays of each run, by prefix.
        restores: the total number of requests.
        census: the objects in the bucket at the end.
    """

    plan: Mapping[str, list[str]]
    results: Mapping[str, Result]
    relays: Mapping[str, int]
    restores: float
    census: Census


@pytest.fixture(scope="module", params=releases(), ids=lambda release: release.version)
def upgrade(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, binary: Path
) -> Iterator[Upgrade]:
    """Deploy a release, start runs, deploy the current code over it, and end the runs."""
    workdir = tmp_path_factory.mktemp("upgrade")
    with running_cloud(workdir) as endpoints:
        yield _Upgrading(request.param, workdir, endpoints, binary).play()


class _Upgrading:
    """The upgrade's steps, on a running cloud."""

    def __init__(
        self, release: Release, workdir: Path, endpoints: LocalEndpoints, binary: Path
    ) -> None:
        self._release, self._outdir, self._oss = release, workdir / "cdktf.out", endpoints.oss
        self._variables = terraform_environment(
            os.environ, reattach=endpoints.tf_reattach_providers
        )
        self._binary = binary
        environment = release.environment(endpoints.oss)
        document = yaml.safe_dump(environment.model_dump(mode="json"))
        (workdir / f"{environment.name}.yaml").write_text(document)
        self._site = Deployed(
            endpoints,
            ControlClient(endpoints),
            by_environment(environment.name, workdir),
        )

    def play(self) -> Upgrade:
        site = self._site
        site.bucket().create_bucket()
        for prefix in (BEFORE, *IN_FLIGHT, SENDING, BETWEEN, AFTER):
            site.fill(_archived(prefix))
        self._terraform(self._release.write(self._outdir, self._oss)).applied()
        with site.billing() as bill:
            results = {BEFORE: site.run(**RUN, prefix=BEFORE)}
            with site.control.held_clock():
                names = self._start()
                terraform = self._terraform(self._write_next())
                plan = terraform.plan()
                _apply_functions(terraform, plan)
                results[BETWEEN] = site.run(**RUN, prefix=BETWEEN, waitFor="none")
                terraform.applied()
            results |= {prefix: site.wait(name) for prefix, name in names.items()}
            results[AFTER] = site.run(**RUN, prefix=AFTER)
            results[AGAIN] = site.run(**RUN, prefix=SENDING)
        runs = {result.execution.name: prefix for prefix, result in results.items()}
        return Upgrade(
            plan,
            results,
            Counter(runs[run] for run in self._relayed()),
            bill[RESTORES],
            site.census(),
        )

    def _start(self) -> dict[str, str]:
        """Start the runs while the clock is held; return their names by prefix."""
        site = self._site
        names = {WAITING: site.start(**RUN, prefix=WAITING)}
        site.wait_for_step(names[WAITING], "awaitReadable")
        names[PAGED] = site.start(**RUN, prefix=PAGED, waitFor="page")
        _wait_until(lambda: self._thawing() == OBJECTS + PAGE)
        site.control.add_fault(
            service="fc", target="*/listArchiveFiles", status=429, code="ResourceThrottled", times=1
        )
        names[LISTING] = site.start(**RUN, prefix=LISTING)
        site.wait_for_step(names[LISTING], "listArchiveFiles")
        site.control.add_fault(
            service="fc", target="*/restore", status=429, code="ResourceThrottled", times=1
        )
        names[SENDING] = site.start(**RUN, prefix=SENDING)
        _wait_until(lambda: self._thawing() == OBJECTS + PAGE + GROUP)
        return names

    def _write_next(self) -> Path:
        """Write the current code, which differs from the release and relays later."""
        environment = self._release.environment(self._oss, limits={"relay_at_event": 4000})
        build_app([environment], self._outdir).synth()
        return _with_other_code(self._outdir, environment)

    def _terraform(self, folder: Path) -> Terraform:
        return Terraform(self._binary, folder, self._variables)

    def _thawing(self) -> int:
        return sum(state.thawing for state in self._site.control.thaws(BUCKET))

    def _relayed(self) -> Iterator[str]:
        """Return the names of the runs that had relays, once for each relay."""
        for page in self._site.workflow.executions(self._site.deployment.main_flow):
            for execution in page:
                relay = json.loads(execution.input).get("relay")
                if relay:
                    yield relay["run"]["runId"]


def _archived(prefix: str) -> Iterator[SeedObject]:
    """Return objects of the class that thaws within minutes, so none freezes before the end."""
    for number in range(OBJECTS):
        yield SeedObject(key=f"{prefix}{number:04d}", size=100, storage_class="Archive")


def _with_other_code(outdir: Path, environment: Environment) -> Path:
    """Change the bundle, in case the code is still that of the release."""
    folder = outdir / "stacks" / environment.name
    stack = json.loads((folder / "cdk.tf.json").read_text())
    functions = stack["resource"]["alicloud_fc_function"].values()
    for path in {(folder / function["filename"]).resolve() for function in functions}:
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("NEXT_RELEASE", "")
    for function in functions:
        code = (folder / function["filename"]).read_bytes()
        function["code_checksum"] = checksum(code)
    (folder / "cdk.tf.json").write_text(json.dumps(stack))
    return folder


def _apply_functions(terraform: Terraform, plan: Mapping[str, list[str]]) -> None:
    """Apply the first half of a deployment: Terraform updates functions before flows."""
    targets = [f"-target={address}" for address in plan if address.startswith("alicloud_fc_")]
    assert targets
    result = terraform.run("apply", "-auto-approve", "-input=false", "-no-color", *targets)
    assert result.code == 0, result.text


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline = monotonic() + PATIENCE_SECONDS
    while not holds():
        assert monotonic() < deadline
        sleep(0.05)


def test_an_upgrade_replaces_and_removes_nothing(upgrade: Upgrade) -> None:
    assert {action for actions in upgrade.plan.values() for action in actions} <= {
        "create",
        "update",
    }
    flows = {address for address in upgrade.plan if address.startswith("alicloud_fnf_flow.")}
    functions = {address for address in upgrade.plan if address.startswith("alicloud_fc_function.")}
    assert (len(flows), len(functions)) == (5, 8)
    created = {address for address in flows | functions if upgrade.plan[address] == ["create"]}
    assert created == {
        *(f"alicloud_fc_function.{name}" for name in ("copyObjects", "notifyRun", "planCopies")),
        *(f"alicloud_fnf_flow.{name}" for name in ("copyFlow", "lookFlow")),
    }


@pytest.mark.parametrize("prefix", [BEFORE, *IN_FLIGHT, BETWEEN, AFTER])
def test_every_run_ends_with_every_object_accounted_for(upgrade: Upgrade, prefix: str) -> None:
    result = upgrade.results[prefix]
    assert result.execution.status == "Succeeded"
    assert result.outcomes == {"requested": OBJECTS}
    assert result.summary["listed"] == OBJECTS


def test_a_group_listed_by_the_release_ends_its_run_which_can_be_restarted(
    upgrade: Upgrade,
) -> None:
    ended, again = upgrade.results[SENDING], upgrade.results[AGAIN]
    assert (ended.execution.status, ended.error) == ("Failed", "InvalidInput")
    assert "passed on by another release" in ended.cause
    assert "start the run again; no object will be requested twice" in ended.cause
    assert again.execution.status == "Succeeded"
    assert again.outcomes == {"already_readable": GROUP, "requested": OBJECTS - GROUP}


def test_nothing_is_sent_twice_and_everything_is_readable(upgrade: Upgrade) -> None:
    assert upgrade.restores == 7 * OBJECTS
    assert upgrade.census.unreadable == []
    assert upgrade.census.readable.total() == 7 * OBJECTS


def test_a_running_execution_keeps_its_flow_and_its_children_get_the_new_one(
    upgrade: Upgrade,
) -> None:
    """The release hands over after a page or two, and so do its children; the next one does not."""
    assert upgrade.relays[BEFORE] > 1
    assert {prefix: upgrade.relays.get(prefix, 0) for prefix in (*IN_FLIGHT, BETWEEN, AFTER)} == {
        WAITING: upgrade.relays[BEFORE],  # all that was before
        BETWEEN: upgrade.relays[BEFORE],
        LISTING: 1,
        PAGED: 1,
        AFTER: 0,
    }
