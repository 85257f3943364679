"""The commands that start the choices of a plan."""

from __future__ import annotations

import shlex

from oss_restore.cli.run_options import Given, as_arguments
from oss_restore.planning.choices import TierChoice
from oss_restore.planning.run_plan import RunPlan
from thaw.run_input import RunInput


def start_commands(
    plan: RunPlan, deployment: list[str], given: Given, input_: str | None
) -> list[str]:
    """Return the ``start`` command of each choice.

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
    """Return what a choice adds to the given input."""
    chosen: Given = {}
    if choice.run.tier != run.tier:
        chosen["tier"] = choice.run.tier
    if choice.run.storage_classes != run.storage_classes:
        chosen["storageClasses"] = list(choice.run.storage_classes)
    return chosen
