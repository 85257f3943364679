"""``oss-restore export-manifest``: a list of objects that OSS Batch Operations takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oss_restore.cli.commands.options import with_deployment
from thaw.outcomes import Outcome

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore export-manifest dev --bucket my-archive --prefix 2019/ > manifest.csv",
    "oss-restore export-manifest dev --run run-20261124-101500-1a2b3c --outcome rejected",
)


@with_deployment
def export_manifest(
    bucket: Annotated[str | None, typer.Option(help="List what is frozen in this bucket.")] = None,
    prefix: Annotated[str, typer.Option(help="Of the keys in the bucket.")] = "",
    run: Annotated[
        str | None, typer.Option("--run", help="List objects of this run, in place of a bucket's.")
    ] = None,
    outcome: Annotated[
        list[Outcome] | None,
        typer.Option(help="Of the run's objects those with this outcome; repeatable."),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="A file, in place of stdout.")] = None,
    *,
    context: DeploymentContext,
) -> None:
    """Write a CSV of bucket and key for OSS Batch Operations; a run takes it as manifest, too.

    Of a run, by default what was denied, rejected or failed.
    """
    from oss_restore.cli.console import err
    from oss_restore.cli.manifest_export import export
    from oss_restore.errors import ExitStatus, OperatorError
    from oss_restore.messages.reporting import EXPORTED, NAME_RUN_OR_BUCKET

    if bool(run) == bool(bucket):
        raise OperatorError(NAME_RUN_OR_BUCKET(), status=ExitStatus.USAGE)
    rows = export(context, bucket=bucket, prefix=prefix, run=run, outcomes=outcome or (), to=output)
    err.print(EXPORTED(rows=rows), markup=False, soft_wrap=True)
