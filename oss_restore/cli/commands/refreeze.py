"""``oss-restore refreeze``: ends readability early, so that it is no longer paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oss_restore.cli.commands.options import AsJson, Yes, with_deployment

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore refreeze dev --run run-20261124-101500-1a2b3c",
    "oss-restore refreeze dev --bucket my-archive --prefix 2019/ --yes",
)


@with_deployment
def refreeze(
    run: Annotated[
        str | None, typer.Option("--run", help="Freeze what this run has thawed.")
    ] = None,
    bucket: Annotated[
        str | None, typer.Option(help="Freeze what is readable in this bucket.")
    ] = None,
    prefix: Annotated[str, typer.Option(help="Of the keys in the bucket.")] = "",
    yes: Yes = False,
    as_json: AsJson = False,
    *,
    context: DeploymentContext,
) -> None:
    """End the readability of ColdArchive and DeepColdArchive objects, and the bill for it. Asks.

    With your own rights, from this machine; what was frozen before is left alone, so that it can be
    done again. Exits 1 if something is not frozen at the end.
    """
    from oss_restore.cli.refreezing import of_bucket, of_run, report

    if bool(run) == bool(bucket):
        from oss_restore.errors import ExitStatus, OperatorError
        from oss_restore.messages.reporting import NAME_RUN_OR_BUCKET

        raise OperatorError(NAME_RUN_OR_BUCKET(), status=ExitStatus.USAGE)
    done = (
        of_run(context, run, yes=yes) if run else of_bucket(context, bucket or "", prefix, yes=yes)
    )
    report(done, as_json=as_json)
