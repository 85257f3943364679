"""``oss-restore deployer-policy``: print the RAM policies of the deploying role."""

from __future__ import annotations

from pathlib import Path

from oss_restore.cli.command import command
from oss_restore.cli.environments import environments_argument, load
from oss_restore.cli.options import folder_option, json_option

EXAMPLES = ("oss-restore deployer-policy dev > deployer.json",)


@command(EXAMPLES)
@environments_argument
@folder_option
@json_option
def deployer_policy(*, environments: tuple[str, ...], folder: Path, as_json: bool) -> None:
    """Print the RAM policies of a role that deploys, updates and destroys these environments.

    One role for each account; several policies if one would exceed RAM's size limit.
    """
    from infra.policies.deployer import deployer_policies
    from oss_restore.cli.policy_display import print_policies

    print_policies(load(environments, folder), deployer_policies, as_json=as_json)
