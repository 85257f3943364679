"""Runs end as usual, even if processes are killed repeatedly or the disk is full.

These events occur at points of the run, not of the clock, and so are the same on any machine.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import Final

import oss2
import pytest

from localcloud.meters import OSS_RETRIEVALS
from oss_restore.cli.rehearsal.cdktf import Cdktf
from oss_restore.cli.rehearsal.subject import write_environment
from oss_restore.clients.control_api import ControlClient
from oss_restore.clients.deployment import by_environment
from oss_restore.clients.target import read_endpoints
from tests.persistent_cloud import Machine
from tests.site import BUCKET, ENVIRONMENT, Deployed, archived

pytestmark = pytest.mark.soak

TIMES: Final = 8  # while the objects are being requested
STEPS: Final = ("awaitReadable", "lastLook")  # and once more as each of these begins
PATIENCE_SECONDS: Final = 600  # until the next such point
OBJECTS: Final = 1_500
INPUT: Final = {"maxKeys": 100, "groupSize": 5, "workers": 1, "pollInterval": 21_600}


@dataclass
class Kept:
    """A deployment on a cloud that keeps its state."""

    machine: Machine
    process: subprocess.Popen[str]
    random: Random

    @property
    def deployed(self) -> Deployed:
        """The deployment as a client sees it now."""
        endpoints = read_endpoints(self.machine.endpoints_file)
        deployment = by_environment(ENVIRONMENT, self.machine.folder / "environments")
        return Deployed(endpoints, ControlClient(endpoints), deployment)

    def kill_and_start(self) -> None:
        self.machine.kill(self.process)
        self.process = self.machine.start()

    def kill_functions(self) -> None:
        """Kill the functions' processes, whatever they are doing."""
        deployed = self.deployed
        for pid in deployed.control.processes(deployed.endpoints.account_id):
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(pid, signal.SIGKILL)

    def fill_the_disk(self) -> None:
        with self.machine.full_disk(self.process):
            sleep(self.random.uniform(0.1, 1))

    def moments(self, name: str) -> Iterator[None]:
        """Yield at numbers of requested objects, and at steps of the run."""
        for sent in sorted(self.random.sample(range(1, OBJECTS), TIMES)):
            self._until(name, partial(self._has_sent, sent))
            yield
        for step in STEPS:
            self._until(name, partial(self._has_come_to, name, step))
            yield

    def _until(self, name: str, holds: Callable[[Deployed], bool]) -> None:
        deployed, deadline = self.deployed, monotonic() + PATIENCE_SECONDS
        flow = deployed.deployment.main_flow
        while not holds(deployed):
            ended = deployed.workflow.describe(flow, name).ended
            assert not ended or holds(deployed), "the run has ended before it came to that"
            assert monotonic() < deadline, "the run does not go on"
            sleep(0.05)

    @staticmethod
    def _has_sent(objects: int, deployed: Deployed) -> bool:
        return sum(state.requested for state in deployed.control.thaws(BUCKET)) >= objects

    @staticmethod
    def _has_come_to(name: str, step: str, deployed: Deployed) -> bool:
        events = deployed.workflow.events(deployed.deployment.main_flow, name)
        return any(event.step == step for event in events)


@contextmanager
def kept_deployment(
    folder: Path, *, prepare: Callable[[Path], None] | None = None
) -> Iterator[Kept]:
    """Deploy to a cloud that keeps its state, once the folder of environments is prepared."""
    machine = Machine(folder)
    kept = Kept(machine, machine.start(), Random(20261129))
    try:
        endpoints = read_endpoints(machine.endpoints_file)
        environments = write_environment(folder, endpoints, name=ENVIRONMENT, bucket=BUCKET)
        if prepare is not None:
            prepare(environments)
        reattach = endpoints.tf_reattach_providers
        Cdktf(folder, environments=environments, reattach=reattach).deploy(ENVIRONMENT)
        kept.deployed.bucket().create_bucket()
        yield kept
    finally:
        machine.kill(kept.process)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with kept_deployment(tmp_path) as kept:
        kept.deployed.fill(archived(OBJECTS))
        yield kept


@pytest.mark.parametrize(
    "harm",
    [Kept.kill_and_start, Kept.kill_functions, Kept.fill_the_disk],
    ids=["killed", "functions killed", "full"],
)
def test_a_run_ends_as_if_undisturbed(kept: Kept, harm: Callable[[Kept], None]) -> None:
    name = kept.deployed.start(**INPUT)
    for _ in kept.moments(name):
        harm(kept)
    result = kept.deployed.wait(name)
    assert result.execution.status == "Succeeded", result.verdict.sentence

    deployed = kept.deployed
    reports = deployed.bucket(deployed.deployment.report_bucket)
    parts = oss2.ObjectIteratorV2(reports, prefix=f"runs/{name}/outcomes/", max_keys=1000)
    texts = [reports.get_object(part.key).read() for part in parts]
    records = Counter(json.loads(line)["key"] for text in texts for line in text.splitlines())
    assert len(records) == OBJECTS
    assert set(records.values()) == {1}
    meters = deployed.control.meters()
    paid = sum(n for meter, n in meters.items() if meter.startswith(OSS_RETRIEVALS))
    assert paid == OBJECTS
    assert deployed.census().unreadable == []
