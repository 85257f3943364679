"""``oss-restore start``: start a run, and optionally wait for its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oss_restore.cli.command import command
from oss_restore.cli.options import StartOptions, deployment_options, start_options
from oss_restore.cli.run_options import Given, input_option, read_input, run_options

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore start dev --bucket my-archive --wait",
    "oss-restore start dev --input @run.json --yes --json",
    "oss-restore start dev --bucket my-archive --dry-run --wait",
)


@command(EXAMPLES)
@run_options
@deployment_options
@start_options
@input_option
def start(
    context: DeploymentContext, *, options: StartOptions, input_: str | None, given: Given
) -> None:
    """Show a run's plan, ask, and start it. With --wait, exits like the run.

    A dry run sends no restore requests, so it starts without a plan or a question.
    """
    from oss_restore.cli.run_start import start_run

    start_run(context, {**read_input(input_), **given}, options)
