"""``oss-restore invoke``: one function of a deployment, with an event."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated

import typer

from oss_restore.cli.commands.options import with_deployment
from oss_restore.cli.json_arguments import read_argument
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.messages.access import NEEDS_SERVICE

if TYPE_CHECKING:
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = ("oss-restore invoke dev prepareRun @event.json --log",)


@with_deployment
def invoke(
    function: Annotated[str, typer.Argument(help="Such as listArchiveFiles.")],
    event: Annotated[
        str, typer.Argument(help="The event: JSON text, @FILE, or - for standard input.")
    ] = "{}",
    show_log: Annotated[
        bool, typer.Option("--log", help="Print the last 4 KB that the function logged.")
    ] = False,
    *,
    context: DeploymentContext,
) -> None:
    """Call one function of a deployment and print what it returns: to try it, or to debug it."""
    from oss_restore.clients.function_calls import invoke as call

    if not context.deployment.functions:
        raise OperatorError(NEEDS_SERVICE(), status=ExitStatus.USAGE)
    text, _ = read_argument(event, "event")
    answer = call(context.target, context.deployment, function, text)
    if show_log:
        typer.echo(base64.b64decode(answer.log).decode(errors="replace"), err=True, nl=False)
    typer.echo(answer.result)
