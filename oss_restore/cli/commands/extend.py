"""``oss-restore extend``: keep thawed objects readable for longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import StartOptions, deployment_options, run_option, start_options
from oss_restore.cli.parameter_types import DAYS

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore extend dev --days 7",
    "oss-restore extend dev --run run-20261124-101500-1a2b3c --days 30 --yes --wait",
)


@command(EXAMPLES)
@deployment_options
@click.option(
    "--days",
    required=True,
    type=DAYS,
    help="Days to add to what is left, up to the limit of the storage class.",
)
@run_option
@start_options
def extend(
    context: DeploymentContext, *, days: int, run: str | None, options: StartOptions
) -> None:
    """Keep a run's objects readable for more days. Shows the plan and asks first.

    Starts a new run over the same objects. Objects that have frozen again are thawed again.
    """
    from oss_restore.cli.follow_ups import changed_input
    from oss_restore.cli.run_start import require_reviewed, start_run

    require_reviewed(options)
    start_run(
        context, changed_input(context, run, extendReadable=True, days=days, then=None), options
    )
