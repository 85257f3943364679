"""Inputs of runs over all or the failed objects of another run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oss_restore.cli.console import err, print_json
from oss_restore.cli.run_results import exit_with
from oss_restore.clients.context import DeploymentContext
from oss_restore.clients.run_ledger import ledger_errors, open_ledger, read_input
from oss_restore.language import gettext as _
from oss_restore.runs.observer import observer_of
from oss_restore.runs.retries import prepare_retry, retry_text
from oss_restore.runs.run_inputs import with_changes
from oss_restore.runs.run_lookup import find_run


def changed_input(context: DeploymentContext, run: str | None, **changes: object) -> dict[str, Any]:
    """Make a new run's input from another run's, with changes.

    Args:
        context: the deployment and its cloud.
        run: name of the other run; None for the last one.
        changes: changes of its input, by JSON names.

    Raises:
        OperatorError: there is no such run, or OSS refuses a call.
    """
    before = run or find_run(context.workflow, context.deployment.main_flow, None).name
    with ledger_errors(context.reported, before):
        run_input = read_input(
            context.workflow,
            context.reported,
            before,
            open_ledger(context.target, context.reported, before),
        )
    return with_changes(run_input, dryRun=False, **changes)


def retry_input(
    context: DeploymentContext,
    run: str | None,
    name: str,
    changes: Mapping[str, object],
    *,
    as_json: bool,
) -> dict[str, Any]:
    """Make the input of a run over the objects that failed in another.

    If nothing failed, end the command with the exit code of the other run.

    Args:
        context: the deployment and its cloud.
        run: name of the run with failures; None for the last one.
        name: name of the new run.
        changes: changes of the input, by JSON names.
        as_json: whether to print JSON if nothing failed.

    Raises:
        OperatorError: there is no such run, the changes are wrong, or OSS refuses a call.
    """
    before = run or find_run(context.workflow, context.deployment.main_flow, None).name
    verdict = observer_of(context, before).look().verdict
    retry = prepare_retry(context, before, name, changes, died=verdict.ending == "failed")
    if retry is None:
        err.print_line(
            _("No object of {run} failed on its own: no run was started.").format(run=before)
        )
        if as_json:
            print_json({"run": None, "objects": 0, "verdict": verdict.to_json()})
        exit_with(verdict, shown=False)
    run_input, objects = retry
    err.print_line(retry_text(before, objects))
    return run_input
