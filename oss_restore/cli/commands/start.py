"""``oss-restore start``: start a run, and optionally wait for its end."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import (
    currency_option,
    deployment_options,
    json_option,
    name_option,
    prices_option,
    wait_option,
    yes_option,
)
from oss_restore.cli.run_options import Given, input_option, read_input, run_options
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.language import gettext as _

if TYPE_CHECKING:
    from pathlib import Path

    from oss_restore.clients.context import DeploymentContext
    from oss_restore.planning.run_plan import RunPlan
    from thaw.prices import Currency

EXAMPLES = (
    "oss-restore start dev --bucket my-archive --wait",
    "oss-restore start dev --input @run.json --yes --json",
    "oss-restore start dev --bucket my-archive --dry-run --wait",
)


@command(EXAMPLES)
@run_options
@deployment_options
@name_option
@yes_option
@click.option("--no-plan", is_flag=True, help="Do not read the bucket first; needs --yes.")
@prices_option
@currency_option
@wait_option
@input_option
@json_option
def start(
    context: DeploymentContext,
    *,
    name: str | None,
    yes: bool,
    no_plan: bool,
    prices: Path | None,
    currency: Currency,
    wait: bool,
    input_: str | None,
    as_json: bool,
    given: Given,
) -> None:
    """Show a run's plan, ask, and start it. With --wait, exits like the run.

    A dry run sends nothing that costs: it is neither planned nor asked about.
    """
    from oss_restore.cli import plan_arguments
    from oss_restore.cli.watching import follow_to_its_end
    from oss_restore.planning.choices import as_given
    from oss_restore.runs.run_lookup import run_name

    expected = None
    run_input = {**read_input(input_), **given}
    run = plan_arguments.run_of(context, run_input)
    _require_interactive(asks=not (yes or run.dry_run), blind=no_plan and not yes)
    if not (run.dry_run or no_plan):
        terms = plan_arguments.terms(
            context.deployment.environment, prices=prices, currency=currency
        )
        try:
            found = plan_arguments.plan_of_bucket(context, run, terms, offer=as_given)
            expected = found.survey.objects if found.survey is not None else None
            wanted = _is_wanted(found, yes=yes, as_json=as_json)
        except KeyboardInterrupt:
            click.echo(f"\n{_('nothing was started')}", err=True)
            raise
        if not wanted:
            return
    name = name or run_name()
    _start(context, name, {"endpoint": run.endpoint, **run_input}, quiet=wait, as_json=as_json)
    if wait:
        follow_to_its_end(context, name, bucket=run.bucket_name, expected=expected, as_json=as_json)


def _require_interactive(*, asks: bool, blind: bool) -> None:
    """Refuse to start a run that nobody could confirm."""
    if blind:
        raise OperatorError(
            _("--no-plan starts a run that nobody has reviewed: it needs --yes"),
            status=ExitStatus.USAGE,
        )
    if asks and not sys.stdin.isatty():
        raise OperatorError(
            _("cannot ask for confirmation: this is not a terminal"),
            hint=_("review it with `plan`, then start it with --yes"),
            status=ExitStatus.USAGE,
        )


def _is_wanted(plan: RunPlan, *, yes: bool, as_json: bool) -> bool:
    """Show the plan and ask; return False if there is nothing to do.

    Raises:
        OperatorError: the run cannot work, or the answer is no.
    """
    from oss_restore.cli.console import err, print_json
    from oss_restore.cli.plan_display import show_plan
    from oss_restore.cli.prompts import means_yes

    plan.preflight.refuse()
    show_plan(plan, (), err)
    if plan.survey is not None and not (plan.survey.frozen or plan.survey.thawing):
        click.echo(
            _("There is nothing to thaw and nothing to wait for: no run was started."), err=True
        )
        if as_json:
            print_json({"run": None, "status": "NothingToDo"})
        return False
    if not yes:
        click.echo(_question(plan), err=True, nl=False)
        if not means_yes(sys.stdin.readline()):
            raise OperatorError(_("nothing was started"), status=ExitStatus.STOPPED)
    return True


def _question(plan: RunPlan) -> str:
    from oss_restore.reporting.bill_text import total_text

    if not plan.choices:
        return _("Start this run? [y/N] ")
    # It is started as given, so there is one choice.
    return _("Start this run, for about {total}? [y/N] ").format(
        total=total_text(plan.choices[0].bill)
    )


def _start(
    context: DeploymentContext, name: str, run_input: Given, *, quiet: bool, as_json: bool
) -> None:
    """Start the run, and print its name unless quiet."""
    from oss_restore.cli.console import print_json
    from oss_restore.runs.submission import submit

    flow = context.deployment.main_flow
    try:
        submitted = submit(context.workflow, flow, name, run_input)
    except KeyboardInterrupt:
        command = shlex.join(["oss-restore", "watch", *context.arguments(), "--run", name])
        click.echo(
            _("run {run} may have been started; check with: {command}").format(
                run=name, command=command
            ),
            err=True,
        )
        raise
    execution = submitted.execution
    if submitted.was_running:
        click.echo(_("{run} is already running, with the same input.").format(run=name), err=True)
    elif quiet:
        click.echo(_("Started {run}.").format(run=name), err=True)
    if quiet:
        return
    if as_json:
        print_json({"flow": execution.flow, "run": execution.name, "status": execution.status})
    else:
        click.echo(execution.name)
