"""``oss-restore render``: the flows of an environment, as they would be deployed."""

from __future__ import annotations

from typing import Annotated

import typer

from oss_restore.cli.commands.options import DEFAULT_FOLDER, AsJson, Folder
from oss_restore.errors import ExitStatus, OperatorError

EXAMPLES = ("oss-restore render dev restoreFlow",)


def render(
    environment: Annotated[str, typer.Argument(help="Environment whose flows to print.")],
    flow: Annotated[str | None, typer.Argument(help="Only this one, such as restoreFlow.")] = None,
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
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
        raise OperatorError(f"no flow {flow!r}; there are {kinds}", status=ExitStatus.USAGE)
    if as_json:
        print_json({definition.name: definition.text for definition in shown})
        return
    for definition in shown:
        if len(shown) > 1:
            typer.echo(f"# --- {definition.name}")
        typer.echo(definition.text, nl=False)
