"""``oss-restore retry-failed``: start a run over what has failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import (
    deployment_options,
    json_option,
    name_option,
    run_option,
    tier_option,
    wait_option,
    yes_option,
)
from oss_restore.cli.parameter_types import DAYS
from oss_restore.language import gettext as _
from oss_restore.language import ngettext

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore retry-failed dev --yes --wait",
    "oss-restore retry-failed dev --run run-20261124-101500-1a2b3c --objects-per-second 100",
)


@command(EXAMPLES)
@deployment_options
@run_option
@click.option("--days", type=DAYS, help="Other days than before.")
@tier_option(help="Another tier than before.")
@click.option("--objects-per-second", type=float, help="Another cap on requests than before.")
@name_option
@yes_option
@wait_option
@json_option
def retry_failed(
    context: DeploymentContext,
    *,
    run: str | None,
    days: int | None,
    tier: str | None,
    objects_per_second: float | None,
    name: str | None,
    yes: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Start a new run over what was denied, rejected or failed. Counts first, and asks.

    It is like the run before, and takes a list of the objects that is put into the report bucket.
    Nothing is paid for twice. Where nothing has failed, nothing is started, and it exits as the run
    before has ended. With --wait, exits as the new run has ended.
    """
    from oss_restore.cli.console import err, print_json
    from oss_restore.cli.follow_ups import prepare_retry, question_of_retry
    from oss_restore.cli.prompts import ask
    from oss_restore.cli.run_results import exit_with
    from oss_restore.cli.watching import start_run
    from oss_restore.runs.observer import observer_of
    from oss_restore.runs.run_lookup import find_run, run_name

    before = run or find_run(context.workflow, context.deployment.main_flow, None).name
    name = name or run_name()
    changes = {"days": days, "tier": tier, "objectsPerSecond": objects_per_second}
    changed = {field: value for field, value in changes.items() if value is not None}
    verdict = observer_of(context, before).look().verdict
    found = prepare_retry(context, before, name, changed, died=verdict.ending == "failed")
    if found is None:
        err.print(
            _("No object of {run} failed on its own: no run was started.").format(run=before),
            markup=False,
            soft_wrap=True,
        )
        if as_json:
            print_json({"run": None, "objects": 0, "verdict": verdict.to_json()})
        exit_with(verdict, said=False)
    given, retried = found
    ask(lambda: question_of_retry(before, retried), yes=yes)
    err.print(
        ngettext(
            "{objects:,} object of {run} is requested again.",
            "{objects:,} objects of {run} are requested again.",
            retried,
        ).format(objects=retried, run=before),
        markup=False,
        soft_wrap=True,
    )
    start_run(context, name, given, wait=wait, as_json=as_json)
