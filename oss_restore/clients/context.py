"""The deployment that a command works on, and the clients of its cloud."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from infra.environment_files import Environment
from infra.model.operator_access import OperatorAccess
from oss_restore.clients.call_rate import RateLimits
from oss_restore.clients.deployment import Deployment, by_environment, by_outputs, load_environment
from oss_restore.clients.outputs import Outputs, read_outputs
from oss_restore.clients.target import (
    LocalEndpoints,
    Target,
    cloud_target,
    local_target,
    read_endpoints,
)
from oss_restore.clients.terraform_state import find_outputs
from oss_restore.errors import UsageError
from oss_restore.language import gettext as _

if TYPE_CHECKING:
    from oss_restore.clients.control_api import ControlClient
    from oss_restore.clients.workflow import WorkflowClient


def wall_clock() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class DeploymentContext:
    """The deployment named by a command's arguments, which is read when first needed.

    Attributes:
        environment: name of the environment.
        folder: folder of the environment files.
        outputs: file with outputs; None to find those in the environment's state.
        flow: name of the main flow, in place of an environment.
        region: region of that flow.
        cloud: endpoints file of a local cloud; None for Alibaba Cloud.

    Raises:
        OperatorError: the arguments name two deployments.
    """

    environment: str | None = None
    folder: Path = Path("environments")
    outputs: Path | None = None
    flow: str | None = None
    region: str | None = None
    cloud: Path | None = None

    def __post_init__(self) -> None:
        if self.flow and (self.environment or self.outputs):
            raise UsageError(
                _("name an environment, an outputs file with --outputs, or a flow with --flow")
            )
        if self.flow and not self.region and self.cloud is None:
            raise UsageError(_("--flow needs --region"))

    @cached_property
    def deployment(self) -> Deployment:
        """The deployment, from its outputs if they can be read.

        Raises:
            OperatorError: the arguments name no deployment, or it cannot be read.
        """
        outputs = self._given_outputs
        named = self._named
        if outputs is None and named.environment is not None:
            outputs = find_outputs(named.environment, self.target)
        if outputs is None:
            return named
        return replace(by_outputs(outputs), environment=named.environment)

    @property
    def named_environment(self) -> Environment | None:
        """The environment, from its file alone; None if none is named.

        Raises:
            OperatorError: there is no such environment, or its file is wrong.
        """
        return load_environment(self.environment, self.folder) if self.environment else None

    @cached_property
    def target(self) -> Target:
        """The endpoints to call, and the credentials to sign with.

        Raises:
            OperatorError: the endpoints file is invalid, or there are no credentials.
        """
        environment = self._named.environment if self.environment else None
        access = environment.operator if environment else OperatorAccess()
        if self.local is None:
            endpoints = environment.provider.endpoints if environment else None
            named = self._named
            target = cloud_target(named.region, named.account_id, endpoints, access.profile)
        else:
            target = local_target(self.local, access.profile)
        if access.role_arn and not (self.local and self.local.access_key_id):
            from oss_restore.clients.roles import as_operator

            target = as_operator(target, access)
        target.credentials.keys()  # fail now rather than in the first call
        return replace(target, bucket_regions=self._bucket_regions)

    @property
    def _bucket_regions(self) -> Mapping[str, str]:
        named = self.environment and (self.outputs is None or self.folder.is_dir())
        environment = self._named.environment if named else None
        buckets = environment.buckets if environment else ()
        return {bucket.name: bucket.region for bucket in buckets if bucket.region}

    @cached_property
    def local(self) -> LocalEndpoints | None:
        """The local cloud; None for Alibaba Cloud."""
        return None if self.cloud is None else read_endpoints(self.cloud)

    @cached_property
    def workflow(self) -> WorkflowClient:
        """The client of Serverless Workflow."""
        from oss_restore.clients.workflow import WorkflowClient

        return WorkflowClient(self.target, RateLimits())

    @property
    def control(self) -> ControlClient | None:
        """The client of a local cloud's control API; None for Alibaba Cloud."""
        from oss_restore.clients.control_api import ControlClient

        return None if self.local is None else ControlClient(self.local)

    @property
    def reported(self) -> Deployment:
        """The deployment, which must have a known report bucket.

        Raises:
            OperatorError: the arguments do not identify one.
        """
        if not self.deployment.report_bucket:
            raise UsageError(
                _("this needs the report bucket, which --flow alone does not identify")
            )
        return self.deployment

    def now(self) -> datetime:
        """Return the time by the cloud's clock, since a local cloud has its own."""
        return datetime.fromtimestamp(self.control.now(), UTC) if self.control else wall_clock()

    def command(self, name: str, *options: str) -> str:
        """Return a shell command that works on this deployment."""
        return shlex.join(["oss-restore", name, *self.arguments(), *options])

    def extend_command(self, run: str) -> str:
        """Return the command that keeps a run's objects readable for longer."""
        return self.command("extend", "--run", run, "--days", "DAYS")

    def arguments(self) -> list[str]:
        """Return the arguments for showing a command, without those from environment variables."""
        options = {
            "--environments": None if self.folder == Path("environments") else self.folder,
            "--outputs": self.outputs,
            "--flow": self.flow,
            "--region": self.region,
            "--cloud": self.cloud,
        }
        in_shell = {value for name, value in os.environ.items() if name.startswith("OSS_RESTORE_")}
        return [
            *filter(None, [self.environment]),
            *(
                word
                for option, value in options.items()
                if value is not None and str(value) not in in_shell
                for word in (option, str(value))
            ),
        ]

    @cached_property
    def _given_outputs(self) -> Outputs | None:
        return None if self.outputs is None else read_outputs(self.outputs, self.environment)

    @cached_property
    def _named(self) -> Deployment:
        """The deployment, from its names alone."""
        if self.flow:
            return Deployment(region=self.region or "", main_flow=self.flow)
        if self.environment and (self.outputs is None or self.folder.is_dir()):
            return by_environment(self.environment, self.folder)
        if self._given_outputs is None:
            raise UsageError(
                _("name an environment, an outputs file with --outputs, or a flow with --flow")
            )
        return by_outputs(self._given_outputs)
