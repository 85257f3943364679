"""One local cloud and one deployment, made by the real cdktf, for all end-to-end tests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import oss2
import pytest

from oss_restore.deployment import Deployment, by_environment
from oss_restore.rehearsal.cdktf import Cdktf
from oss_restore.rehearsal.environment import write_environment
from oss_restore.rehearsal.local_cloud import ControlClient, SeedObject, running_cloud
from oss_restore.runs import Result, follow, run_name
from oss_restore.target import LocalEndpoints, local_target
from oss_restore.workflow import Workflow

ENVIRONMENT = "e2e"
BUCKET = "e2e-archive"


@dataclass(frozen=True)
class Site:
    """A deployment on a local cloud, and what a test needs to play with it."""

    endpoints: LocalEndpoints
    control: ControlClient
    deployment: Deployment
    environments: Path
    endpoints_file: Path

    @property
    def workflow(self) -> Workflow:
        return Workflow(local_target(self.endpoints))

    def bucket(self, name: str = BUCKET) -> oss2.Bucket:
        auth = oss2.AuthV4(self.endpoints.access_key_id, self.endpoints.access_key_secret)
        return oss2.Bucket(auth, self.endpoints.oss, name, region=self.endpoints.region)

    def fill(self, objects: Iterable[SeedObject]) -> None:
        self.control.seed(BUCKET, objects)

    def start(self, **run_input: Any) -> str:
        """Starts a run on the bucket and returns its name."""
        name = run_name()
        document = {"endpoint": self.endpoints.oss, "bucketName": BUCKET, **run_input}
        self.workflow.start(self.deployment.main_flow, name, json.dumps(document))
        return name

    def run(self, **run_input: Any) -> Result:
        """Starts a run on the bucket and waits for its end."""
        name = self.start(**run_input)
        return follow(self.workflow, self.deployment.main_flow, name, on_progress=lambda _: None)

    def restores(self) -> float:
        """How many RestoreObject requests have been billed so far."""
        return self.control.meters().get("oss.requests.RestoreObject", 0)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    workdir = tmp_path_factory.mktemp("cloud")
    with running_cloud(workdir) as endpoints:
        folder = write_environment(workdir, endpoints, name=ENVIRONMENT, bucket=BUCKET)
        Cdktf(workdir, environments=folder, reattach=endpoints.tf_reattach_providers).deploy(
            ENVIRONMENT
        )
        yield Site(
            endpoints=endpoints,
            control=ControlClient(endpoints.control),
            deployment=by_environment(ENVIRONMENT, folder),
            environments=folder,
            endpoints_file=workdir / "endpoints.json",
        )


@pytest.fixture
def bucket(site: Site) -> Iterator[oss2.Bucket]:
    """The bucket in scope, empty before and after each test."""
    bucket = site.bucket()
    bucket.create_bucket()
    yield bucket
    while keys := [item.key for item in bucket.list_objects_v2(max_keys=1000).object_list]:
        bucket.batch_delete_objects(keys)
    bucket.delete_bucket()
