"""The results of a rehearsal, for people and scripts."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel
from rich.table import Table

from oss_restore.cli.console import Terminal
from oss_restore.cli.rehearsal.objects import STORAGE_CLASSES
from thaw.storage_classes import ARCHIVE_CLASSES


class RehearsalReport(BaseModel):
    """The JSON object that ``rehearse --json`` prints, filled as the rehearsal proceeds.

    Attributes:
        objects: in the bucket.
        archived: of an archive class, and in scope of the run.
        readable: archived ones that oss2 found readable afterwards.
        untouched: others, which the run must leave alone.
        outcomes: archived objects by outcome.
        by_class: outcomes by storage class.
        cloud_seconds: from the start of the run to its end, on the cloud's clock.
        wall_seconds: the same, on this machine's clock.
        billable: what the run cost, by meter.
        cost: in a sentence, what it would have cost on Alibaba Cloud; empty if unknown.
        page: file of the run's report, which is kept; empty if there is none.
        second_deploy_changes: resources that a second deploy changed; None if it came to none.
        leftovers: what was still there after destroy.
        problems: why the rehearsal failed; empty when it passed.
    """

    objects: int
    archived: int = 0
    readable: int = 0
    untouched: int = 0
    outcomes: dict[str, int] = {}
    by_class: dict[str, dict[str, int]] = {}
    cloud_seconds: float = 0
    wall_seconds: float = 0
    billable: dict[str, float] = {}
    cost: str = ""
    page: str = ""
    second_deploy_changes: int | None = None
    leftovers: list[str] = []
    problems: list[str] = []


def print_report(report: RehearsalReport, console: Terminal) -> None:
    """Print the report as two small tables, or nothing if there was no run."""
    if not report.billable:
        return
    outcomes = [name for name, count in sorted(report.outcomes.items()) if count]
    table = Table(title="Objects by class and outcome", title_justify="left")
    table.add_column("class")
    for name in outcomes:
        table.add_column(name, justify="right")
    for storage_class in STORAGE_CLASSES:
        if storage_class in ARCHIVE_CLASSES or storage_class in report.by_class:
            counts = report.by_class.get(storage_class, {})
            table.add_row(storage_class, *(f"{counts.get(name, 0):,}" for name in outcomes))
    console.print(table)

    bill = Table(title="Billable", title_justify="left", show_header=False)
    bill.add_column("what")
    bill.add_column("how many", justify="right")
    for name, amount in report.billable.items():
        bill.add_row(name, f"{amount:,.2f}" if amount % 1 else f"{amount:,.0f}")
    console.print(bill)

    cloud = timedelta(seconds=round(report.cloud_seconds))
    console.print_line(
        f"{report.readable:,} of {report.archived:,} archived objects are readable, "
        f"{report.untouched:,} others are untouched.",
        style="bold",
    )
    console.print_line(f"The run took {cloud} of cloud time, {report.wall_seconds:.1f} s here.")
    if report.cost:
        console.print_line(f"On Alibaba Cloud it would have cost {report.cost}.")
    if report.page:
        console.print_line(f"Its report: {report.page}")
    if not report.problems:
        console.print_line("Next: your own bucket, with `oss-restore init`.")
