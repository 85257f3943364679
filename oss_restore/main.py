"""The command line: what there is, and the one place where an error becomes a message."""

from __future__ import annotations

import os
import sys
import traceback

import typer

from oss_restore.commands import cloud, invoke, lint, rehearse, render, start, status
from oss_restore.errors import ExitStatus, OperatorError

app = typer.Typer(
    name="oss-restore",
    help="Thaw archived Alibaba Cloud OSS objects in bulk.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
app.command()(rehearse.rehearse)
app.command()(start.start)
app.command()(status.status)
app.command()(invoke.invoke)
app.command()(render.render)
app.command()(lint.lint)
app.command()(cloud.cloud)


def main() -> None:
    """Runs the command line and ends the process with its exit code."""
    try:
        app()
    except OperatorError as error:
        if os.environ.get("OSS_RESTORE_TRACEBACK"):
            traceback.print_exc()
        typer.echo(f"oss-restore: {error}", err=True)
        if error.hint:
            typer.echo(f"  {error.hint}", err=True)
        sys.exit(error.status)
    except KeyboardInterrupt:
        sys.exit(ExitStatus.INTERRUPTED)
