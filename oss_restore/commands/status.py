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
    from oss_restore.results import end_with, print_state
    from oss_restore.watching.door import observer_of

    state = observer_of(door, run).look()
    print_state(state, as_json=as_json)
    end_with(state.result)
