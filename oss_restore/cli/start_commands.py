"""The commands that start a plan's choices."""

from __future__ import annotations

import shlex

from oss_restore.cli.run_options import Given, as_arguments
from oss_restore.planning.choices import TierChoice
from oss_restore.planning.run_plan import RunPlan
from thaw.run_input import RunInput


def start_commands(
    plan: RunPlan, deployment: list[str], given: Given, input_: str | None
) -> list[str]:
    """The commands that take a plan's choices, one for each.

    Args:
        plan: the plan.
        deployment: the arguments that name it.
        given: what the plan was asked for by options.
        input_: and by ``--input``.
    """
    words = ["oss-restore", "start", *(deployment or ["ENV"])]
    if input_ is not None:
        words += ["--input", input_]
    elif not given.get("bucketName"):
        given = {**given, "bucketName": "BUCKET"}
    return [
        shlex.join([*words, *as_arguments({**given, **_chosen(choice, plan.run)})])
        for choice in plan.choices
    ]


def _chosen(choice: TierChoice, run: RunInput) -> Given:
    """What a choice adds to what was asked for."""
    chosen: Given = {}
    if choice.run.tier != run.tier:
        chosen["tier"] = choice.run.tier
    if choice.run.storage_classes != run.storage_classes:
        chosen["storageClasses"] = list(choice.run.storage_classes)
    return chosen
