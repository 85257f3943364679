"""``oss-restore invoke``: call one function of a deployment."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import click

from oss_restore.cli.command import command
from oss_restore.cli.json_arguments import read_argument
from oss_restore.cli.options import deployment_options
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.language import gettext as _

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

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
@click.option("--log", "show_log", is_flag=True, help="Print the last 4 KB of the log.")
def invoke(context: DeploymentContext, *, function: str, event: str, show_log: bool) -> None:
    """Call one function of a deployment and print what it returns."""
    from oss_restore.clients.function_calls import invoke as call

    if not context.deployment.functions:
        raise OperatorError(
            _("this needs the functions' service, which --flow alone does not identify"),
            status=ExitStatus.USAGE,
        )
    text, _document = read_argument(event, "event")
    answer = call(context.target, context.deployment, function, text)
    if show_log:
        click.echo(base64.b64decode(answer.log).decode(errors="replace"), err=True, nl=False)
    click.echo(answer.result)
