"""``oss-restore waves``: print the order in which environments are rolled out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from oss_restore.cli.command import command
from oss_restore.cli.environments import environments_argument, load
from oss_restore.cli.options import folder_option, json_option

if TYPE_CHECKING:
    from infra.model.waves import Wave

EXAMPLES = ("oss-restore waves", "oss-restore waves 'prod-*' --json")


@command(EXAMPLES)
@environments_argument
@folder_option
@json_option
def waves(*, environments: tuple[str, ...], folder: Path, as_json: bool) -> None:
    """Print the rollout, wave by wave from the canary on, for a pipeline's matrix."""
    from rich.table import Table

    from infra.model.waves import waves as in_order
    from oss_restore.cli.console import out, print_json

    ordered = in_order(load(environments, folder))
    if as_json:
        names = [environment.name for wave in ordered for environment in wave.environments]
        print_json({"waves": [_as_dict(wave) for wave in ordered], "environments": names})
        return
    table = Table("wave", "environment", "account", "region")
    for wave in ordered:
        for environment in wave.environments:
            table.add_row(wave.name, environment.name, environment.account, environment.region)
    out.print(table)


def _as_dict(wave: Wave) -> dict[str, object]:
    return {
        "wave": wave.number,
        "name": wave.name,
        "environments": [
            {
                "environment": environment.name,
                "account": environment.account,
                "region": environment.region,
            }
            for environment in wave.environments
        ],
    }
