"""``oss-restore upgrade``: what is thawing is thawed sooner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oss_restore.commands.options import AsJson, Name, Run, Wait, Yes, with_door

if TYPE_CHECKING:
    from oss_restore.door import Door

EXAMPLES = (
    "oss-restore upgrade dev --tier Expedited",
    "oss-restore upgrade dev --run run-20261124-101500-1a2b3c --tier Standard --yes --wait",
)


@with_door
def upgrade(
    tier: Annotated[str, typer.Option(help="Expedited or Standard: faster than the tier before.")],
    run: Run = None,
    yes: Yes = False,
    name: Name = None,
    wait: Wait = False,
    as_json: AsJson = False,
    *,
    door: Door,
) -> None:
    """Raise the tier of what a run has asked for and is thawing. Counts first, and asks.

    A new run is started over the same objects. What is frozen again is thawed, at that tier.
    """
    from oss_restore.afterwards.preparing import input_of, question_of_upgrade
    from oss_restore.afterwards.starting import start_run
    from oss_restore.asking import ask
    from oss_restore.runs import find_run, run_name

    before = run or find_run(door.workflow, door.deployment.main_flow, None).name
    given = input_of(door, before, upgradeTier=True, tier=tier)
    ask(lambda: question_of_upgrade(door, given, tier), yes=yes)
    start_run(door, name or run_name(), given, wait=wait, as_json=as_json)
