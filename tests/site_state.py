"""The state of a deployment and of its cloud, which is restored after a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import oss2
from alibabacloud_fnf20190315 import models
from oss2.models import BatchDeleteObjectVersion, BatchDeleteObjectVersionList

from oss_restore.clients.control_api import ControlClient, Setting
from oss_restore.clients.flow_executions import FlowExecution
from oss_restore.clients.workflow import RunEndedError
from tests.ram import Document, Ram
from tests.site import PATIENCE_SECONDS, Site


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


@dataclass(frozen=True)
class SiteState:
    """The state of a deployment and its cloud.

    Attributes:
        resources: the names of everything in the cloud, by kind.
        settings: the cloud's settings.
        flows: definition and role of each flow.
        policies: the document of each policy.
        files: the content of the environment files.
    """

    resources: Mapping[str, list[str]]
    settings: Mapping[str, Setting]
    flows: Mapping[str, tuple[str, str]]
    policies: Mapping[str, Document]
    files: Mapping[Path, bytes]

    @classmethod
    def of(cls, site: Site) -> SiteState:
        """Return the current state."""
        resources, ram = site.control.resources(), Ram(site.endpoints)
        flows = site.workflow._client.list_flows(models.ListFlowsRequest()).body.flows
        return cls(
            resources,
            site.control.set({}),
            {flow.name: (flow.definition, flow.role_arn) for flow in flows},
            {name: ram.document(name) for name in resources.get("policies", ())},
            {path: path.read_bytes() for path in site.environments.iterdir()},
        )

    def restore(self, site: Site) -> None:
        """Restore this state."""
        site.control.clear_faults()
        end_runs(site)
        release_clock(site.control)
        kept = self.resources.get("buckets", ())
        for name in site.control.resources().get("buckets", ()):
            if name not in kept:
                remove_bucket(site, name)
        now = SiteState.of(site)
        if now != self:
            self._repair(site, now)
            assert SiteState.of(site) == self

    def _repair(self, site: Site, now: SiteState) -> None:
        site.control.set(self.settings)
        for path in now.files.keys() - self.files.keys():
            path.unlink()
        for path, content in self.files.items():
            path.write_bytes(content)
        if now.files != self.files or any(
            set(names).difference(now.resources.get(kind, ()))
            for kind, names in self.resources.items()
        ):
            site.deployer.deploy(site.name)
            now = SiteState.of(site)
        client = site.workflow._client
        for name in now.flows.keys() - self.flows.keys():
            client.delete_flow(models.DeleteFlowRequest(name=name))
        for name, (definition, role) in self.flows.items():
            if now.flows[name] != (definition, role):
                change = models.UpdateFlowRequest(name=name, definition=definition, role_arn=role)
                client.update_flow(change)
        for name, document in self.policies.items():
            if now.policies[name] != document:
                Ram(site.endpoints).put(name, document)


def end_runs(site: Site) -> None:
    """Stop all runs, and wait for their end."""
    deadline = monotonic() + PATIENCE_SECONDS
    while running := list(_running(site)):
        assert monotonic() < deadline, f"still running: {running}"
        for execution in running:
            with suppress(RunEndedError):  # it may end at any moment
                site.workflow.stop(execution.flow, execution.name, error="", cause="")


def _running(site: Site) -> Iterator[FlowExecution]:
    for flow in site.control.resources().get("flows", ()):
        for page in site.workflow.executions(flow, running=True):
            yield from page


def release_clock(control: ControlClient) -> None:
    """Release the clock, whoever holds it."""
    for client, holds in control.clock().holds.items():
        for _ in range(holds):
            control._call("POST", "/clock/release", json={"client": client})


def remove_bucket(site: Site, name: str) -> None:
    """Delete a bucket with everything in it."""
    site.control.move_bucket(name, site.endpoints.region)
    bucket = site.bucket(name)
    with suppress(oss2.exceptions.NoSuchWORMConfiguration):
        bucket.abort_bucket_worm()
    for upload in bucket.list_multipart_uploads(max_uploads=1000).upload_list:
        bucket.abort_multipart_upload(upload.key, upload.upload_id)
    while True:
        found = bucket.list_object_versions(max_keys=1000)
        if not (versions := [*found.versions, *found.delete_marker]):
            break
        # oss2 cannot name a carriage return in a batch.
        plain = [one for one in versions if one.key.isprintable()]
        if plain:
            bucket.delete_object_versions(
                BatchDeleteObjectVersionList(
                    [BatchDeleteObjectVersion(one.key, one.versionid) for one in plain]
                )
            )
        for one in versions:
            if not one.key.isprintable():
                bucket.delete_object(one.key, params={"versionId": one.versionid})
    bucket.delete_bucket()
