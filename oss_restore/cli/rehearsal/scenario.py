"""The rehearsal on a local cloud: fill, deploy, thaw, verify, destroy."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any, Final

import oss2

from infra.model.generations import Generation
from localcloud.work_folder import WorkFolder
from oss_restore.cli.console import err, step
from oss_restore.cli.rehearsal.cdktf import Cdktf
from oss_restore.cli.rehearsal.cloud_process import running_cloud
from oss_restore.cli.rehearsal.environment_file import write_environment
from oss_restore.cli.rehearsal.findings import RehearsalReport
from oss_restore.cli.rehearsal.objects import sample_objects
from oss_restore.cli.rehearsal.proof import Census, take_census
from oss_restore.cli.run_display import run_display
from oss_restore.clients.context import DeploymentContext
from oss_restore.clients.control_api import ControlClient, SeedObject
from oss_restore.clients.deployment import by_environment
from oss_restore.clients.target import LocalEndpoints, local_target
from oss_restore.clients.workflow import WorkflowClient
from oss_restore.errors import OperatorError
from oss_restore.language import gettext as _
from oss_restore.runs.following import follow
from oss_restore.runs.observer import Observer
from oss_restore.runs.run_lookup import run_name

ENVIRONMENT: Final = "rehearsal"
BUCKET: Final = "rehearsal-archive"
KeepReport = Callable[[DeploymentContext, str, RehearsalReport], None]

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
# What is not given is chosen.
CHOSEN_INPUT: Final[Mapping[str, Any]] = {"endpoint": "", "bucketName": "", "waitFor": "run"}
_UPLOADS: Final = 20
_POLL_SECONDS: Final = 1


@dataclass(frozen=True)
class RehearsalPlan:
    """The parameters of a rehearsal.

    Attributes:
        objects: how many go into the bucket.
        run_input: the run's input; endpoint and bucket are filled in.
        cloud_arguments: further arguments of ``oss-restore cloud``.
        generation: of Function Compute.
    """

    objects: int
    run_input: Mapping[str, Any]
    cloud_arguments: Sequence[str] = ()
    generation: Generation = 2


def rehearse(
    plan: RehearsalPlan, keep_report: KeepReport, *, keep: Path | None = None
) -> RehearsalReport:
    """Run the whole rehearsal.

    However it ends, its cloud is stopped and, unless they are to be kept, its files are removed.

    Args:
        plan: what to rehearse.
        keep_report: keeps the report of the run, by its name, and notes it in the findings.
        keep: folder for logs and state, kept afterwards; a temporary one when None.

    Returns:
        what was found, as far as it came; its ``problems`` say why it came no further.
    """
    report = RehearsalReport(objects=plan.objects)
    try:
        with ExitStack() as stack:
            workdir = stack.enter_context(_workdir(keep))
            with step("start the local cloud"):
                cloud = running_cloud(workdir, arguments=plan.cloud_arguments)
                endpoints = stack.enter_context(cloud)
            _Rehearsal(plan, workdir, endpoints, report, keep_report).play()
    except OperatorError as error:
        report.problems.append(f"{error} ({error.hint})" if error.hint else str(error))
    except oss2.exceptions.OssError as error:
        report.problems.append(f"the local cloud's OSS: {error}")
    if report.problems:
        report.problems.append(f"logs are in {keep}" if keep else "--keep FOLDER keeps the logs")
    return report


class _Rehearsal:
    """A rehearsal on a running cloud, which writes its findings into a report."""

    def __init__(
        self,
        plan: RehearsalPlan,
        workdir: Path,
        endpoints: LocalEndpoints,
        report: RehearsalReport,
        keep_report: KeepReport,
    ) -> None:
        self._plan = plan
        self._workdir = workdir
        self._endpoints = endpoints
        self._report = report
        self._keep_report = keep_report
        self._control = ControlClient(endpoints)
        self._bucket = self._open(BUCKET)

    def play(self) -> None:
        with step("fill a bucket") as shown:
            self._fill()
            shown.update(f"{self._plan.objects:,} objects of every storage class")
        folder = write_environment(
            self._workdir,
            self._endpoints,
            name=ENVIRONMENT,
            bucket=BUCKET,
            generation=self._plan.generation,
        )
        reattach = self._endpoints.tf_reattach_providers
        cdktf = Cdktf(self._workdir, environments=folder, reattach=reattach)
        with step("cdktf deploy"):
            outputs = cdktf.deploy(ENVIRONMENT)
        for warning in self._control.runtime_warnings():
            err.print_line(f"! {warning}", style="yellow")
        run = self._thaw(by_environment(ENVIRONMENT, folder).main_flow)
        cloud = self._workdir / "endpoints.json"
        context = DeploymentContext(environment=ENVIRONMENT, folder=folder, cloud=cloud)
        self._keep_report(context, run, self._report)  # the run itself is gone in the end
        with step("prove it with oss2") as shown:
            after = self._census()
            self._compare(after)
            shown.update(
                f"{after.readable.total():,} of {after.archived:,} archived objects are readable"
            )
        with step("cdktf deploy, once more") as shown:
            changes = cdktf.deploy_again(ENVIRONMENT)
            self._report.second_deploy_changes = changes
            self._expect(not changes, f"the second deploy changed {changes} resources")
            shown.update("nothing changes" if not changes else f"{changes} resources change")
        with step("cdktf destroy") as shown:
            self._destroy(cdktf, outputs["report_bucket"])
            left = ", ".join(self._report.leftovers)
            shown.update(f"left behind: {left}" if left else "nothing is left")
        self._report.problems += self._control.warnings()

    def _fill(self) -> None:
        """Upload the first objects as a user would, and create the rest at once."""
        self._bucket.create_bucket()
        objects = sample_objects(self._plan.objects)
        for item in islice(objects, _UPLOADS):
            self._upload(item)
        self._control.seed(BUCKET, objects)

    def _upload(self, item: SeedObject) -> None:
        headers = {"x-oss-storage-class": item.storage_class}
        self._bucket.put_object(item.key, b"x" * item.size, headers=headers)

    def _thaw(self, flow: str) -> str:
        """Run the flow to its end, and return the run's name."""
        report, control = self._report, self._control
        workflow, name = WorkflowClient(local_target(self._endpoints)), run_name()
        run_input = {
            **self._plan.run_input,
            "endpoint": self._endpoints.oss,
            "bucketName": BUCKET,
        }
        meters, cloud_started, started = control.meters(), control.now(), monotonic()
        with (
            step("thaw", spinner=False) as shown,
            run_display("thaw", err) as show,
        ):
            workflow.start(flow, name, json.dumps(run_input))
            state = follow(
                Observer(workflow, flow, name, clock=self._now).look,
                show,
                on_disconnect=lambda error: shown.update(str(error)),
                poll_seconds=_POLL_SECONDS,
            )
            report.wall_seconds = round(monotonic() - started, 1)
            report.cloud_seconds = round(control.now() - cloud_started, 1)
            shown.update(f"{report.cloud_seconds / 3600:.1f} h of cloud time")
        report.billable = _grown(meters, control.meters())
        result = state.result
        report.outcomes = dict(result.outcomes)
        report.by_class = dict(result.summary.get("byClass", {}))
        if state.verdict.exit_code:
            report.problems.append(state.verdict.sentence)
        return name

    def _compare(self, after: Census) -> None:
        report, filled = self._report, sample_objects(self._plan.objects)
        report.archived = after.archived
        report.readable = after.readable.total()
        report.untouched = after.objects.total() - after.archived - len(after.touched)
        unreadable, touched = after.unreadable, after.touched
        self._expect(
            not unreadable,
            f"{len(unreadable):,} archived objects are not readable, such as {unreadable[:1]}",
        )
        self._expect(
            not touched,
            f"{len(touched):,} objects that need no thaw were touched, such as {touched[:1]}",
        )
        self._expect(
            after.objects == Counter(item.storage_class for item in filled),
            "the bucket's objects are not those that it was filled with",
        )

    def _destroy(self, cdktf: Cdktf, report_bucket: str) -> None:
        # A report bucket is not destroyed while it holds reports: that is for its owner to empty.
        _empty(self._open(report_bucket))
        cdktf.destroy(ENVIRONMENT)
        _empty(self._bucket)
        self._bucket.delete_bucket()
        left = [f"{kind}: {n}" for kind, names in self._control.resources().items() for n in names]
        self._report.leftovers = left
        self._expect(not left, f"destroy left behind {', '.join(left)}")

    def _expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self._report.problems.append(otherwise)

    def _census(self) -> Census:
        return take_census(self._bucket, self._now())

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._control.now(), UTC)

    def _open(self, name: str) -> oss2.Bucket:
        endpoints = self._endpoints
        auth = oss2.AuthV4(endpoints.access_key_id, endpoints.access_key_secret)
        return oss2.Bucket(auth, endpoints.oss, name, region=endpoints.region)


def _empty(bucket: oss2.Bucket) -> None:
    while keys := [item.key for item in bucket.list_objects_v2(max_keys=1000).object_list]:
        bucket.batch_delete_objects(keys)


def _grown(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Return how much the meters have grown."""
    grown = {name: round(total - before.get(name, 0), 3) for name, total in after.items()}
    return {name: amount for name, amount in grown.items() if amount}


@contextmanager
def _workdir(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    work = WorkFolder()  # what a killed rehearsal leaves, the next local cloud to start removes
    try:
        folder = work.path()
    except OSError as error:
        raise OperatorError(
            _("cannot create a temporary folder: {reason}").format(reason=error.strerror or error)
        ) from error
    try:
        yield folder
    finally:
        work.close()
