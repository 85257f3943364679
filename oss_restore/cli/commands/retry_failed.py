"""``oss-restore retry-failed``: a new run over what has failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oss_restore.cli.commands.options import AsJson, Name, Run, Wait, with_deployment

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore retry-failed dev --wait",
    "oss-restore retry-failed dev --run run-20261124-101500-1a2b3c --objects-per-second 100",
)


@with_deployment
def retry_failed(
    run: Run = None,
    days: Annotated[int | None, typer.Option(help="Other days than before.")] = None,
    tier: Annotated[str | None, typer.Option(help="Another tier than before.")] = None,
    objects_per_second: Annotated[
        float | None, typer.Option(help="Another cap on requests than before.")
    ] = None,
    name: Name = None,
    wait: Wait = False,
    as_json: AsJson = False,
    *,
    context: DeploymentContext,
) -> None:
    """Start a new run over what was denied, rejected or given up. Nothing is paid for twice.

    It is like the run before, and takes a list of the objects that is put into the report bucket.
    Where nothing has failed, nothing is started. With --wait, exits as the new run has ended.
    """
    from oss_restore.cli.console import err, print_json
    from oss_restore.cli.follow_ups import prepare_retry
    from oss_restore.cli.submit import start_run
    from oss_restore.messages.reporting import NOTHING_TO_RETRY, RETRYING
    from oss_restore.runs.result import find_run, run_name

    before = run or find_run(context.workflow, context.deployment.main_flow, None).name
    name = name or run_name()
    changes = {"days": days, "tier": tier, "objectsPerSecond": objects_per_second}
    changed = {field: value for field, value in changes.items() if value is not None}
    given, retried = prepare_retry(context, before, name, changed)
    if not retried:
        err.print(NOTHING_TO_RETRY(run=before), markup=False, soft_wrap=True)
        if as_json:
            print_json({"run": None, "objects": 0})
        return
    err.print(RETRYING(objects=retried, run=before), markup=False, soft_wrap=True)
    start_run(context, name, given, wait=wait, as_json=as_json)
