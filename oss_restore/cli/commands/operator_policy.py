"""``oss-restore operator-policy``: print the RAM policies of who starts and follows runs."""

from __future__ import annotations

from pathlib import Path

from oss_restore.cli.command import command
from oss_restore.cli.environments import environments_argument, load
from oss_restore.cli.options import folder_option, json_option

EXAMPLES = ("oss-restore operator-policy dev > operator.json",)


@command(EXAMPLES)
@environments_argument
@folder_option
@json_option
def operator_policy(*, environments: tuple[str, ...], folder: Path, as_json: bool) -> None:
    """Print the RAM policies of a role that runs these environments and cannot change them.

    They cover the commands under Run, Follow and After a run, and doctor. One role for each
    account; several policies if one would exceed RAM's size limit.
    """
    from infra.policies.operator import operator_policies
    from oss_restore.cli.policy_display import print_policies

    print_policies(load(environments, folder), operator_policies, as_json=as_json)
