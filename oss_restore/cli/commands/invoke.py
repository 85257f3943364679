"""``oss-restore invoke``: one function of a deployment, with an event."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oss_restore.cli.commands.options import with_deployment
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
    answer = call(context.target, context.deployment, function, _event(event))
    if show_log:
        typer.echo(base64.b64decode(answer.log).decode(errors="replace"), err=True, nl=False)
    typer.echo(answer.result)


def _event(argument: str) -> str:
    text = argument
    if argument == "-":
        text = sys.stdin.read()
    elif argument.startswith("@"):
        try:
            text = Path(argument[1:]).read_text(encoding="utf-8")
        except OSError as error:
            raise OperatorError(
                f"cannot read {argument[1:]}: {error.strerror}", status=ExitStatus.USAGE
            ) from error
    try:
        json.loads(text)
    except ValueError as error:
        raise OperatorError(f"the event is not JSON: {error}", status=ExitStatus.USAGE) from error
    return text
