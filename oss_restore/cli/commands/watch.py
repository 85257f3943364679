"""``oss-restore watch``: show a run live until it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import deployment_options, run_option
from oss_restore.cli.parameter_types import Whole

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore watch dev",
    "oss-restore watch dev --run run-20261124-101500-1a2b3c",
    "oss-restore watch dev --json | jq .counts",
)


@command(EXAMPLES)
@deployment_options
@run_option
@click.option(
    "--expected",
    type=Whole(1),
    help="Number of objects to request, to show the time left.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print a JSON object at every change, and at the end."
)
def watch(
    context: DeploymentContext, *, run: str | None, expected: int | None, as_json: bool
) -> None:
    """Show a run live until it ends. Ctrl-C stops watching, not the run.

    Exits with the run's exit code; at once if the run has already ended.
    """
    from oss_restore.cli.run_start import follow_to_its_end
    from oss_restore.runs.run_lookup import find_run

    name = run or find_run(context.workflow, context.deployment.main_flow, None).name
    follow_to_its_end(context, name, expected=expected, as_json=as_json, stream=as_json)
