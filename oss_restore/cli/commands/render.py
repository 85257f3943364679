"""``oss-restore render``: print the flows of an environment as they would be deployed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import FILE, environment_argument, folder_option, json_option
from oss_restore.errors import UsageError
from oss_restore.language import gettext as _

if TYPE_CHECKING:
    from infra.blueprint.flows import FlowDefinition

EXAMPLES = ("oss-restore render dev restoreFlow", "oss-restore render dev --graph flows")


@command(EXAMPLES)
@environment_argument
@click.argument(
    "flow", required=False, help="A single flow, such as restoreFlow; default: all of them."
)
@folder_option
@click.option(
    "--graph",
    type=FILE,
    metavar="FOLDER",
    help="Write pictures of the flows to this folder, as Mermaid text and as SVG.",
)
@json_option
def render(
    *, environment: str, flow: str | None, folder: Path, graph: Path | None, as_json: bool
) -> None:
    """Print the flow definitions of an environment, or draw them."""
    from infra.blueprint.flows import InvalidFlowError, render_flows
    from oss_restore.cli.console import out, print_json
    from oss_restore.clients.deployment import load_environment

    try:
        flows = render_flows(load_environment(environment, folder))
    except InvalidFlowError as error:
        raise UsageError(*map(str, error.findings)) from error
    shown = [definition for definition in flows if flow in {None, definition.kind}]
    if not shown:
        kinds = ", ".join(definition.kind for definition in flows)
        raise UsageError(
            _("unknown flow {name}: choose one of {names}").format(name=flow, names=kinds)
        )
    if graph is not None:
        files = [file for definition in shown for file in _draw(definition, graph)]
        if as_json:
            print_json({"files": [str(file) for file in files]})
        else:
            for file in files:
                out.print_line(str(file))
        return
    if as_json:
        print_json({definition.name: definition.text for definition in shown})
        return
    for definition in shown:
        if len(shown) > 1:
            out.print_line(f"# --- {definition.name}")
        out.document(definition.text)


def _draw(definition: FlowDefinition, folder: Path) -> list[Path]:
    """Write both pictures of a flow, and return their files."""
    from fdl.graph.mermaid import mermaid
    from fdl.graph.model import graph_of
    from fdl.graph.svg import svg
    from fdl.parse import parse
    from oss_restore.reporting.output_files import file_errors, write_text

    flow = graph_of(parse(definition.text))
    pictures = {"mmd": mermaid(flow), "svg": svg(flow, definition.kind)}
    with file_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    files = {folder / f"{definition.kind}.{suffix}": text for suffix, text in pictures.items()}
    for file, text in files.items():
        write_text(file, text)
    return [*files]
