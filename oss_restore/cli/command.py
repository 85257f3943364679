"""The base of all commands: help under headings, with examples, and general options."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Final

import click

from oss_restore.language import LANGUAGES, Language, set_language

DEBUG: Final = "--debug"
HELP: Final = {"help_option_names": ["-h", "--help"]}
_OPTIONS: Final = "Options"
_DEPLOYMENT: Final = "Deployment"
_WIDEST_OPTION: Final = 26


class HeadedOption(click.Option):
    """An option with its own heading in the help."""

    def __init__(self, *args: Any, heading: str = _DEPLOYMENT, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.heading = heading


class Command(click.Command):
    """A command whose help shows its options under headings, those of the deployment last."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for param in self.get_params(ctx):
            row = param.get_help_record(ctx)
            if row is not None and isinstance(param, click.Option):
                rows[getattr(param, "heading", _OPTIONS)].append(row)
        deployment = rows.pop(_DEPLOYMENT, [])
        write_sections(formatter, {**rows, _DEPLOYMENT: deployment})


def write_sections(
    formatter: click.HelpFormatter, sections: dict[str, list[tuple[str, str]]]
) -> None:
    """Write rows under headings, in the same two columns for all sections."""
    names = [len(name) for rows in sections.values() for name, _ in rows]
    width = max((length for length in names if length <= _WIDEST_OPTION), default=0)
    for heading, rows in sections.items():
        if rows:
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), text) for name, text in rows])


def command(examples: Sequence[str]) -> Callable[[Callable[..., None]], Command]:
    """Make a command of a function and its name.

    Args:
        examples: examples to show below its help.
    """
    lines = "".join(f"\n  {example}" for example in examples)

    def decorate(function: Callable[..., None]) -> Command:
        command = click.command(
            function.__name__.replace("_", "-"),
            cls=Command,
            epilog=f"\b\nExamples:{lines}",
            context_settings=HELP,
        )(function)
        command.params.extend(general_options())
        return command

    return decorate


def general_options() -> list[click.Option]:
    """Return the options of the program and of each of its commands."""
    return [
        click.Option(
            ["--lang"],
            type=click.Choice(LANGUAGES),
            envvar="OSS_RESTORE_LANG",
            show_envvar=True,
            is_eager=True,  # set before any message about other options
            expose_value=False,
            callback=_set_language,
            help="Language of messages; default: that of the locale.",
        ),
        click.Option(
            [DEBUG],
            is_flag=True,
            envvar="OSS_RESTORE_DEBUG",
            show_envvar=True,
            expose_value=False,
            help="Show the traceback of an error.",
        ),
    ]


def _set_language(_context: click.Context, _option: click.Option, value: Language | None) -> None:
    if value is not None:
        set_language(value)
