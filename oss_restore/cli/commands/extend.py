"""``oss-restore extend``: keep thawed objects readable for longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import (
    deployment_options,
    json_option,
    name_option,
    run_option,
    wait_option,
    yes_option,
)
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
@yes_option
@name_option
@wait_option
@json_option
def extend(
    context: DeploymentContext,
    *,
    days: int,
    run: str | None,
    yes: bool,
    name: str | None,
    wait: bool,
    as_json: bool,
) -> None:
    """Keep a run's objects readable for more days. Counts them and asks first.

    A new run is started over the same objects. What is frozen again is thawed again.
    """
    from oss_restore.cli.follow_ups import changed_input, extension_question
    from oss_restore.cli.prompts import ask
    from oss_restore.cli.watching import start_run
    from oss_restore.runs.run_lookup import find_run, run_name

    before = run or find_run(context.workflow, context.deployment.main_flow, None).name
    given = changed_input(context, before, extendReadable=True, days=days)
    ask(lambda: extension_question(context, given, days), yes=yes)
    start_run(context, name or run_name(), given, wait=wait, as_json=as_json)
