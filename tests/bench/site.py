"""One local cloud and one deployment, for all runs that are measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

import oss2

from oss_restore.console import step
from oss_restore.deployment import Deployment, by_environment
from oss_restore.rehearsal.cdktf import Cdktf
from oss_restore.rehearsal.environment import write_environment
from oss_restore.rehearsal.local_cloud import ControlClient, running_cloud
from oss_restore.target import LocalEndpoints, local_target
from oss_restore.workflow import Workflow

ENVIRONMENT: Final = "bench"
BUCKET: Final = "bench-archive"

# What a fresh account has: the reference values of docs 122093 and 52930.
QUOTAS: Final[Mapping[str, int]] = {
    "step_entries_per_second": 100,
    "cold_archive_restores_per_second": 500,
    "deep_cold_archive_restores_per_second": 100,
}


@dataclass(frozen=True)
class Site:
    """A deployment on a local cloud.

    Attributes:
        endpoints_file: where the cloud is, for programs of their own.
        deploy_seconds, second_deploy_seconds: of wall time; the second one changes nothing.
    """

    endpoints: LocalEndpoints
    endpoints_file: Path
    control: ControlClient
    deployment: Deployment
    deploy_seconds: float
    second_deploy_seconds: float

    @property
    def workflow(self) -> Workflow:
        """Serverless Workflow's client."""
        return Workflow(local_target(self.endpoints))

    @property
    def bucket(self) -> oss2.Bucket:
        """The bucket whose objects are thawed."""
        auth = oss2.AuthV4(self.endpoints.access_key_id, self.endpoints.access_key_secret)
        return oss2.Bucket(auth, self.endpoints.oss, BUCKET, region=self.endpoints.region)


@contextmanager
def deployed(workdir: Path) -> Iterator[Site]:
    """A cloud with a fresh account's quotas, and the product deployed into it by cdktf, twice."""
    with running_cloud(workdir, arguments=list(_set(QUOTAS))) as endpoints:
        folder = write_environment(workdir, endpoints, name=ENVIRONMENT, bucket=BUCKET)
        cdktf = Cdktf(workdir, environments=folder, reattach=endpoints.tf_reattach_providers)
        with step("cdktf deploy, twice"):
            started = perf_counter()
            cdktf.deploy(ENVIRONMENT)
            first = perf_counter()
            changes = cdktf.deploy_again(ENVIRONMENT)
            second = perf_counter()
        if changes:
            raise RuntimeError(f"the second deploy changed {changes} resources")
        site = Site(
            endpoints=endpoints,
            endpoints_file=workdir / "endpoints.json",
            control=ControlClient(endpoints.control),
            deployment=by_environment(ENVIRONMENT, folder),
            deploy_seconds=first - started,
            second_deploy_seconds=second - first,
        )
        site.bucket.create_bucket()
        yield site


def _set(values: Mapping[str, int]) -> Sequence[str]:
    return [part for name, value in values.items() for part in ("--set", f"{name}={value}")]
