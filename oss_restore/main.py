"""The command line: what there is, and the one place where an error becomes a message."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Annotated, Final, NoReturn

import typer

from infra.version import VERSION
from oss_restore.errors import ExitStatus, OperatorError

# Each is a function in the module of its name, with '_' for '-'.
COMMANDS: Final = (
    "rehearse",
    "forecast",
    "start",
    "status",
    "stop",
    "queries",
    "invoke",
    "render",
    "lint",
    "smoke",
    "bootstrap",
    "waves",
    "check-plan",
    "deployer-policy",
    "ros-template",
    "cloud",
)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line and ends the process with its exit code.

    Args:
        arguments: behind the program's name; the process's own when None.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    signal.signal(signal.SIGTERM, _terminate)
    try:
        sys.exit(_app(arguments)(args=arguments, prog_name="oss-restore"))
    except OperatorError as error:
        if os.environ.get("OSS_RESTORE_TRACEBACK"):
            traceback.print_exc()
        typer.echo(f"oss-restore: {error}", err=True)
        if error.hint:
            typer.echo(f"  {error.hint}", err=True)
        sys.exit(error.status)
    except KeyboardInterrupt:
        sys.exit(ExitStatus.INTERRUPTED)


def _app(arguments: Sequence[str]) -> typer.Typer:
    """The command that is meant, or all of them: no command waits for another one's imports."""
    app = typer.Typer(
        name="oss-restore",
        help="Thaw archived Alibaba Cloud OSS objects in bulk.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode=None,
    )
    app.callback()(_program)  # or a single command would lose its name
    for name in [name for name in COMMANDS if name in arguments[:1]] or COMMANDS:
        written = name.replace("-", "_")
        module = import_module(f"oss_restore.commands.{written}")
        command: Callable[..., None] = getattr(module, written)
        app.command(name)(command)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"oss-restore {VERSION}")
        raise typer.Exit


_Version = Annotated[
    bool,
    typer.Option(
        "--version", callback=_show_version, is_eager=True, help="Show the version and stop."
    ),
]


def _program(version: _Version = False) -> None:
    """Options of the program itself."""


def _terminate(*_: object) -> None:
    """Ends the process as an error would, so that what has been started is stopped."""
    sys.exit(ExitStatus.TERMINATED)
