"""``oss-restore render``: print the flows of an environment as they would be deployed."""

from __future__ import annotations

from pathlib import Path

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import environment_argument, folder_option, json_option
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.language import gettext as _

EXAMPLES = ("oss-restore render dev restoreFlow",)


@command(EXAMPLES)
@environment_argument
@click.argument("flow", required=False, help="Only this one, such as restoreFlow.")
@folder_option
@json_option
def render(*, environment: str, flow: str | None, folder: Path, as_json: bool) -> None:
    """Print the flow definitions of an environment."""
    from infra.blueprint.flows import InvalidFlowError, render_flows
    from infra.environment_files import InvalidEnvironmentError, load_environments
    from oss_restore.cli.console import print_json

    try:
        (found,) = load_environments(folder, only=[environment])
        flows = render_flows(found)
    except (InvalidEnvironmentError, InvalidFlowError) as error:
        raise OperatorError(str(error), status=ExitStatus.USAGE) from error
    shown = [definition for definition in flows if flow in {None, definition.kind}]
    if not shown:
        kinds = ", ".join(definition.kind for definition in flows)
        raise OperatorError(
            _("unknown flow {name}: choose one of {names}").format(name=flow, names=kinds),
            status=ExitStatus.USAGE,
        )
    if as_json:
        print_json({definition.name: definition.text for definition in shown})
        return
    for definition in shown:
        if len(shown) > 1:
            click.echo(f"# --- {definition.name}")
        click.echo(definition.text, nl=False)
