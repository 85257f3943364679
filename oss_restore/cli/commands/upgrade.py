"""``oss-restore upgrade``: what is thawing is thawed sooner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oss_restore.cli.commands.options import AsJson, Name, Run, Wait, Yes, with_deployment

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore upgrade dev --tier Expedited",
    "oss-restore upgrade dev --run run-20261124-101500-1a2b3c --tier Standard --yes --wait",
)


@with_deployment
def upgrade(
    tier: Annotated[str, typer.Option(help="Expedited or Standard: faster than the tier before.")],
    run: Run = None,
    yes: Yes = False,
    name: Name = None,
    wait: Wait = False,
    as_json: AsJson = False,
    *,
    context: DeploymentContext,
) -> None:
    """Raise the tier of what a run has asked for and is thawing. Counts first, and asks.

    A new run is started over the same objects. What is frozen again is thawed, at that tier.
    """
    from oss_restore.cli.follow_ups import input_of, question_of_upgrade
    from oss_restore.cli.prompts import ask
    from oss_restore.cli.submit import start_run
    from oss_restore.runs.result import find_run, run_name

    before = run or find_run(context.workflow, context.deployment.main_flow, None).name
    given = input_of(context, before, upgradeTier=True, tier=tier)
    ask(lambda: question_of_upgrade(context, given, tier), yes=yes)
    start_run(context, name or run_name(), given, wait=wait, as_json=as_json)
