"""``oss-restore stop``: stop a run and everything that it started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oss_restore.cli.command import command
from oss_restore.cli.interrupts import interrupted
from oss_restore.cli.options import deployment_options, json_option, run_option, yes_option
from oss_restore.errors import OperatorError
from oss_restore.language import gettext as _

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
    from oss_restore.cli.confirmation import confirm, require_confirmation
    from oss_restore.cli.console import err, print_json
    from oss_restore.runs.run_lookup import find_run
    from oss_restore.runs.stopping import stop_run

    require_confirmation(yes=yes)
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
    confirm(
        lambda: _("{run} will be stopped: what it has not requested yet stays frozen.").format(
            run=execution.name
        ),
        yes=yes,
    )
    try:
        problem = stop_run(context, execution.name)
    except KeyboardInterrupt as error:
        consequence = _("{run} may still be running: repeat the command").format(run=execution.name)
        raise interrupted(consequence) from error
    if problem:
        err.print_line(_("Could not send the notification: {reason}").format(reason=problem))
    if as_json:
        print_json({"flow": flow, "run": execution.name, "status": "Stopped"})
    for message in (
        _("Stopped {run}.").format(run=execution.name),
        _(
            "Objects already requested keep thawing, and are in its ledger. "
            "Start the same run again to continue: nothing is paid for twice."
        ),
    ):
        err.print_line(message)
