"""The command line: what there is, and the one place where an error becomes a message."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import Annotated, Final, NoReturn

import typer

from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.language import LANGUAGES, of_locale, speak

# Each is a function in the module of its name, with '_' for '-'; EXAMPLES stand beside it.
COMMANDS: Final = (
    "rehearse",
    "plan",
    "start",
    "watch",
    "status",
    "stop",
    "report",
    "failures",
    "list",
    "retry-failed",
    "extend",
    "upgrade",
    "refreeze",
    "export-manifest",
    "doctor",
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
_NAME: Final = "oss-restore"
_HELP: Final = "Thaw archived Alibaba Cloud OSS objects in bulk."
_typer: Final = partial(typer.Typer, pretty_exceptions_enable=False, rich_markup_mode=None)
_COMPLETION: Final = "_OSS_RESTORE_COMPLETE"  # set by a shell that asks for completions
_DEBUG: Final = "--debug"
_LANG: Final = "--lang"
_EVERYWHERE: Final = f"""\b
Every command takes, wherever it stands:
  {_DEBUG}      Show where an error comes from.  [env var: OSS_RESTORE_DEBUG]
  {_LANG} en|zh  Language of messages; by default the locale's.  [env var: OSS_RESTORE_LANG]"""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line and ends the process with its exit code.

    Args:
        arguments: behind the program's name; the process's own when None.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    signal.signal(signal.SIGTERM, _terminate)
    debug = _take_debug(arguments)
    try:
        _take_language(arguments)
        _run(arguments)
    except OperatorError as error:
        if debug:
            traceback.print_exc()
        typer.echo(f"{_NAME}: {error}", err=True)
        if error.hint:
            typer.echo(f"  {error.hint}", err=True)
        sys.exit(error.status)
    except KeyboardInterrupt:
        sys.exit(ExitStatus.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has had enough of it, such as `head`; nor is there more to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitStatus.FAILED)


def _take_debug(arguments: list[str]) -> bool:
    if _DEBUG in arguments:
        arguments.remove(_DEBUG)
        return True
    return bool(os.environ.get("OSS_RESTORE_DEBUG"))


def _take_language(arguments: list[str]) -> None:
    """Speaks the language that is asked for: messages of the parser itself come after it.

    Raises:
        OperatorError: it is none of ours.
    """
    asked = os.environ.get("OSS_RESTORE_LANG") or of_locale(os.environ)
    for index, argument in enumerate(arguments):
        option, equals, value = argument.partition("=")
        if option == _LANG:
            asked = value if equals else "".join(arguments[index + 1 : index + 2])
            del arguments[index : index + (1 if equals else 2)]
            break
    language = next((one for one in LANGUAGES if one == asked), None)
    if language is None:
        raise OperatorError(
            f"{_LANG} {asked}: choose one of {', '.join(LANGUAGES)}", status=ExitStatus.USAGE
        )
    speak(language)


def _run(arguments: Sequence[str]) -> NoReturn:
    """Runs the command that is meant, by itself: it waits for no other one's imports."""
    name = next((name for name in COMMANDS if name in arguments[:1]), None)
    if name is None or _COMPLETION in os.environ:
        app = _with_options(_typer(help=_HELP, epilog=_EVERYWHERE, no_args_is_help=True))
        for each in COMMANDS:
            _add(app, each)
        sys.exit(app(args=arguments, prog_name=_NAME))
    app = _typer(add_completion=False)
    _add(app, name)
    sys.exit(app(args=arguments[1:], prog_name=f"{_NAME} {name}"))


def _add(app: typer.Typer, name: str) -> None:
    module = import_module(f"oss_restore.cli.commands.{name.replace('-', '_')}")
    command: Callable[..., None] = getattr(module, name.replace("-", "_"))
    app.command(name, epilog=_examples(module.EXAMPLES))(command)


def _examples(examples: Sequence[str]) -> str:
    lines = "".join(f"\n  {example}" for example in examples)
    return f"\b\nExamples:{lines}\n\n{_EVERYWHERE}"


def _version(wanted: bool) -> None:
    if wanted:
        from infra.version import VERSION  # noqa: PLC0415 - no command waits for it

        typer.echo(f"{_NAME} {VERSION}")
        raise typer.Exit


def _with_options(app: typer.Typer) -> typer.Typer:
    """Gives the program the options that it has without a command."""

    def program(
        version: Annotated[
            bool,
            typer.Option(
                "--version", callback=_version, is_eager=True, help="Show the version and stop."
            ),
        ] = False,
    ) -> None:
        pass

    app.callback()(program)
    return app


def _terminate(*_: object) -> None:
    """Ends the process as an error would, so that what has been started is stopped."""
    sys.exit(ExitStatus.TERMINATED)
