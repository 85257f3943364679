"""The command line: what there is, and the one place where an error becomes a message."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

import typer

from oss_restore.commands import (
    check_plan,
    cloud,
    deployer_policy,
    invoke,
    lint,
    rehearse,
    render,
    start,
    status,
    waves,
)
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
app.command()(waves.waves)
app.command()(check_plan.check_plan)
app.command()(deployer_policy.deployer_policy)
app.command()(cloud.cloud)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line and ends the process with its exit code.

    Args:
        arguments: behind the program's name; the process's own when None.
    """
    signal.signal(signal.SIGTERM, _terminate)
    try:
        sys.exit(app(args=arguments, standalone_mode=True))
    except OperatorError as error:
        if os.environ.get("OSS_RESTORE_TRACEBACK"):
            traceback.print_exc()
        typer.echo(f"oss-restore: {error}", err=True)
        if error.hint:
            typer.echo(f"  {error.hint}", err=True)
        sys.exit(error.status)
    except KeyboardInterrupt:
        sys.exit(ExitStatus.INTERRUPTED)


def _terminate(*_: object) -> None:
    """Ends the process as an error would, so that what has been started is stopped."""
    sys.exit(ExitStatus.TERMINATED)
