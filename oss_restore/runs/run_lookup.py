"""Finding runs, and waiting for their ends."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import Final

from oss_restore.clients.flow_executions import FlowExecution
from oss_restore.clients.workflow import WorkflowClient
from oss_restore.errors import OperatorError, UsageError
from oss_restore.language import gettext as _
from oss_restore.runs.executions import read_object
from oss_restore.runs.result import Result
from thaw.ledger_layout import SMOKE_RUN

_POLL_SECONDS: Final = 20
_LEGS: Final = frozenset({"relay", "shard"})  # in the inputs of legs


def run_name() -> str:
    """Make a name for a run that sorts by time."""
    return f"run-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def is_real(execution: FlowExecution) -> bool:
    """Return whether a run thaws objects: not a leg, a dry run or a smoke test."""
    run_input = read_object(execution.input)
    return (
        _LEGS.isdisjoint(run_input)
        and not run_input.get("dryRun")
        and not execution.name.startswith(SMOKE_RUN)
    )


def last_run(workflow: WorkflowClient, flow: str) -> FlowExecution | None:
    """Return the last real run, if there is one."""
    for page in workflow.executions(flow):
        runs = [*filter(is_real, page)]
        if runs:
            return max(runs, key=lambda run: run.started_at)
    return None


def find_run(workflow: WorkflowClient, flow: str, name: str | None) -> FlowExecution:
    """Find a run by name; without a name, the run in progress, or else the last real run.

    Raises:
        OperatorError: there is none, or several are in progress.
    """
    if name:
        return workflow.describe(flow, name)
    live = [run for page in workflow.executions(flow, running=True) for run in page if is_real(run)]
    if len(live) > 1:
        names = ", ".join(sorted(run.name for run in live))
        raise UsageError(
            _("several runs are in progress: {names}").format(names=names),
            hint=_("choose one with --run"),
        )
    execution = live[0] if live else last_run(workflow, flow)
    if execution is None:
        raise OperatorError(_("{flow} has not been run yet").format(flow=flow))
    return execution


def wait_for_end(workflow: WorkflowClient, flow: str, name: str) -> Result:
    """Wait for the end of a run.

    Args:
        workflow: client of the service where it runs.
        flow: the main flow's name.
        name: the run's name.
    """
    while True:
        execution = workflow.describe(flow, name, wait_seconds=_POLL_SECONDS)
        if execution.ended:
            return result_of(workflow, execution)


def result_of(workflow: WorkflowClient, execution: FlowExecution) -> Result:
    """Read the result of an execution, ended or not."""
    if execution.status == "Succeeded":
        return Result(execution, json.loads(execution.output or "{}"))
    if execution.ended:
        error, cause = workflow.failure(execution.flow, execution.name)
        return Result(execution, {}, error, cause)
    return Result(execution, {})
