"""``oss-restore status``: show the state of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oss_restore.cli.command import command
from oss_restore.cli.options import deployment_options, json_option, run_option

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = ("oss-restore status dev", "oss-restore status dev --run RUN --json")


@command(EXAMPLES)
@deployment_options
@run_option
@json_option
def status(context: DeploymentContext, *, run: str | None, as_json: bool) -> None:
    """Show the state of a run. Exits like the run if it has ended."""
    from oss_restore.cli.expiry_warnings import warn_of_expiry
    from oss_restore.cli.next_step import print_next
    from oss_restore.cli.run_results import exit_with, print_state
    from oss_restore.runs.observer import observer_of

    state = observer_of(context, run).look()
    print_state(state, as_json=as_json)
    warn_of_expiry(context, state.result.execution.name, state.verdict)
    if not as_json:
        print_next(context, state.result.execution.name, state.verdict)
    exit_with(state.verdict, shown=not as_json)
