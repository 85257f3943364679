"""The steps of a rehearsal on a local cloud: fill, deploy, thaw, verify and destroy."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final

import oss2

from oss_restore.cli.console import err, step
from oss_restore.cli.flow_display import FlowDisplay
from oss_restore.cli.rehearsal.buckets import RehearsalBuckets
from oss_restore.cli.rehearsal.cdktf import Cdktf
from oss_restore.cli.rehearsal.cloud_process import running_cloud
from oss_restore.cli.rehearsal.findings import RehearsalReport, RunFinding
from oss_restore.cli.rehearsal.isolation import get_packages, isolated_environment
from oss_restore.cli.rehearsal.proof import Census
from oss_restore.cli.rehearsal.subject import RehearsalSubject, RehearsedRun
from oss_restore.cli.rehearsal.work_folder import work_folder
from oss_restore.cli.run_display import run_display
from oss_restore.clients.context import DeploymentContext
from oss_restore.clients.control_api import ControlClient
from oss_restore.clients.deployment import by_environment
from oss_restore.clients.target import LocalEndpoints, local_target
from oss_restore.clients.workflow import WorkflowClient
from oss_restore.errors import OperatorError
from oss_restore.language import gettext as _
from oss_restore.runs.following import follow
from oss_restore.runs.observer import Observer
from oss_restore.runs.run_lookup import run_name
from thaw.storage_classes import ARCHIVE_CLASSES

KeepReport = Callable[[DeploymentContext, RunFinding], None]

# The article's execution input; the endpoint and the bucket are filled in.
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
# All other settings are chosen automatically.
CHOSEN_INPUT: Final[Mapping[str, Any]] = {"endpoint": "", "bucketName": "", "waitFor": "run"}
_POLL_SECONDS: Final = 1


def rehearse(
    subject: RehearsalSubject,
    objects: int,
    keep_report: KeepReport,
    *,
    cloud_arguments: Sequence[str],
    keep: Path | None,
) -> RehearsalReport:
    """Run the whole rehearsal.

    At its end, even after an error, its cloud is stopped, and its files are removed unless they are
    to be kept.

    Args:
        subject: the environment and its runs.
        objects: number of objects per bucket.
        keep_report: keeps the report of a run, and notes it in the finding.
        cloud_arguments: further arguments of ``oss-restore cloud``.
        keep: folder in which to keep logs and state; None for a temporary one.

    Returns:
        The findings so far; ``problems`` contains the error that ended the rehearsal early, if any.
    """
    report = RehearsalReport(not_rehearsed=list(subject.not_rehearsed))
    try:
        with ExitStack() as stack:
            workdir = stack.enter_context(work_folder(keep))
            if subject.receiver is not None:
                subject.receiver.start()
                stack.callback(subject.receiver.stop)
            with step(_("get the functions' packages")):
                get_packages(subject.runtime)
            with step(_("start the local cloud")):
                arguments = [*subject.cloud_arguments, *cloud_arguments]
                cloud = running_cloud(workdir, arguments=arguments)
                endpoints = stack.enter_context(cloud)
            _Rehearsal(subject, objects, workdir, endpoints, report, keep_report).play()
    except OperatorError as error:
        report.problems.append(f"{error} ({error.hint})" if error.hint else str(error))
    except oss2.exceptions.OssError as error:
        report.problems.append(_("the local cloud's OSS: {reason}").format(reason=error))
    if report.problems:
        report.problems.append(
            _("logs are in {folder}").format(folder=keep)
            if keep
            else _("--keep FOLDER keeps the logs")
        )
    return report


class _Rehearsal:
    """A rehearsal on a running cloud, which writes its findings into a report."""

    def __init__(
        self,
        subject: RehearsalSubject,
        objects: int,
        workdir: Path,
        endpoints: LocalEndpoints,
        report: RehearsalReport,
        keep_report: KeepReport,
    ) -> None:
        self._subject = subject
        self._workdir = workdir
        self._endpoints = endpoints
        self._report = report
        self._keep_report = keep_report
        self._control = ControlClient(endpoints)
        self._buckets = RehearsalBuckets(endpoints, self._control, objects)

    def play(self) -> None:
        subject = self._subject
        with step(_("fill the buckets")) as shown:
            self._report.objects = self._buckets.make(subject)
            shown.update(
                _("{objects:,} objects of every storage class").format(objects=self._report.objects)
            )
        initial = set(self._control.resources().get("buckets", ()))
        folder = subject.write_files(self._workdir, self._endpoints)
        variables = isolated_environment(self._endpoints) if subject.offline else {}
        cdktf = Cdktf(
            self._workdir,
            environments=folder,
            reattach=self._endpoints.tf_reattach_providers,
            variables={**variables, **subject.variables},
        )
        with step("cdktf deploy"):
            outputs = cdktf.deploy(subject.environment)
        for warning in self._control.runtime_warnings():
            err.print_line(f"! {warning}", style="yellow")
        cloud = self._workdir / "endpoints.json"
        context = DeploymentContext(environment=subject.environment, folder=folder, cloud=cloud)
        for run in subject.runs:
            finding = self._run(by_environment(subject.environment, folder).main_flow, run)
            self._keep_report(context, finding)  # the run is deleted by destroy
            self._verify(run)
        with step(_("cdktf deploy, once more")) as shown:
            changes = cdktf.deploy_again(subject.environment)
            self._report.second_deploy_changes = changes
            self._expect(
                not changes,
                _("the second deploy changed {changes} resources").format(changes=changes),
            )
            shown.update(
                _("{changes} resources change").format(changes=changes)
                if changes
                else _("nothing changes")
            )
        with step("cdktf destroy") as shown:
            self._destroy(cdktf, outputs["report_bucket"], initial)
            names = ", ".join(self._report.leftovers)
            shown.update(
                _("left behind: {names}").format(names=names) if names else _("nothing is left")
            )
        if subject.receiver is not None:
            self._report.notified = dict(subject.receiver.received)
        self._report.problems += self._control.warnings()

    def _run(self, flow: str, run: RehearsedRun) -> RunFinding:
        """Run the flow to its end."""
        report, control = self._report, self._control
        workflow, name = WorkflowClient(local_target(self._endpoints)), run_name()
        run_input = {"endpoint": self._endpoints.oss, **run.given, "bucketName": run.bucket.name}
        meters, cloud_started, started = control.meters(), control.now(), monotonic()
        with (
            step(_title(run), spinner=False) as shown,
            self._buckets.in_its_region(run.bucket),
        ):
            workflow.start(flow, name, json.dumps(run_input))
            observer = Observer(workflow, flow, name, clock=self._now)
            with run_display(_title(run), err, FlowDisplay(workflow, flow, name)) as show:
                state = follow(
                    observer.look,
                    show,
                    on_disconnect=lambda error: shown.update(str(error)),
                    poll_seconds=_POLL_SECONDS,
                )
            wall_seconds = round(monotonic() - started, 1)
            cloud_seconds = round(control.now() - cloud_started, 1)
            hours = f"{cloud_seconds / 3600:.1f}"
            shown.update(_("{hours} h of cloud time").format(hours=hours))
        finding = RunFinding(
            run=name,
            bucket=run.bucket.name,
            goal=run.goal,
            destination=run.destination[0],
            cloud_seconds=cloud_seconds,
            wall_seconds=wall_seconds,
        )
        report.runs.append(finding)
        report.add_bill(_grown(meters, control.meters()))
        if run.goal == "thaw":
            report.add_outcomes(state.result.outcomes, state.result.summary.get("byClass", {}))
        if state.verdict.exit_code:
            report.problems.append(state.verdict.sentence)
        return finding

    def _verify(self, run: RehearsedRun) -> None:
        with step(_("verify with oss2")) as shown:
            if run.goal == "thaw":
                after = self._buckets.census(run.bucket)
                self._compare(run, after)
                text = _("{readable:,} of {archived:,} archived objects are readable")
                shown.update(text.format(readable=after.readable.total(), archived=after.archived))
            elif run.goal == "copy":
                shown.update(self._compare_copies(run))
            else:
                after = self._buckets.census(run.bucket)
                self._expect(
                    not after.archived,
                    _("{count:,} objects are still archived").format(count=after.archived),
                )
                text = _("{count:,} objects are Standard")
                shown.update(text.format(count=after.objects["Standard"]))

    def _compare(self, run: RehearsedRun, after: Census) -> None:
        report = self._report
        report.archived += after.archived
        report.readable += after.readable.total()
        report.untouched += after.objects.total() - after.archived - len(after.touched)
        unreadable, touched = after.unreadable, after.touched
        self._expect(
            not unreadable,
            _("{count:,} archived objects are not readable, such as {key!r}").format(
                count=len(unreadable), key=next(iter(unreadable), "")
            ),
        )
        self._expect(
            not touched,
            _("{count:,} objects that need no thaw were touched, such as {key!r}").format(
                count=len(touched), key=next(iter(touched), "")
            ),
        )
        self._expect(
            after.objects == self._buckets.filled_with(run.bucket),
            _("the bucket's objects are not those that it was filled with"),
        )

    def _compare_copies(self, run: RehearsedRun) -> str:
        archived = {
            item.key: item.size
            for item in run.bucket.objects(self._buckets.count)
            if item.storage_class in ARCHIVE_CLASSES and run.bucket.is_in_scope(item.key)
        }
        copied = self._buckets.sizes(*run.destination)
        self._expect(copied == archived, _("the copies are not those of the archived objects"))
        return _("{count:,} copies are as large as their originals").format(count=len(copied))

    def _destroy(self, cdktf: Cdktf, report_bucket: str, initial: set[str]) -> None:
        # A report bucket is only destroyed if its owner has emptied it.
        if report_bucket not in initial:
            self._buckets.empty(report_bucket)
        cdktf.destroy(self._subject.environment)
        self._report.leftovers = [
            f"{kind}: {name}"
            for kind, names in self._control.resources().items()
            for name in names
            if not (kind == "buckets" and name in initial)
        ]
        names = ", ".join(self._report.leftovers)
        self._expect(not names, _("destroy left behind {names}").format(names=names))

    def _expect(self, condition: bool, problem: str) -> None:
        if not condition:
            self._report.problems.append(problem)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._control.now(), UTC)


def _title(run: RehearsedRun) -> str:
    if run.goal == "copy":
        destination = "oss://{}/{}".format(*run.destination)
        return _("copy {bucket} to {destination}").format(
            bucket=run.bucket.name, destination=destination
        )
    if run.goal == "promote":
        return _("promote {bucket}").format(bucket=run.bucket.name)
    return _("thaw {bucket}").format(bucket=run.bucket.name)


def _grown(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Return the increases of meters."""
    grown = {name: round(total - before.get(name, 0), 3) for name, total in after.items()}
    return {name: amount for name, amount in grown.items() if amount}
