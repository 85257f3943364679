"""``oss-restore queries``: print queries for the functions' log."""

from __future__ import annotations

from pathlib import Path

import click

from oss_restore.cli.command import command
from oss_restore.cli.environments import load
from oss_restore.cli.options import (
    complete_run,
    environment_argument,
    folder_option,
    json_option,
)
from oss_restore.errors import UsageError
from oss_restore.language import gettext as _

EXAMPLES = ("oss-restore queries dev", "oss-restore queries dev failures --run RUN")


@command(EXAMPLES)
@environment_argument
@click.argument("name", required=False, help="Name of a query; default: all of them.")
@folder_option
@click.option("--run", shell_complete=complete_run, help="Only this run; default: all runs.")
@json_option
def queries(
    *, environment: str, name: str | None, folder: Path, run: str | None, as_json: bool
) -> None:
    """Print queries for a deployment's log: progress, failures, throttling, cost."""
    from infra.blueprint.queries import InvalidRunIdError
    from infra.blueprint.queries import queries as queries_of
    from infra.model.field_types import suggestion
    from infra.model.names import LOGSTORE, Names
    from oss_restore.cli.console import out, print_json

    loaded, *others = load([environment], folder)
    if others:
        raise UsageError(_("{pattern} matches several environments").format(pattern=environment))
    by_name = {query.name: query for query in queries_of(loaded)}
    if name is not None and name not in by_name:
        hint = _("choose one of {names}").format(names=", ".join(by_name))
        message = _("unknown query {name}{suggestion}").format(
            name=name, suggestion=suggestion(name, by_name)
        )
        raise UsageError(message, hint=hint)
    chosen = [by_name[name]] if name else list(by_name.values())
    try:
        texts = [(query, query.text(run)) for query in chosen]
    except InvalidRunIdError as error:
        raise UsageError(str(error)) from error
    project = Names(loaded).log_project
    if as_json:
        print_json(
            {
                "project": project,
                "logstore": LOGSTORE,
                "queries": [
                    {"name": query.name, "title": query.title, "query": text}
                    for query, text in texts
                ],
            }
        )
        return
    if name:
        out.document(texts[0][1] + "\n")
        return
    out.print_line(
        _("For the logstore {logstore} of the log project {project}:").format(
            logstore=LOGSTORE, project=project
        )
    )
    for query, text in texts:
        out.print_line()
        out.print_line(f"{query.name}: {query.title}")
        out.document(text + "\n")
