"""``oss-restore upgrade``: move thawing objects to a faster tier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oss_restore.cli.command import command
from oss_restore.cli.options import (
    StartOptions,
    deployment_options,
    run_option,
    start_options,
    tier_option,
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
@start_options
def upgrade(
    context: DeploymentContext, *, tier: str, run: str | None, options: StartOptions
) -> None:
    """Move a run's thawing objects to a faster tier. Shows the plan and asks first.

    Starts a new run over the same objects. Objects that have frozen again are thawed at that tier.
    """
    from oss_restore.cli.follow_ups import changed_input
    from oss_restore.cli.run_start import require_reviewed, start_run

    require_reviewed(options)
    start_run(context, changed_input(context, run, upgradeTier=True, tier=tier), options)
