"""A deployment on a local cloud, and what end-to-end tests do with it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

import oss2
import yaml
from alibabacloud_fnf20190315 import models

from oss_restore.cli.rehearsal.cdktf import Cdktf
from oss_restore.cli.rehearsal.cloud_process import running_cloud
from oss_restore.cli.rehearsal.proof import Census, take_census
from oss_restore.cli.rehearsal.subject import write_environment
from oss_restore.clients.control_api import ControlClient, FunctionWork, SeedObject
from oss_restore.clients.deployment import Deployment, by_environment
from oss_restore.clients.target import LocalEndpoints, local_target, read_endpoints
from oss_restore.clients.workflow import WorkflowClient
from oss_restore.runs.result import Result
from oss_restore.runs.run_lookup import run_name, wait_for_end
from tests.terraform_deployer import TerraformDeployer
from thaw.storage_classes import ARCHIVE_CLASSES

ENVIRONMENT: Final = "e2e"
BUCKET: Final = "e2e-archive"

# Few polls, so that a run of two days of cloud time takes a second or two.
QUICK: Final = {"maxKeys": 100, "groupSize": 10, "pollInterval": 21_600}


PATIENCE_SECONDS: Final = 60


@dataclass(frozen=True)
class Deployed:
    """A deployment, and its runs, which are started and followed as by an operator."""

    endpoints: LocalEndpoints
    control: ControlClient
    deployment: Deployment

    @property
    def workflow(self) -> WorkflowClient:
        return WorkflowClient(local_target(self.endpoints))

    def bucket(self, name: str = BUCKET) -> oss2.Bucket:
        auth = oss2.AuthV4(self.endpoints.access_key_id, self.endpoints.access_key_secret)
        return oss2.Bucket(auth, self.endpoints.oss, name, region=self.endpoints.region)

    def fill(self, objects: Iterable[SeedObject]) -> None:
        self.control.seed(BUCKET, objects)

    def reject(self, target: str) -> None:
        """Make OSS reject the requests for objects; ``*`` matches any text."""
        self.control.add_fault(
            service="oss",
            operation="RestoreObject",
            target=target,
            status=400,
            code="InvalidArgument",
        )

    def start(self, **run_input: Any) -> str:
        """Start a run on the bucket and return its name."""
        name = run_name()
        document = {"endpoint": self.endpoints.oss, "bucketName": BUCKET, **run_input}
        self.workflow.start(self.deployment.main_flow, name, json.dumps(document))
        return name

    def wait(self, name: str) -> Result:
        """Wait for the end of a run."""
        return wait_for_end(self.workflow, self.deployment.main_flow, name)

    def wait_for_step(self, name: str, step: str) -> None:
        """Wait until a run enters a step. Hold the clock, or the run may be past it by then."""
        deadline = monotonic() + PATIENCE_SECONDS
        while not any(
            event.step == step for event in self.workflow.events(self.deployment.main_flow, name)
        ):
            assert monotonic() < deadline, f"the run never came to {step}"
            sleep(0.05)

    def stop(self, name: str) -> None:
        """Stop a run."""
        self.workflow.stop(self.deployment.main_flow, name, error="", cause="")

    def run(self, **run_input: Any) -> Result:
        """Start a run on the bucket and wait for its end."""
        return self.wait(self.start(**run_input))

    def census(self) -> Census:
        """Count the objects in the bucket, and those that are readable."""
        return take_census(self.bucket(), datetime.fromtimestamp(self.control.now(), UTC))

    def report(self, run: str, name: str) -> str:
        """Return a file of a run's report."""
        body = self.bucket(self.deployment.report_bucket).get_object(f"runs/{run}/{name}")
        return str(body.read().decode())

    @contextmanager
    def redefined(self, flow: str, **changes: str) -> Iterator[None]:
        """Change ``definition`` or ``role_arn`` of a flow while the block runs."""
        deployed = self.workflow.flow(flow)
        assert deployed is not None
        self._redefine(flow, **changes)
        try:
            yield
        finally:
            self._redefine(flow, definition=deployed.definition, role_arn=deployed.role_arn)

    def _redefine(self, flow: str, **changes: str) -> None:
        self.workflow._client.update_flow(models.UpdateFlowRequest(name=flow, **changes))

    @contextmanager
    def billing(self) -> Iterator[Mapping[str, float]]:
        """Yield a mapping that is filled with the block's billed quantities at its end."""
        before = self.control.meters()
        bill: dict[str, float] = defaultdict(float)
        yield bill
        after = self.control.meters()
        bill.update({name: n - before.get(name, 0) for name, n in after.items()})

    @contextmanager
    def working(self) -> Iterator[dict[str, FunctionWork]]:
        """Yield a mapping that is filled with each function's work in the block at its end."""
        before = self.control.work()
        done: dict[str, FunctionWork] = {}
        yield done
        for name, total in self.control.work().items():
            work, function = total.since(before.get(name, FunctionWork())), name.rpartition("/")[2]
            if work.calls or function not in done:  # other functions may have been deployed too
                done[function] = work


