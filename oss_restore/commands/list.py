"""``oss-restore list``: the runs of a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oss_restore.commands.options import AsJson, with_door

if TYPE_CHECKING:
    from oss_restore.door import Door

EXAMPLES = (
    "oss-restore list dev",
    "oss-restore list dev --limit 100 --json",
    "oss-restore list dev --before 2026-11-24T10:15:00Z",
)


@with_door
def list(  # noqa: A001 - the command's name
    limit: Annotated[int, typer.Option(min=1, help="How many runs.")] = 20,
    before: Annotated[
        str | None, typer.Option(help="Only runs that were started before this moment (ISO 8601).")
    ] = None,
    as_json: AsJson = False,
    *,
    door: Door,
) -> None:
    """List the runs of a deployment, the last one first: state, dates, and counts."""
    from oss_restore.reporting.run_list import document, print_runs, runs_before

    runs, more = runs_before(door.workflow, door.deployment.main_flow, before, limit)
    if as_json:
        from oss_restore.console import print_json

        print_json(document(runs, more=more))
    else:
        print_runs(runs, more=more)
