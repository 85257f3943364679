"""``oss-restore report``: what became of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oss_restore.cli.commands.options import AsJson, Run, with_deployment

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore report dev",
    "oss-restore report dev --html report.html",
    "oss-restore report dev --run run-20261124-101500-1a2b3c --csv > objects.csv",
)


@with_deployment
def report(
    run: Run = None,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print one line per object, in place of the summary.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option(help="Write a page to this file, which needs nothing else.")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option(help="A price list of your own, in place of the project's.")
    ] = None,
    as_json: AsJson = False,
    *,
    context: DeploymentContext,
) -> None:
    """Tell what a run came to: counts, times, money, and what failed and why. Exits as the run."""
    import sys

    from oss_restore.cli.console import err, out, print_json
    from oss_restore.cli.report_display import print_report
    from oss_restore.cli.run_results import end_with
    from oss_restore.messages.reporting import WRITTEN
    from oss_restore.reporting.assembly import report_of, write_objects
    from oss_restore.reporting.html_page import render
    from oss_restore.reporting.output_files import write_text
    from oss_restore.runs.observer import observer_of
    from oss_restore.runs.result import find_run

    name = run or find_run(context.workflow, context.deployment.main_flow, None).name
    if as_csv:
        write_objects(context, name, sys.stdout.buffer)
        end_with(observer_of(context, name).look().result)
    found = report_of(context, name, prices=prices)
    if html is not None:
        write_text(html, render(found))
        err.print(WRITTEN(path=html), markup=False, soft_wrap=True)
    if as_json:
        print_json(found.to_json())
    elif html is None:
        print_report(found, out)
    end_with(found.state.result)
