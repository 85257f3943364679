"""The results of a rehearsal, for people and scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from pydantic import BaseModel
from rich.table import Table

from oss_restore.cli.console import Terminal
from oss_restore.cli.rehearsal.objects import STORAGE_CLASSES
from oss_restore.durations import exact
from oss_restore.language import N_
from oss_restore.language import gettext as _
from oss_restore.reporting.formatting import number, size
from thaw.after_thaw import Goal
from thaw.storage_classes import ARCHIVE_CLASSES

_NAMES: Final = {
    "fc.invocations": N_("function calls"),
    "fc.vcpu_seconds": N_("vCPU-seconds of functions"),
    "fc.gb_seconds": N_("GB-seconds of functions"),
    "fnf.step_transitions": N_("workflow steps"),
}
# The rest of the name is an operation, or a storage class and, for a retrieval, its tier.
_KINDS: Final = {
    "oss.requests.": N_("{what} requests to OSS"),
    "oss.retrievals.": N_("objects retrieved from {what}"),
    "oss.retrieved_bytes.": N_("data retrieved from {what}"),
}


class RunFinding(BaseModel):
    """A run of a rehearsal.

    Attributes:
        run: name of the run.
        bucket: bucket of its objects.
        goal: goal of the run.
        destination: bucket of its copies.
        cloud_seconds: duration by the cloud's clock.
        wall_seconds: duration by this machine's clock.
        cost: text with its cost on Alibaba Cloud; empty if unknown.
        page: file of its report; empty if it is not kept.
    """

    run: str
    bucket: str
    goal: Goal
    destination: str = ""
    cloud_seconds: float = 0
    wall_seconds: float = 0
    cost: str = ""
    page: str = ""


class RehearsalReport(BaseModel):
    """The JSON object that ``rehearse --json`` prints, filled as the rehearsal proceeds.

    Attributes:
        objects: number of objects in the buckets.
        archived: number of archived objects in scope of the runs.
        readable: number of these that are readable afterwards according to oss2.
        untouched: number of other objects that the runs have left alone.
        outcomes: number of archived objects by outcome.
        by_class: outcomes by storage class.
        runs: the runs, in order.
        billable: billable amounts of the runs, by meter.
        notified: number of notifications by receiver.
        not_rehearsed: parts of the environment that a local cloud does not support.
        second_deploy_changes: number of resources that a second deploy changed; None without one.
        leftovers: resources that remained after destroy.
        problems: why the rehearsal failed; empty if it passed.
    """

    objects: int = 0
    archived: int = 0
    readable: int = 0
    untouched: int = 0
    outcomes: dict[str, int] = {}
    by_class: dict[str, dict[str, int]] = {}
    runs: list[RunFinding] = []
    billable: dict[str, float] = {}
    notified: dict[str, int] = {}
    not_rehearsed: list[str] = []
    second_deploy_changes: int | None = None
    leftovers: list[str] = []
    problems: list[str] = []

    def add_bill(self, grown: Mapping[str, float]) -> None:
        """Add the billable amounts of a run."""
        for name, amount in grown.items():
            self.billable[name] = round(self.billable.get(name, 0) + amount, 3)

    def add_outcomes(
        self, outcomes: Mapping[str, int], by_class: Mapping[str, Mapping[str, int]]
    ) -> None:
        """Add the outcomes of a run."""
        self.outcomes = dict(Counter(self.outcomes) + Counter(outcomes))
        for storage_class, counts in by_class.items():
            so_far = self.by_class.get(storage_class, {})
            self.by_class[storage_class] = dict(Counter(so_far) + Counter(counts))


def print_report(report: RehearsalReport, console: Terminal) -> None:
    """Print the report as two small tables and a few lines; print nothing without a run."""
    if not report.billable:
        return
    console.print(_outcomes(report))
    console.print(_bill(report))
    console.print_line(
        _(
            "{readable:,} of {archived:,} archived objects are readable, {untouched:,} others are"
            " untouched."
        ).format(readable=report.readable, archived=report.archived, untouched=report.untouched),
        style="bold",
    )
    for run in report.runs:
        _print_run(run, console, named=len(report.runs) > 1)
    for name, count in report.notified.items():
        console.print_line(
            _("Notifications for {name}: {count:,}, received by the rehearsal.").format(
                name=name, count=count
            )
        )
    if report.not_rehearsed:
        parts = "; ".join(report.not_rehearsed)
        console.print_line(_("Not rehearsed: {what}.").format(what=parts))


def _print_run(run: RunFinding, console: Terminal, *, named: bool) -> None:
    cloud = exact(timedelta(seconds=round(run.cloud_seconds)))
    sentences = [
        _("The run took {cloud} of cloud time, {here} s here.").format(
            cloud=cloud, here=f"{run.wall_seconds:.1f}"
        )
    ]
    if run.cost:
        sentences.append(_("On Alibaba Cloud it would have cost {cost}.").format(cost=run.cost))
    if run.page:
        sentences.append(_("Its report: {page}").format(page=run.page))
    if named:
        console.print_line(f"{run.bucket}, {goal_text(run.goal)}:")
    for sentence in sentences:
        console.print_line(f"  {sentence}" if named else sentence)


def goal_text(goal: Goal) -> str:
    """Describe the goal of a run."""
    return {"thaw": _("thawed"), "copy": _("copied"), "promote": _("promoted")}[goal]


def _outcomes(report: RehearsalReport) -> Table:
    outcomes = [name for name, count in sorted(report.outcomes.items()) if count]
    table = Table(title=_("Objects by class and outcome"), title_justify="left")
    table.add_column(_("class"))
    for name in outcomes:
        table.add_column(name, justify="right")
    for storage_class in STORAGE_CLASSES:
        if storage_class in ARCHIVE_CLASSES or storage_class in report.by_class:
            counts = report.by_class.get(storage_class, {})
            table.add_row(storage_class, *(f"{counts.get(name, 0):,}" for name in outcomes))
    return table


def _bill(report: RehearsalReport) -> Table:
    bill = Table(title=_("What is billed"), title_justify="left", show_header=False)
    bill.add_column()
    bill.add_column(justify="right")
    for name, amount in report.billable.items():
        bill.add_row(*meter_text(name, amount))
    return bill


def meter_text(meter: str, amount: float) -> tuple[str, str]:
    """Return the description of a meter and the formatted amount."""
    text = size(amount) if ".retrieved_bytes." in meter else number(amount)
    for start, kind in _KINDS.items():
        if meter.startswith(start):
            detail = meter.removeprefix(start).replace(".", ", ")
            return _(kind).format(what=detail), text
    return _(_NAMES.get(meter, meter)), text
