"""``oss-restore status``: how a run stands, or how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oss_restore.commands.options import AsJson, Run, with_door

if TYPE_CHECKING:
    from oss_restore.door import Door

EXAMPLES = ("oss-restore status dev", "oss-restore status dev --run RUN --json")


@with_door
def status(
    run: Run = None,
    as_json: AsJson = False,
    *,
    door: Door,
) -> None:
    """Show how a run stands. Exits as the run has ended."""
    from oss_restore.results import end_with, print_result
    from oss_restore.runs import Progress, find_run, result_of

    flow = door.deployment.main_flow
    execution = find_run(door.workflow, flow, run)
    result = result_of(door.workflow, execution)
    progress = Progress()
    if not execution.ended:
        progress.read(door.workflow, flow, execution.name)
    print_result(result, as_json=as_json, progress=progress)
    end_with(result)
