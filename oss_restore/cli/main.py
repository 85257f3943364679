"""The entry point, which converts errors to messages and exit codes."""

from __future__ import annotations

import atexit
import gc
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
from oss_restore.deferred_imports import defer
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.language import gettext as _
from oss_restore.language import language_of_locale, set_language
from oss_restore.redaction import redacting


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line, and end the process with its exit code.

    Args:
        arguments: arguments after the program's name; None for those of the process.
    """
    signal.signal(signal.SIGTERM, _terminate)
    if arguments is None:
        defer()
        atexit.register(gc.freeze)  # or a fifth of the time goes into a last collection
    set_language(language_of_locale(os.environ))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a key may contain unpaired surrogates
    with redacting():
        _run(list(sys.argv[1:] if arguments is None else arguments))


def _run(arguments: list[str]) -> NoReturn:
    try:
        sys.exit(program.main(arguments, prog_name=NAME, standalone_mode=False))
    except OperatorError as error:
        if error.status == ExitStatus.INTERRUPTED:
            _end_line_of_ctrl_c()
        _show(arguments, *error.messages, hint=error.hint)
        sys.exit(error.status)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _show(arguments, error.format_message(), hint=_hint(error))
        sys.exit(error.exit_code)
    except OSError as error:  # such as a full disk, or a file that may not be read
        _show(arguments, str(error), hint="")
        sys.exit(ExitStatus.FAILED)


def _show(arguments: Sequence[str], *messages: str, hint: str) -> None:
    """Print an error, a line for each message, after its traceback if requested."""
    from oss_restore.cli.console import err  # noqa: PLC0415 - slow, and only needed for errors

    if DEBUG in arguments or os.environ.get("OSS_RESTORE_DEBUG"):
        traceback.print_exc()
    first, *others = messages
    for message in (f"{NAME}: {first}", *others):
        err.print_line(message)
    for line in hint.splitlines():
        err.print_line(f"  {line}")


def _hint(error: click.ClickException) -> str:
    """Return a hint to the help of the command that was called wrongly."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None:
        return ""
    return _("see `{command} --help`").format(command=context.command_path)


def _end_line_of_ctrl_c() -> None:
    """Start a new line after the ^C that a terminal shows."""
    if sys.stderr.isatty():
        sys.stderr.write("\n")


def _terminate(*_: object) -> None:
    """Raise an error that ends the process and stops everything that it has started."""
    sys.exit(ExitStatus.TERMINATED)
