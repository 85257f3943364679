"""``oss-restore plan``: forecast the objects, time and cost of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import (
    currency_option,
    deployment_options,
    json_option,
    prices_option,
)
from oss_restore.cli.parameter_types import SIZE, Whole
from oss_restore.cli.run_options import Given, input_option, read_input, run_options
from oss_restore.language import gettext as _

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext
    from thaw.prices import Currency

EXAMPLES = (
    "oss-restore plan dev --bucket my-archive --prefix 2019/ --days 3",
    "oss-restore plan dev --input @run.json --json",
    "oss-restore plan --objects 2000000 --bytes 8000000000000 --storage-class ColdArchive",
)


@command(EXAMPLES)
@run_options
@deployment_options
@click.option(
    "--objects",
    type=Whole(1),
    help="Read no bucket: plan for this many archived objects, spread over the classes.",
)
@click.option(
    "--bytes",
    "bytes_",
    type=SIZE,
    help="Their total size; default: 1 MiB each.",
)
@click.option(
    "--others",
    type=Whole(0),
    default=0,
    show_default=True,
    help="Additional objects that need no thaw.",
)
@click.option(
    "--quota", multiple=True, metavar="NAME=VALUE", help="A quota of your account; repeatable."
)
@prices_option
@currency_option
@input_option
@json_option
def plan(
    context: DeploymentContext,
    *,
    objects: int | None,
    bytes_: int | None,
    others: int,
    quota: tuple[str, ...],
    prices: Path | None,
    currency: Currency,
    input_: str | None,
    as_json: bool,
    given: Given,
) -> None:
    """Forecast what a run would find, and its time and cost for each tier.

    Reads the bucket by listing, or the objects that a manifest names, with the functions' own
    filters. Nothing is thawed and nothing is started.
    """
    from oss_restore.cli import plan_arguments
    from oss_restore.cli.console import err, out, print_json
    from oss_restore.cli.listing_progress import listing_progress
    from oss_restore.cli.plan_display import show_plan, start_commands
    from oss_restore.planning.plan_document import document
    from oss_restore.planning.run_plan import plan_bucket, plan_objects

    run_input = {**read_input(input_), **given}
    terms = plan_arguments.terms(
        context.named_environment, quotas=quota, prices=prices, currency=currency
    )
    if objects is None:
        run = plan_arguments.run_of(context, run_input)
        with listing_progress() as on_progress:
            run_plan = plan_bucket(context.target, context.deployment, run, terms, on_progress)
    else:
        run_plan = plan_objects(
            plan_arguments.hypothetical_run(context, run_input),
            terms,
            objects,
            objects * 2**20 if bytes_ is None else bytes_,
            others=others,
        )
    commands = start_commands(run_plan, context.arguments(), given, input_)
    if as_json:
        print_json(document(run_plan, commands))
    else:
        show_plan(run_plan, commands, out)
    for obstacle in run_plan.preflight.obstacles:
        err.print_line(_("`start` would refuse: {reason}").format(reason=obstacle))
        err.print_line(f"  {obstacle.hint}")
