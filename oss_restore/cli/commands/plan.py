"""``oss-restore plan``: what a run would find, take and cost, before it is started."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from oss_restore.cli.commands.options import AsJson, with_deployment
from oss_restore.cli.run_options import Given, InputFile, read_input, with_run_options
from oss_restore.messages.planning import START_WOULD_REFUSE

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore plan dev --bucket my-archive --prefix 2019/ --days 3",
    "oss-restore plan dev --input @run.json --json",
    "oss-restore plan --objects 2000000 --bytes 8000000000000 --storage-class ColdArchive",
)

Quota = Annotated[
    list[str] | None,
    typer.Option("--quota", metavar="NAME=VALUE", help="A quota of your account; repeatable."),
]
PriceFile = Annotated[
    Path | None,
    typer.Option(
        "--prices",
        envvar="OSS_RESTORE_PRICES",
        help="Prices of your own, in place of those of oss_restore/forecast/prices.yaml.",
    ),
]
Money = Annotated[Literal["CNY", "USD"], typer.Option("--currency", help="Of the bill.")]


@with_deployment
@with_run_options
def plan(
    objects: Annotated[
        int | None,
        typer.Option(min=1, help="Read no bucket: so many frozen objects, of each class as many."),
    ] = None,
    bytes_: Annotated[
        float | None,
        typer.Option("--bytes", min=0, help="That these have together; default: 1 MiB each."),
    ] = None,
    key_bytes: Annotated[
        int, typer.Option(min=1, max=1023, help="Bytes of their keys, on average.")
    ] = 60,
    others: Annotated[int, typer.Option(min=0, help="Objects beside them that need no thaw.")] = 0,
    quota: Quota = None,
    prices: PriceFile = None,
    currency: Money = "CNY",
    input_: InputFile = None,
    as_json: AsJson = False,
    *,
    context: DeploymentContext,
    given: Given,
) -> None:
    """Tell what a run would find, take and cost: for each tier the money and the time.

    Reads the bucket by listing, or the objects that a manifest names, with the functions' own
    filters. Nothing is thawed and nothing is started.
    """
    from oss_restore.cli import plan_arguments as preparing
    from oss_restore.cli.console import out, print_json
    from oss_restore.cli.plan_display import show_plan
    from oss_restore.cli.start_commands import start_commands
    from oss_restore.planning.plan_document import document

    run_input = {**read_input(input_), **given}
    terms = preparing.terms(
        context.named_environment, quotas=quota or (), prices=prices, currency=currency
    )
    if objects is None:
        found = preparing.plan_of_bucket(context, preparing.run_of(context, run_input), terms)
    else:
        found = preparing.plan_of_objects(
            preparing.run_anywhere(context, run_input),
            terms,
            objects,
            objects * 2**20 if bytes_ is None else bytes_,
            key_bytes=key_bytes,
            others=others,
        )
    commands = start_commands(found, context.arguments(), given, input_)
    if as_json:
        print_json(document(found, commands))
    else:
        show_plan(found, commands, out)
    for obstacle in found.preflight.obstacles:
        typer.echo(START_WOULD_REFUSE(reason=obstacle), err=True)
        typer.echo(f"  {obstacle.hint}", err=True)
