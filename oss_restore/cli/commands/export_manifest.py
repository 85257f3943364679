"""``oss-restore export-manifest``: write a list of objects for OSS Batch Operations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import FILE, complete_run, deployment_options
from oss_restore.cli.parameter_types import bucket_and_prefix
from oss_restore.language import gettext as _
from oss_restore.language import ngettext
from thaw.outcomes import AFTER_THAW, Outcome

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore export-manifest dev --bucket my-archive --prefix 2019/ > manifest.csv",
    "oss-restore export-manifest dev --run run-20261124-101500-1a2b3c --outcome rejected",
)


@command(EXAMPLES)
@deployment_options
@click.option("--bucket", help="List what is frozen in this bucket, or below oss://BUCKET/PREFIX.")
@click.option("--prefix", default="", help="Only keys that start with it.")
@click.option("--run", shell_complete=complete_run, help="List objects of this run.")
@click.option(
    "--outcome",
    multiple=True,
    type=click.Choice([outcome.value for outcome in Outcome if outcome not in AFTER_THAW]),
    help="Only objects of the run with this outcome; repeatable.",
)
@click.option("--output", type=FILE, help="File to write; default: stdout.")
def export_manifest(
    context: DeploymentContext,
    *,
    bucket: str | None,
    prefix: str,
    run: str | None,
    outcome: tuple[str, ...],
    output: Path | None,
) -> None:
    """Write a CSV of buckets and keys for OSS Batch Operations, or for a run's manifest.

    For a run, by default the objects that were denied, rejected or failed.
    """
    from oss_restore.cli.console import err
    from oss_restore.cli.manifest_export import export
    from oss_restore.errors import UsageError

    if bool(run) == bool(bucket):
        raise UsageError(_("name a run with --run, or a bucket with --bucket"))
    bucket, prefix = bucket_and_prefix(bucket or "", prefix)
    outcomes = [Outcome(name) for name in outcome]
    rows = export(context, bucket=bucket, prefix=prefix, run=run, outcomes=outcomes, to=output)
    err.print_line(ngettext("{rows:,} row", "{rows:,} rows", rows).format(rows=rows))
