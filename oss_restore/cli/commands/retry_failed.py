"""``oss-restore retry-failed``: start a run over the objects that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import (
    StartOptions,
    deployment_options,
    run_option,
    start_options,
    tier_option,
)
from oss_restore.cli.parameter_types import AMOUNT, DAYS

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore retry-failed dev --yes --wait",
    "oss-restore retry-failed dev --run run-20261124-101500-1a2b3c --objects-per-second 100",
)


@command(EXAMPLES)
@deployment_options
@run_option
@click.option("--days", type=DAYS, help="A different number of days.")
@tier_option(help="A different tier.")
@click.option("--objects-per-second", type=AMOUNT, help="A different request rate.")
@start_options
def retry_failed(
    context: DeploymentContext,
    *,
    run: str | None,
    days: int | None,
    tier: str | None,
    objects_per_second: float | None,
    options: StartOptions,
) -> None:
    """Start a new run over what was denied, rejected or failed. Shows its plan, and asks.

    Repeats the run for these objects only, from a manifest in the report bucket. Nothing is paid
    for twice. If nothing has failed, starts nothing and exits like the previous run. With --wait,
    exits like the new run.
    """
    from dataclasses import replace

    from oss_restore.cli.follow_ups import retry_input
    from oss_restore.cli.run_start import require_reviewed, start_run
    from oss_restore.runs.run_lookup import run_name

    require_reviewed(options)
    name = options.name or run_name()
    changes = {"days": days, "tier": tier, "objectsPerSecond": objects_per_second}
    changed = {field: value for field, value in changes.items() if value is not None}
    run_input = retry_input(context, run, name, changed, as_json=options.as_json)
    start_run(context, run_input, replace(options, name=name))
