"""``oss-restore extend``: what is readable stays so for longer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oss_restore.cli.commands.options import AsJson, Name, Run, Wait, Yes, with_deployment

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore extend dev --days 7",
    "oss-restore extend dev --run run-20261124-101500-1a2b3c --days 30 --yes --wait",
)


@with_deployment
def extend(
    days: Annotated[
        int,
        typer.Option(min=1, help="Days that are added to what is left, up to the class's most."),
    ],
    run: Run = None,
    yes: Yes = False,
    name: Name = None,
    wait: Wait = False,
    as_json: AsJson = False,
    *,
    context: DeploymentContext,
) -> None:
    """Let what a run has made readable stay so for more days. Counts first, and asks.

    A new run is started over the same objects. What is frozen again is thawed again.
    """
    from oss_restore.cli.follow_ups import input_of, question_of_extension
    from oss_restore.cli.prompts import ask
    from oss_restore.cli.submit import start_run
    from oss_restore.runs.result import find_run, run_name

    before = run or find_run(context.workflow, context.deployment.main_flow, None).name
    given = input_of(context, before, extendReadable=True, days=days)
    ask(lambda: question_of_extension(context, given, days), yes=yes)
    start_run(context, name or run_name(), given, wait=wait, as_json=as_json)
