"""``oss-restore stop``: ends a run, with everything that it started."""

from __future__ import annotations

import getpass
import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from functions.contract import RunStopped
from infra.functions import FunctionNames
from infra.names import TELLER
from oss_restore.commands.options import DEFAULT_FOLDER, AsJson, Endpoints, Folder
from oss_restore.console import err, out, print_json
from oss_restore.deployment import by_environment, target_of
from oss_restore.errors import OperatorError
from oss_restore.functions import invoke
from oss_restore.ledger import mark_stopped
from oss_restore.runs import last_run
from oss_restore.target import Target
from oss_restore.workflow import Workflow


def stop(
    environment: Annotated[
        str, typer.Argument(help="Environment: a file of environments/, without .yaml.")
    ],
    folder: Folder = DEFAULT_FOLDER,
    endpoints: Endpoints = None,
    run: Annotated[
        str | None, typer.Option("--run", help="Its name; default: the last run.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Stop a run: nothing of it goes on after the page it is at. Exits 1 if it has ended before."""
    deployment = by_environment(environment, folder)
    target = target_of(deployment, endpoints)
    workflow, flow = Workflow(target), deployment.main_flow
    execution = workflow.describe(flow, run) if run else last_run(workflow, flow)
    if execution is None:
        raise OperatorError(f"{flow} has had no run yet")
    if execution.ended:
        raise OperatorError(
            f"the run {execution.name} has ended already: {execution.status}",
            hint="`status` tells how",
        )
    reason = f"stopped by {getpass.getuser()} at {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    # The mark first: it reaches what the service does not stop along with the root.
    mark_stopped(target, deployment, execution.name, reason)
    workflow.stop(flow, execution.name, error=RunStopped.__name__, cause=reason)
    if deployment.teller is not None:
        _tell(target, deployment.teller, execution.name, reason)
    if as_json:
        print_json({"flow": flow, "run": execution.name, "status": "Stopped"})
        return
    out.print(f"{execution.name} is stopped.", markup=False)
    out.print(
        "What it has asked for goes on thawing, and is in its ledger. Start the same run again to"
        " go on: nothing is paid for twice.",
        markup=False,
    )


def _tell(target: Target, functions: FunctionNames, run: str, reason: str) -> None:
    """Tells who is told of a run's end; a flow that is stopped can no longer do that itself."""
    event = {"executionName": run, "step": "stop", "error": RunStopped.__name__, "cause": reason}
    try:
        invoke(target, functions, TELLER, json.dumps(event))
    except OperatorError as error:
        err.print(f"Nobody could be told of it: {error}", markup=False)
