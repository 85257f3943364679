"""The entry point, and the one place where an error becomes a message and an exit code."""

from __future__ import annotations

import io
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

import click

from oss_restore.cli.command import DEBUG
from oss_restore.cli.program import NAME, program
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.language import language_of_locale, set_language
from oss_restore.redaction import redacting


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line, and end the process with its exit code.

    Args:
        arguments: those after the program's name; None for the process's own.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    signal.signal(signal.SIGTERM, _terminate)
    set_language(language_of_locale(os.environ))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a key may hold half a character
    with redacting():
        _run(arguments)


def _run(arguments: list[str]) -> NoReturn:
    try:
        sys.exit(program.main(arguments, prog_name=NAME, standalone_mode=False))
    except OperatorError as error:
        _show(error, arguments)
        if error.hint:
            click.echo(f"  {error.hint}", err=True)
        sys.exit(error.status)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except OSError as error:  # a full disk, no folder for temporary files, no right to a file
        _show(error, arguments)
        sys.exit(ExitStatus.FAILED)
    except click.Abort:  # what Click makes of a KeyboardInterrupt
        sys.exit(ExitStatus.INTERRUPTED)


def _show(error: Exception, arguments: Sequence[str]) -> None:
    """Print an error in one line, after its traceback if requested."""
    if DEBUG in arguments or os.environ.get("OSS_RESTORE_DEBUG"):
        traceback.print_exc()
    click.echo(f"{NAME}: {error}", err=True)


def _terminate(*_: object) -> None:
    """End the process as an error would, so that what it has started is stopped."""
    sys.exit(ExitStatus.TERMINATED)
