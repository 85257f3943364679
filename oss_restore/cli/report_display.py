"""The report of a run on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from oss_restore.cli.console import Terminal
from oss_restore.language import gettext as _
from oss_restore.reporting.bill_text import total_text
from oss_restore.reporting.causes import Cause
from oss_restore.reporting.facts import RunReport, results_of
from oss_restore.reporting.formatting import span, when


def print_report(report: RunReport, console: Terminal) -> None:
    """Print a short report."""
    execution = report.state.result.execution
    console.print_line(report.sentence)
    facts = Table.grid(padding=(0, 2))
    for label, value in (
        (_("Run"), execution.name),
        (_("Status"), execution.status),
        (_("Started"), when(execution.started_at)),
        (_("Ended"), when(execution.stopped_at)),
        (_("Duration"), span(report.took)),
        (_("Requesting all objects"), span(report.sending)),
        (_("Waiting for the last object"), span(report.waiting)),
    ):
        facts.add_row(label, value)
    if report.mean_rate is not None:
        facts.add_row(_("Mean rate"), _("{rate:,.1f} objects/s").format(rate=report.mean_rate))
    if report.then:
        facts.add_row(_("After the thaw"), report.then)
    if report.done is not None:
        facts.add_row(report.done_name, f"{report.done:,}")
    if report.readable_until:
        facts.add_row(_("Readable until"), when(report.readable_until))
    for standing, objects in report.standings:
        facts.add_row(_("At the end") + f": {standing}", f"{objects:,}")
    if report.cost is not None:
        facts.add_row(_("Cost"), total_text(report.cost))
    if report.settings:
        facts.add_row(_("Chosen settings"), report.settings)
    console.print(facts)
    if report.classes:
        console.print(_classes(report))
    print_causes(report.causes, console)
    console.print_line(report.ledger)


def _classes(report: RunReport) -> Table:
    table = Table(title=_("Results"), title_justify="left")
    table.add_column(_("Class"))
    for heading in results_of(report.counts):
        table.add_column(heading, justify="right")
    for facts in report.classes:
        numbers = results_of(facts.counts).values()
        table.add_row(facts.storage_class, *(f"{number:,}" for number in numbers))
    return table


def print_causes(causes: Sequence[Cause], console: Terminal) -> None:
    """Print the causes for which objects are not thawed, with advice."""
    for cause in causes:
        status = f", HTTP {cause.http_status}" if cause.http_status else ""
        code = f" {cause.code}" if cause.code else ""
        console.print_line()
        console.print_line(f"{cause.objects:,} × {cause.outcome}{code}{status}")  # noqa: RUF001 - times
        if cause.message:
            console.print_line(f"  {cause.message}")
        console.print_line(f"  {_('What to do')}: {cause.advice}")
        examples = ", ".join(cause.examples)
        console.print_line(f"  {_('Examples')}: {examples}")
