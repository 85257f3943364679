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

    Also works during the run. Exits with the run's exit code.
    """
    from collections import Counter

    from oss_restore.cli.console import binary_stdout, out, print_json
    from oss_restore.cli.next_step import print_command
    from oss_restore.cli.report_display import print_causes
    from oss_restore.cli.run_results import exit_with
    from oss_restore.clients.run_ledger import (
        has_input,
        ledger_errors,
        open_ledger,
        read_input,
        read_outcomes,
    )
    from oss_restore.clients.workflow import RunNotFoundError
    from oss_restore.language import gettext as _
    from oss_restore.reporting.causes import Causes
    from oss_restore.reporting.unthawed_objects import unsuccessful
    from oss_restore.reporting.verdict_text import sentence_of
    from oss_restore.runs.observer import observer_of
    from oss_restore.runs.run_lookup import find_run
    from oss_restore.runs.verdict_reading import verdict_in
    from thaw.completion_report import write_report

    deployment = context.reported
    name = run or find_run(context.workflow, deployment.main_flow, None).name
    ledger, causes = open_ledger(context.target, deployment, name), Causes()
    with ledger_errors(deployment, name):
        try:
            state = observer_of(context, name).look()
            verdict, outcomes = state.verdict, state.totals.outcomes
        except RunNotFoundError:  # executions are deleted before ledgers
            verdict, outcomes = verdict_in(ledger), Counter(read_outcomes(ledger))
        if verdict.ending != "failed" or has_input(ledger):
            bucket = str(read_input(context.workflow, context.reported, name, ledger)["bucketName"])
            parts = causes.counting(unsuccessful(ledger, outcomes))
            if as_csv:
                with binary_stdout() as file:
                    write_report(parts, bucket, file)
            else:
                for _part in parts:
                    pass
    found = causes.by_objects()
    if as_json:
        causes_found = [cause.to_json() for cause in found]
        document = {"run": name, "objects": causes.objects, "causes": causes_found}
        print_json({**document, "verdict": verdict.to_json()})
    elif not as_csv:
        out.print_line(sentence_of(verdict))
        print_causes(found, out)
        if not found:
            out.print_line(
                _("No object of {run} failed, was refused or was missing.").format(run=name)
            )
        else:
            print_command(context.command("retry-failed", "--run", name))
    exit_with(verdict, shown=not (as_json or as_csv))
