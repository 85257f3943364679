"""``oss-restore list``: the runs of a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oss_restore.cli.commands.options import AsJson, with_deployment

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore list dev",
    "oss-restore list dev --limit 100 --json",
    "oss-restore list dev --before 2026-11-24T10:15:00Z",
)


@with_deployment
def list(  # noqa: A001 - the command's name
    limit: Annotated[int, typer.Option(min=1, help="How many runs.")] = 20,
    before: Annotated[
        str | None, typer.Option(help="Only runs that were started before this moment (ISO 8601).")
    ] = None,
    as_json: AsJson = False,
    *,
    context: DeploymentContext,
) -> None:
    """List the runs of a deployment, the last one first: state, dates, and counts."""
    from oss_restore.cli.run_list_display import print_runs
    from oss_restore.runs.run_list import document, runs_before

    runs, more = runs_before(context.workflow, context.deployment.main_flow, before, limit)
    if as_json:
        from oss_restore.cli.console import print_json

        print_json(document(runs, more=more))
    else:
        print_runs(runs, more=more)
