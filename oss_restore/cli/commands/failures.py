"""``oss-restore failures``: list what a run has not thawed, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import deployment_options, json_option, run_option

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore failures dev",
    "oss-restore failures dev --csv > failures.csv",
)


@command(EXAMPLES)
@deployment_options
@run_option
@click.option("--csv", "as_csv", is_flag=True, help="Print a line for each object.")
@json_option
def failures(context: DeploymentContext, *, run: str | None, as_csv: bool, as_json: bool) -> None:
    """List what was denied, rejected, failed or missing, by cause, and what to do about it.

    Also works during the run. Exits 1 if there are any.
    """
    import sys

    from oss_restore.cli.console import out, print_json
    from oss_restore.cli.report_display import print_causes
    from oss_restore.clients.run_ledger import ledger_errors, open_ledger, read_input, read_outcomes
    from oss_restore.errors import ExitStatus
    from oss_restore.reporting.assembly import write_parts
    from oss_restore.reporting.causes import Causes
    from oss_restore.reporting.unthawed_objects import unsuccessful
    from oss_restore.runs.observer import observer_of
    from oss_restore.runs.result import find_run

    deployment = context.reported
    name = run or find_run(context.workflow, deployment.main_flow, None).name
    ledger, causes = open_ledger(context.target, deployment, name), Causes()
    with ledger_errors(deployment, name):
        bucket = str(read_input(ledger)["bucketName"])
        outcomes = read_outcomes(ledger)
        if outcomes is None:  # it is in progress, or was not summed up
            outcomes = observer_of(context, name).look().totals.outcomes
        parts = causes.counting(unsuccessful(ledger, outcomes))
        if as_csv:
            write_parts(parts, bucket, sys.stdout.buffer)
        else:
            for _ in parts:
                pass
    found = causes.by_objects()
    if as_json:
        causes_found = [cause.to_json() for cause in found]
        print_json({"run": name, "objects": causes.objects, "causes": causes_found})
    elif not as_csv:
        print_causes(found, out)
        if not found:
            out.print(_("No object of {run} failed, was refused or was missing.").format(run=name))
    raise click.exceptions.Exit(ExitStatus.FAILED if found else ExitStatus.OK)
