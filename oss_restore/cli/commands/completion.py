"""``oss-restore completion``: print the completion script of a shell."""

from __future__ import annotations

import click

from oss_restore.cli.command import command
from oss_restore.cli.program import NAME, program

EXAMPLES = ("oss-restore completion bash >> ~/.bashrc",)


@command(EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), help="The shell.")
def completion(*, shell: str) -> None:
    """Print the script that makes a shell complete commands, options, environments and runs."""
    from click.shell_completion import get_completion_class

    completion_class = get_completion_class(shell)
    if completion_class is None:
        raise LookupError(shell)  # impossible, since the choices above are Click's shells
    click.echo(completion_class(program, {}, NAME, "_OSS_RESTORE_COMPLETE").source())