@dataclass(frozen=True)
class Site(Deployed):
    """A deployment, and the program that can deploy it again.

    Attributes:
        name: the environment's name.
        deployer: the program that deployed it, in ``deploy_seconds`` of wall time.
        outputs: the stack's outputs.
        environments: the folder of its environment file.
        endpoints_file: the cloud's endpoints file.
    """

    name: str
    deployer: Cdktf
    deploy_seconds: float
    outputs: dict[str, Any]
    environments: Path
    endpoints_file: Path

    @property
    def arguments(self) -> tuple[str, ...]:
        """Return the command line's arguments for deployment and cloud."""
        folder, endpoints = str(self.environments), str(self.endpoints_file)
        return (self.name, "--environments", folder, "--cloud", endpoints)


@contextmanager
def deployed_site(
    workdir: Path,
    deployer: type[Cdktf] = TerraformDeployer,
    *,
    name: str = ENVIRONMENT,
    **fields: object,
) -> Iterator[Site]:
    """Start a cloud and deploy into it.

    Args:
        workdir: the folder for the files of both.
        deployer: the program that deploys.
        name: the environment's name.
        fields: fields of its file, which extend or override a rehearsal's.
    """
    # A test that needs a function may come minutes after the last one that did.
    with running_cloud(workdir, arguments=("--set", "idle_seconds=600")) as endpoints:
        folder = write_environment(workdir, endpoints, name=name, bucket=BUCKET)
        change_file(folder / f"{name}.yaml", **fields)
        deploys = deployer(workdir, environments=folder, reattach=endpoints.tf_reattach_providers)
        started = monotonic()
        outputs = deploys.deploy(name)
        deploy_seconds = monotonic() - started
        endpoints_file = workdir / "endpoints.json"
        yield Site(
            endpoints=read_endpoints(endpoints_file),
            control=ControlClient(endpoints),
            deployment=by_environment(name, folder),
            name=name,
            deployer=deploys,
            deploy_seconds=deploy_seconds,
            outputs=outputs,
            environments=folder,
            endpoints_file=endpoints_file,
        )


def change_file(file: Path, **fields: object) -> None:
    """Set fields of an environment's file."""
    document = {**yaml.safe_load(file.read_text()), **fields}
    file.write_text(yaml.safe_dump(document, sort_keys=False))


def empty(bucket: oss2.Bucket) -> None:
    """Delete every object, since oss2 cannot send a carriage return in a batch."""
    while keys := [item.key for item in bucket.list_objects_v2(max_keys=1000).object_list]:
        if plain := [key for key in keys if key.isprintable()]:
            bucket.batch_delete_objects(plain)
        for key in set(keys).difference(plain):
            bucket.delete_object(key)


def archived(count: int, *, prefix: str = "data/") -> list[SeedObject]:
    """Return small objects, of each archive class in turn."""
    return [
        SeedObject(
            key=f"{prefix}{number:04d}",
            size=100 + number,
            storage_class=ARCHIVE_CLASSES[number % len(ARCHIVE_CLASSES)],
        )
        for number in range(count)
    ]
