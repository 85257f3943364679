"""``oss-restore report``: report the results of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import FILE, deployment_options, json_option, prices_option, run_option
from oss_restore.language import gettext as _

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore report dev",
    "oss-restore report dev --html report.html",
    "oss-restore report dev --run run-20261124-101500-1a2b3c --csv > objects.csv",
)


@command(EXAMPLES)
@deployment_options
@run_option
@click.option("--csv", "as_csv", is_flag=True, help="Print a line for each object.")
@click.option("--html", type=FILE, help="Write a self-contained page to this file.")
@prices_option
@json_option
def report(
    context: DeploymentContext,
    *,
    run: str | None,
    as_csv: bool,
    html: Path | None,
    prices: Path | None,
    as_json: bool,
) -> None:
    """Report a run: counts, times, cost, and what failed and why. Exits like the run."""
    from oss_restore.cli.console import binary_stdout, err, out, print_json
    from oss_restore.cli.expiry_warnings import warn_of_expiry
    from oss_restore.cli.next_step import print_command
    from oss_restore.cli.report_display import print_report
    from oss_restore.cli.run_results import exit_with
    from oss_restore.reporting.assembly import report_of, write_objects
    from oss_restore.reporting.html_page import render
    from oss_restore.reporting.output_files import write_text
    from oss_restore.runs.observer import observer_of
    from oss_restore.runs.run_lookup import find_run

    name = run or find_run(context.workflow, context.deployment.main_flow, None).name
    if as_csv:
        with binary_stdout() as file:
            write_objects(context, name, file)
        exit_with(observer_of(context, name).look().verdict, shown=False)
    run_report = report_of(context, name, prices=prices)
    if html is not None:
        write_text(html, render(run_report))
        err.print_line(_("written: {path}").format(path=html))
    if as_json:
        print_json(run_report.to_json())
    elif html is None:
        print_report(run_report, out)
        if run_report.causes:
            print_command(context.command("retry-failed", "--run", name))
    warn_of_expiry(context, name, run_report.verdict)
    exit_with(run_report.verdict, shown=not as_json and html is None)
