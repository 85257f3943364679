"""``oss-restore help``: show the help of the program or of a command."""

from __future__ import annotations

import click

from oss_restore.cli.command import command
from oss_restore.cli.program import COMMANDS, load_command

EXAMPLES = ("oss-restore help", "oss-restore help start")


@command(EXAMPLES)
@click.argument(
    "name",
    metavar="[COMMAND]",
    required=False,
    type=click.Choice(COMMANDS),
    help="Command to explain.",
)
@click.pass_context
def help(context: click.Context, *, name: str | None) -> None:  # noqa: A001 - the command's name
    """Show the help of a command, or of the program."""
    root = context.find_root()
    explained = root
    if name is not None:
        explained = click.Context(load_command(name), info_name=name, parent=root)
    click.echo(explained.get_help())
