"""Stopping a run."""

from __future__ import annotations

import getpass
import json
from datetime import UTC, datetime

from infra.model.names import NOTIFIER
from oss_restore.clients.context import DeploymentContext
from oss_restore.clients.function_calls import invoke
from oss_restore.clients.run_ledger import mark_stopped
from oss_restore.errors import OperatorError
from oss_restore.times import utc_time
from thaw.errors import RunStopped


def stop_run(context: DeploymentContext, run: str) -> str:
    """Stop a run after its current page, and everything that it has started.

    Args:
        context: the run's deployment.
        run: name of a run that has not ended.

    Returns:
        Why the notification of its end could not be sent; empty if it was or if notifications are
        not deployed.

    Raises:
        OperatorError: as the calls of the workflow and of the ledger.
    """
    deployment, error = context.reported, RunStopped.__name__
    reason = f"stopped by {getpass.getuser()} at {utc_time(datetime.now(UTC))}"
    # The marker comes first: it also stops executions that the service does not stop with the root.
    mark_stopped(context.target, deployment, run, reason)
    context.workflow.stop(deployment.main_flow, run, error=error, cause=reason)
    if NOTIFIER not in deployment.functions:
        return ""
    event = {"executionName": run, "step": "stop", "error": error, "cause": reason}
    try:  # a stopped flow cannot send the notification itself
        invoke(context.target, deployment, NOTIFIER, json.dumps(event))
    except OperatorError as problem:
        return str(problem)
    return ""
