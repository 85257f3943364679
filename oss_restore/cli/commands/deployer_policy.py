"""``oss-restore deployer-policy``: print the RAM policies of the deploying role."""

from __future__ import annotations

import json
from itertools import groupby
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

    One role for each account; several policies where one would be over RAM's size limit.
    """
    from infra.policies.deployer import deployer_policies
    from oss_restore.cli.console import out, print_json

    found = sorted(load(environments, folder), key=lambda environment: environment.account)
    policies = {
        account: deployer_policies(members)
        for account, members in groupby(found, lambda environment: environment.account)
    }
    if as_json:
        print_json(
            {account: [json.loads(text) for text in texts] for account, texts in policies.items()}
        )
        return
    single = [len(texts) for texts in policies.values()] == [1]
    for account, texts in policies.items():
        for number, text in enumerate(texts, 1):
            if not single:
                out.print_line(f"# --- account {account}, policy {number} of {len(texts)}")
            out.document(text + "\n")
