"""The program: groups of commands, each imported when it is needed."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

import click

from oss_restore.cli.command import HELP, general_options, write_sections
from oss_restore.cli.interrupts import interrupted
from oss_restore.language import gettext as _

NAME: Final = "oss-restore"

# Each command is the function of its name, '_' for '-', in the module of its name.
GROUPS: Final = {
    "Run": ("plan", "start", "stop"),
    "Follow": ("status", "watch", "console", "list", "queries"),
    "After a run": (
        "report",
        "failures",
        "retry-failed",
        "extend",
        "upgrade",
        "refreeze",
        "export-manifest",
    ),
    "Deploy": ("init", "doctor", "smoke", "render", "ros-template", "invoke"),
    "Local": ("rehearse", "cloud", "lint"),
    "Platform": (
        "bootstrap",
        "deployer-policy",
        "operator-policy",
        "destination-policy",
        "waves",
        "check-plan",
    ),
    "Help": ("help", "completion"),
}
COMMANDS: Final = tuple(name for names in GROUPS.values() for name in names)


class LazyGroup(click.Group):
    """A group whose commands are imported by name when they are run, shown or completed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return load_command(cmd_name) if cmd_name in COMMANDS else None

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; after Ctrl-C, show a message about anything that continues without it."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise interrupted(_("nothing is left running")) from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or suggest commands with similar names."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            raise click.NoSuchCommand(args[0], possibilities=COMMANDS, ctx=ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        limit = formatter.width - 6 - max(map(len, COMMANDS))
        sections = {
            heading: [(name, load_command(name).get_short_help_str(limit)) for name in names]
            for heading, names in GROUPS.items()
        }
        write_sections(formatter, sections)


def load_command(name: str) -> click.Command:
    """Import a command."""
    attribute = name.replace("-", "_")
    command: click.Command = getattr(
        import_module(f"oss_restore.cli.commands.{attribute}"), attribute
    )
    return command


def _show_version(context: click.Context, _option: click.Option, wanted: Any) -> None:
    if wanted and not context.resilient_parsing:
        from infra.version import VERSION  # noqa: PLC0415 - no command needs it

        click.echo(f"{NAME} {VERSION}")
        context.exit()


program = LazyGroup(
    NAME,
    help="Thaw archived Alibaba Cloud OSS objects in bulk.",
    no_args_is_help=True,
    context_settings=HELP,
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_show_version,
            help="Show the version and exit.",
        ),
        *general_options(),
    ],
)
