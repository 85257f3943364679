"""``oss-restore invoke``: call one function of a deployment."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

import click

from oss_restore.cli.command import command
from oss_restore.cli.interrupts import interrupted
from oss_restore.cli.json_arguments import read_argument
from oss_restore.cli.options import deployment_options, yes_option
from oss_restore.errors import UsageError
from oss_restore.language import gettext as _

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

_SENDER: Final = "restore"  # the function that sends RestoreObject
EXAMPLES = ("oss-restore invoke dev prepareRun @event.json --log",)


@command(EXAMPLES)
@deployment_options
@click.argument("function", help="Name of the function, such as listArchiveFiles.")
@click.argument(
    "event",
    required=False,
    default="{}",
    help="The event: JSON text, @FILE, or - for standard input.",
)
@yes_option
@click.option("--log", "show_log", is_flag=True, help="Print the last 4 KB of the log.")
def invoke(
    context: DeploymentContext, *, function: str, event: str, show_log: bool, yes: bool
) -> None:
    """Call a function of a deployment and print its result. Asks first if that costs money."""
    from oss_restore.cli.confirmation import confirm
    from oss_restore.cli.console import err, out
    from oss_restore.clients.function_calls import invoke as call

    if not context.deployment.functions:
        raise UsageError(
            _("this needs the functions' service, which --flow alone does not identify")
        )
    if function == _SENDER:
        confirm(
            lambda: _("{function} sends requests, which cost.").format(function=function), yes=yes
        )
    text, _document = read_argument(event, "event")
    try:
        response = call(context.target, context.deployment, function, text)
    except KeyboardInterrupt as error:
        consequence = _("{function} may still be running").format(function=function)
        raise interrupted(consequence) from error
    if show_log:
        err.document(base64.b64decode(response.log).decode(errors="replace"))
    out.document(response.result + "\n")
