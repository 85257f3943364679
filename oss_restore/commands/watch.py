"""``oss-restore watch``: a run, live, to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oss_restore.commands.options import Run, with_door

if TYPE_CHECKING:
    from oss_restore.door import Door

EXAMPLES = (
    "oss-restore watch dev",
    "oss-restore watch dev --run run-20261124-101500-1a2b3c",
    "oss-restore watch dev --json | jq .counts",
)


@with_door
def watch(
    run: Run = None,
    expected: Annotated[
        int | None,
        typer.Option(min=1, help="Objects that there are to ask for: then it tells the time left."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print a JSON object at every change, and at the end."),
    ] = False,
    *,
    door: Door,
) -> None:
    """Show a run live, until it ends. Ctrl-C ends the watching, not the run.

    Exits as the run has ended; of a run that has ended before, at once.
    """
    from oss_restore.runs import find_run
    from oss_restore.watching.door import follow_to_its_end

    name = run or find_run(door.workflow, door.deployment.main_flow, None).name
    follow_to_its_end(door, name, expected=expected, as_json=as_json, stream=as_json)
