"""``oss-restore refreeze``: freeze thawed objects early, to stop paying for their copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import (
    complete_run,
    deployment_options,
    json_option,
    yes_option,
)
from oss_restore.cli.parameter_types import bucket_and_prefix
from oss_restore.language import gettext as _

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore refreeze dev --run run-20261124-101500-1a2b3c",
    "oss-restore refreeze dev --bucket my-archive --prefix 2019/ --yes",
)


@command(EXAMPLES)
@deployment_options
@click.option("--run", shell_complete=complete_run, help="Freeze what this run has thawed.")
@click.option(
    "--bucket", help="Freeze what is readable in this bucket, or below oss://BUCKET/PREFIX."
)
@click.option("--prefix", default="", help="Only keys that start with it.")
@yes_option
@json_option
def refreeze(
    context: DeploymentContext,
    *,
    run: str | None,
    bucket: str | None,
    prefix: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Freeze thawed ColdArchive and DeepColdArchive objects, to stop paying. Asks first.

    Uses your own permissions, from this machine. Skips objects that are already frozen, so it can
    be repeated. Exits 1 if an object is not frozen at the end.
    """
    from oss_restore.cli.confirmation import require_confirmation
    from oss_restore.cli.refreezing import refreeze_bucket, refreeze_run, report

    if bool(run) == bool(bucket):
        from oss_restore.errors import UsageError

        raise UsageError(_("name a run with --run, or a bucket with --bucket"))
    require_confirmation(yes=yes)
    if run:
        done = refreeze_run(context, run, yes=yes)
    else:
        done = refreeze_bucket(context, *bucket_and_prefix(bucket or "", prefix), yes=yes)
    report(done, as_json=as_json)
