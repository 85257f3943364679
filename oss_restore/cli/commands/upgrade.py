"""``oss-restore upgrade``: move thawing objects to a faster tier."""

from __future__ import annotations

from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore upgrade dev --tier Expedited",
    "oss-restore upgrade dev --run run-20261124-101500-1a2b3c --tier Standard --yes --wait",
)


@command(EXAMPLES)
@deployment_options
@tier_option(required=True, help="Expedited or Standard: faster than the tier of the run.")
@run_option
@yes_option
@name_option
@wait_option
@json_option
def upgrade(
    context: DeploymentContext,
    *,
    tier: str,
    run: str | None,
    yes: bool,
    name: str | None,
    wait: bool,
    as_json: bool,
) -> None:
    """Move a run's thawing objects to a faster tier. Counts them and asks first.

    A new run is started over the same objects. What is frozen again is thawed, at that tier.
    """
    from oss_restore.cli.follow_ups import changed_input, upgrade_question
    from oss_restore.cli.prompts import ask
    from oss_restore.cli.watching import start_run
    from oss_restore.runs.run_lookup import find_run, run_name

    before = run or find_run(context.workflow, context.deployment.main_flow, None).name
    given = changed_input(context, before, upgradeTier=True, tier=tier)
    ask(lambda: upgrade_question(context, given, tier), yes=yes)
    start_run(context, name or run_name(), given, wait=wait, as_json=as_json)
