"""``oss-restore list``: list the runs of a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import all_option, deployment_options, json_option
from oss_restore.cli.parameter_types import MOMENT, Whole

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore list dev",
    "oss-restore list dev --limit 100 --json",
    "oss-restore list dev --before 2026-11-24T10:15:00Z",
    "oss-restore list --all",
)

_LIMIT: Final = 20


@command(EXAMPLES)
@deployment_options
@click.option(
    "--limit",
    type=Whole(1),
    help="Number of runs; default: 20, and with --all the last one of each environment.",
)
@click.option(
    "--before",
    type=MOMENT,
    help="Only runs started before this moment: ISO 8601, or an age such as 7d.",
)
@all_option
@json_option
def list(  # noqa: A001 - the command's name
    context: DeploymentContext,
    *,
    limit: int | None,
    before: str | None,
    every: bool,
    as_json: bool,
) -> None:
    """List the runs of a deployment, newest first, with state, dates and counts.

    With --all, lists the runs of all environments, and the version that each has deployed. An
    environment that cannot be listed is reported; the exit code is the highest of all.
    """
    if every:
        from oss_restore.cli.fleet_display import list_all

        list_all(context, before=before, limit=limit or 1, as_json=as_json)
        return
    from oss_restore.cli.expiry_warnings import warn_of_runs
    from oss_restore.cli.run_list_display import print_runs
    from oss_restore.runs.run_list import document, runs_before

    runs, more = runs_before(
        context.workflow, context.deployment.main_flow, before, limit or _LIMIT
    )
    if as_json:
        from oss_restore.cli.console import print_json

        print_json(document(runs, more=more))
    else:
        print_runs(runs, more=more)
        warn_of_runs(context, runs)
