"""The main job, played through for real on a local cloud: fill, deploy, thaw, prove, destroy."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final

import oss2

from oss_restore.console import step
from oss_restore.deployment import Deployment, by_environment
from oss_restore.rehearsal.cdktf import Cdktf
from oss_restore.rehearsal.environment import write_environment
from oss_restore.rehearsal.local_cloud import ControlClient, SeedObject, running_cloud
from oss_restore.rehearsal.objects import sample_objects
from oss_restore.rehearsal.proof import Census, take_census
from oss_restore.rehearsal.report import Report
from oss_restore.runs import Progress, Result, follow, run_name
from oss_restore.target import LocalEndpoints, local_target
from oss_restore.workflow import Workflow

ENVIRONMENT: Final = "rehearsal"
BUCKET: Final = "rehearsal-archive"

# The article's execution input, field by field; the endpoint and the bucket are filled in.
ARTICLE_INPUT: Final[Mapping[str, Any]] = {
    "endpoint": "",
    "bucketName": "",
    "prefix": "",
    "marker": "",
    "maxKeys": 100,
    "pollInterval": 10,
    "workers": 10,
    "groupSize": 1,
}
BULK_INPUT: Final[Mapping[str, Any]] = {
    **ARTICLE_INPUT,
    "maxKeys": 1000,
    "groupSize": 50,
    "workers": 16,
    "waitFor": "run",
}
_UPLOADS: Final = 20


@dataclass(frozen=True)
class Plan:
    """What to rehearse.

    Attributes:
        objects: how many go into the bucket.
        run_input: the run's input; endpoint and bucket are filled in.
        cloud_arguments: further arguments of ``oss-restore cloud``.
    """

    objects: int
    run_input: Mapping[str, Any]
    cloud_arguments: Sequence[str] = ()


@dataclass(frozen=True)
class Thaw:
    """The run's part of a rehearsal."""

    result: Result
    before: Census
    after: Census
    cloud_seconds: float
    wall_seconds: float
    billable: dict[str, float]


def rehearse(plan: Plan, *, keep: Path | None = None) -> Report:
    """Plays the whole main job through.

    Args:
        plan: what to rehearse.
        keep: folder for endpoints, logs and state, kept afterwards; a temporary one when None.

    Raises:
        OperatorError: a step failed, with its cause.
    """
    with _workdir(keep) as workdir:
        with step("start the local cloud"):
            cloud = running_cloud(workdir, arguments=plan.cloud_arguments)
            endpoints = cloud.__enter__()
        try:
            return _on(endpoints, plan, workdir)
        finally:
            cloud.__exit__(None, None, None)


def _on(endpoints: LocalEndpoints, plan: Plan, workdir: Path) -> Report:
    control = ControlClient(endpoints.control)
    bucket = _bucket(endpoints, BUCKET)
    bucket.create_bucket()
    with step("fill a bucket") as shown:
        _fill(bucket, control, list(sample_objects(plan.objects)))
        shown.say(f"{plan.objects:,} objects of every storage class")
    folder = write_environment(workdir, endpoints, name=ENVIRONMENT, bucket=BUCKET)
    cdktf = Cdktf(workdir, environments=folder, reattach=endpoints.tf_reattach_providers)
    with step("cdktf deploy"):
        outputs = cdktf.deploy(ENVIRONMENT)
    thaw = _thaw(endpoints, control, bucket, by_environment(ENVIRONMENT, folder), plan)
    with step("cdktf deploy, once more") as shown:
        changes = cdktf.deploy_again(ENVIRONMENT)
        shown.say("nothing changes" if not changes else f"{changes} resources change")
    with step("cdktf destroy") as shown:
        # A report bucket is not destroyed while it holds reports: that is for its owner to empty.
        _empty(_bucket(endpoints, outputs["report_bucket"]))
        cdktf.destroy(ENVIRONMENT)
        _empty(bucket)
        bucket.delete_bucket()
        leftovers = [
            f"{kind}: {name}" for kind, names in control.resources().items() for name in names
        ]
        shown.say("nothing is left" if not leftovers else f"left behind: {', '.join(leftovers)}")
    return _report(plan, thaw, changes, leftovers)


