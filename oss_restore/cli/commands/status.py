"""``oss-restore status``: how a run stands, or how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oss_restore.cli.commands.options import AsJson, Run, with_deployment

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = ("oss-restore status dev", "oss-restore status dev --run RUN --json")


@with_deployment
def status(
    run: Run = None,
    as_json: AsJson = False,
    *,
    context: DeploymentContext,
) -> None:
    """Show how a run stands. Exits as the run has ended."""
    from oss_restore.cli.run_results import end_with, print_state
    from oss_restore.runs.observer import observer_of

    state = observer_of(context, run).look()
    print_state(state, as_json=as_json)
    end_with(state.result)
