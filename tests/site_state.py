"""The state of a deployment and of its cloud, which is restored after a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from alibabacloud_fnf20190315 import models

from oss_restore.clients.control_api import Configuration, ControlClient
from oss_restore.clients.workflow import RunEndedError
from tests.ram import Ram
from tests.site import PATIENCE_SECONDS, Site, change_file
from tests.terraform_deployer import TerraformDeployer


@contextmanager
def restored_site(site: Site) -> Iterator[None]:
    """Restore a deployment and its cloud to their state before the block, however that ends.

    Time, meters, and runs that have ended, with their ledgers, are kept: a test compares them with
    their state before it.

    Raises:
        AssertionError: something has changed that this cannot restore.
    """
    before = SiteState.of(site)
    try:
        yield
    finally:
        before.restore(site)


@contextmanager
def redeployed_site(
    site: Site, *, variables: Mapping[str, str] | None = None, **fields: object
) -> Iterator[None]:
    """Deploy with a changed environment file, and restore the deployment after the block.

    Args:
        site: the deployment.
        variables: environment variables of the first of these two deployments.
        fields: fields of the file to set.
    """
    deployer = TerraformDeployer(
        site.environments.parent,
        environments=site.environments,
        reattach=site.endpoints.tf_reattach_providers,
        variables=variables,
    )
    with restored_site(site):
        change_file(site.environments / f"{site.name}.yaml", **fields)
        deployer.deploy(site.name)
        yield


@dataclass(frozen=True)
class SiteState:
    """The state of a deployment and its cloud.

    Attributes:
        configuration: settings, names of resources, and content of flows and policies.
        files: the content of the environment files.
    """

    configuration: Configuration
    files: Mapping[Path, bytes]

    @classmethod
    def of(cls, site: Site) -> SiteState:
        """Return the current state."""
        files = {path: path.read_bytes() for path in site.environments.iterdir()}
        return cls(site.control.configuration(), files)

    def restore(self, site: Site) -> None:
        """Restore this state."""
        site.control.clear_faults()
        end_runs(site)
        release_clock(site.control)
        now = SiteState.of(site)
        if added := now.buckets - self.buckets:
            for name in added:
                site.control.remove_bucket(name)
            now = SiteState.of(site)
        if now != self:
            self._repair(site, now)
            assert SiteState.of(site) == self

    @property
    def buckets(self) -> set[str]:
        """The names of the buckets."""
        return set(self.configuration.resources.get("buckets", ()))

    def _repair(self, site: Site, now: SiteState) -> None:
        account, deployed = site.endpoints.account_id, self.configuration
        site.control.set(deployed.settings)
        for path in now.files.keys() - self.files.keys():
            path.unlink()
        for path, content in self.files.items():
            path.write_bytes(content)
        if now.files != self.files or any(
            set(names).difference(now.configuration.resources.get(kind, ()))
            for kind, names in deployed.resources.items()
        ):
            site.deployer.deploy(site.name)
            now = SiteState.of(site)
        found, client = now.configuration, site.workflow._client
        for name in found.flows[account].keys() - deployed.flows[account].keys():
            client.delete_flow(models.DeleteFlowRequest(name=name))
        for name, flow in deployed.flows[account].items():
            if found.flows[account][name] != flow:
                change = models.UpdateFlowRequest(name=name, **flow.model_dump())
                client.update_flow(change)
        for name, document in deployed.policies[account].items():
            if found.policies[account][name] != document:
                Ram(site.endpoints).put(name, document)


def end_runs(site: Site) -> None:
    """Stop all runs, and wait for their end."""
    deadline = monotonic() + PATIENCE_SECONDS
    while running := site.control.executions(site.endpoints.account_id):
        assert monotonic() < deadline, f"still running: {running}"
        for execution in running:
            with suppress(RunEndedError):  # it may end at any moment
                site.workflow.stop(execution.flow, execution.name, error="", cause="")


def release_clock(control: ControlClient) -> None:
    """Release the clock, whoever holds it."""
    for client, holds in control.clock().holds.items():
        for _ in range(holds):
            control._call("POST", "/clock/release", json={"client": client})