def _thaw(
    endpoints: LocalEndpoints,
    control: ControlClient,
    bucket: oss2.Bucket,
    deployment: Deployment,
    plan: Plan,
) -> Thaw:
    before = take_census(bucket, _cloud_time(control))
    workflow = Workflow(local_target(endpoints))
    run_input = {**plan.run_input, "endpoint": endpoints.oss, "bucketName": BUCKET}
    meters, cloud_started, started = control.meters(), control.now(), monotonic()
    with step("thaw") as shown:

        def show(progress: Progress) -> None:
            submitted = _grown(meters, control.meters()).get("oss.requests.RestoreObject", 0)
            hours = (control.now() - cloud_started) / 3600
            shown.say(
                f"page {progress.pages:,}, {submitted:,.0f} of {before.archived:,} objects "
                f"requested, {hours:.1f} h of cloud time"
            )

        name = run_name()
        workflow.start(deployment.main_flow, name, json.dumps(run_input))
        result = follow(workflow, deployment.main_flow, name, on_progress=show)
    wall_seconds = monotonic() - started
    cloud_seconds = control.now() - cloud_started
    billable = _grown(meters, control.meters())
    with step("prove it with oss2") as shown:
        after = take_census(bucket, _cloud_time(control))
        shown.say(f"{after.readable.total():,} of {after.archived:,} archived objects are readable")
    return Thaw(result, before, after, cloud_seconds, wall_seconds, billable)


def _report(plan: Plan, thaw: Thaw, changes: int, leftovers: list[str]) -> Report:
    result, after = thaw.result, thaw.after
    others = after.objects.total() - after.archived
    problems = []
    if result.execution.status != "Succeeded":
        problems.append(f"the run {result.execution.status}: {result.error}: {result.cause}")
    if after.unreadable:
        problems.append(
            f"{len(after.unreadable):,} archived objects are not readable, such as "
            f"{after.unreadable[0]!r}"
        )
    if after.touched:
        problems.append(f"objects that need no thaw were touched, such as {after.touched[0]!r}")
    if after.objects != thaw.before.objects:
        problems.append("the bucket's objects are not what they were before the run")
    if changes:
        problems.append(f"the second deploy changed {changes} resources")
    if leftovers:
        problems.append(f"destroy left behind {', '.join(leftovers)}")
    return Report(
        objects=plan.objects,
        archived=after.archived,
        readable=after.readable.total(),
        untouched=others - len(after.touched),
        outcomes=dict(result.outcomes),
        by_class=dict(result.summary.get("byClass", {})),
        cloud_seconds=round(thaw.cloud_seconds, 1),
        wall_seconds=round(thaw.wall_seconds, 1),
        billable=thaw.billable,
        second_deploy_changes=changes,
        leftovers=leftovers,
        problems=problems,
    )


def _bucket(endpoints: LocalEndpoints, name: str) -> oss2.Bucket:
    auth = oss2.AuthV4(endpoints.access_key_id, endpoints.access_key_secret)
    return oss2.Bucket(auth, endpoints.oss, name, region=endpoints.region)


def _fill(bucket: oss2.Bucket, control: ControlClient, objects: list[SeedObject]) -> None:
    """The first ones are uploaded, as a user would; the rest appears at once."""
    for item in objects[:_UPLOADS]:
        body = b"x" * item.size
        bucket.put_object(item.key, body, headers={"x-oss-storage-class": item.storage_class})
    control.seed(BUCKET, objects[_UPLOADS:])


def _empty(bucket: oss2.Bucket) -> None:
    while keys := [item.key for item in bucket.list_objects_v2(max_keys=1000).object_list]:
        bucket.batch_delete_objects(keys)


def _cloud_time(control: ControlClient) -> datetime:
    return datetime.fromtimestamp(control.now(), UTC)


def _grown(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What the meters counted in between."""
    grown = {name: round(total - before.get(name, 0), 3) for name, total in after.items()}
    return {name: amount for name, amount in grown.items() if amount}


@contextmanager
def _workdir(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="oss-restore-") as folder:
        yield Path(folder)
