"""``oss-restore destination-policy``: print the policy for a bucket of another account."""

from __future__ import annotations

from pathlib import Path

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import environment_argument, folder_option
from oss_restore.errors import UsageError
from oss_restore.language import gettext as _

EXAMPLES = ("oss-restore destination-policy dev their-bucket > policy.json",)


@command(EXAMPLES)
@environment_argument
@click.argument("bucket", help="A destination of the environment.")
@folder_option
def destination_policy(*, environment: str, bucket: str, folder: Path) -> None:
    """Print the bucket policy that lets an environment's runs copy to a bucket of another account.

    The bucket's owner sets it as the bucket's policy, or adds its statements to the existing one.
    """
    from infra.policies.copying import destination_policy as policy_of
    from oss_restore.cli.console import out
    from oss_restore.clients.deployment import load_environment

    loaded = load_environment(environment, folder)
    for destination in loaded.destinations:
        if destination.name == bucket:
            out.document(policy_of(loaded, destination) + "\n")
            return
    names = ", ".join(destination.name for destination in loaded.destinations) or "-"
    raise UsageError(
        _("{bucket} is not a destination of environment {environment}: it has {names}").format(
            bucket=bucket, environment=loaded.name, names=names
        ),
        hint=_("name it under destinations in the environment file"),
    )
