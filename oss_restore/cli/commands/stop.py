"""``oss-restore stop``: stop a run and everything that it started."""

from __future__ import annotations

import getpass
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from oss_restore.cli.command import command
from oss_restore.cli.options import deployment_options, json_option, run_option, yes_option
from oss_restore.errors import OperatorError
from oss_restore.language import gettext as _
from thaw.errors import RunStopped

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = ("oss-restore stop dev", "oss-restore stop dev --run RUN")


@command(EXAMPLES)
@deployment_options
@run_option
@yes_option
@json_option
def stop(context: DeploymentContext, *, run: str | None, yes: bool, as_json: bool) -> None:
    """Stop a run after its current page. Asks first. Exits 1 if it has already ended."""
    from infra.model.names import TELLER
    from oss_restore.cli.console import err, print_json
    from oss_restore.cli.prompts import ask
    from oss_restore.clients.run_ledger import mark_stopped
    from oss_restore.runs.run_lookup import find_run

    deployment, workflow = context.reported, context.workflow
    flow = deployment.main_flow
    execution = find_run(workflow, flow, run)
    if execution.ended:
        raise OperatorError(
            _("run {run} has already ended: {status}").format(
                run=execution.name, status=execution.status
            ),
            hint=_("see `status` for details"),
        )
    ask(
        lambda: _("{run} is stopped: what it has not requested yet stays frozen. Go on?").format(
            run=execution.name
        ),
        yes=yes,
    )
    reason = f"stopped by {getpass.getuser()} at {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    # The mark first: it reaches what the service does not stop along with the root.
    mark_stopped(context.target, deployment, execution.name, reason)
    workflow.stop(flow, execution.name, error=RunStopped.__name__, cause=reason)
    if TELLER in deployment.functions:
        _tell(context, execution.name, reason)
    if as_json:
        print_json({"flow": flow, "run": execution.name, "status": "Stopped"})
    for message in (
        _("Stopped {run}.").format(run=execution.name),
        _(
            "Objects already requested keep thawing, and are in its ledger. "
            "Start the same run again to continue: nothing is paid for twice."
        ),
    ):
        err.print(message, markup=False, soft_wrap=True)


def _tell(context: DeploymentContext, run: str, reason: str) -> None:
    """Send the notification of a run's end, which a stopped flow can no longer send itself."""
    from infra.model.names import TELLER
    from oss_restore.cli.console import err
    from oss_restore.clients.function_calls import invoke

    event = {"executionName": run, "step": "stop", "error": RunStopped.__name__, "cause": reason}
    try:
        invoke(context.target, context.deployment, TELLER, json.dumps(event))
    except OperatorError as error:
        err.print(
            _("Could not send the notification: {reason}").format(reason=error),
            markup=False,
            soft_wrap=True,
        )
