"""``oss-restore queries``: questions to the functions' log, ready to be pasted."""

from __future__ import annotations

from typing import Annotated

import typer

from oss_restore.cli.commands.environments import load
from oss_restore.cli.commands.options import DEFAULT_FOLDER, AsJson, Folder
from oss_restore.errors import ExitStatus, OperatorError

EXAMPLES = ("oss-restore queries dev", "oss-restore queries dev failures --run RUN")


def queries(
    environment: Annotated[
        str, typer.Argument(help="Environment: a file of environments/, without .yaml.")
    ],
    name: Annotated[str | None, typer.Argument(help="Of one query; all of them if absent.")] = None,
    folder: Folder = DEFAULT_FOLDER,
    run: Annotated[
        str | None, typer.Option("--run", help="The run that they are about; default: all runs.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print queries to a deployment's log in Log Service: progress, failures, throttling, cost."""
    from infra.blueprint.queries import InvalidRunIdError
    from infra.blueprint.queries import queries as queries_of
    from infra.model.field_types import suggestion
    from infra.model.names import LOGSTORE, Names
    from oss_restore.cli.console import print_json

    found, *others = load([environment], folder)
    if others:
        raise OperatorError(f"{environment!r} names several", status=ExitStatus.USAGE)
    known = {query.name: query for query in queries_of(found)}
    if name is not None and name not in known:
        hint = f"there are {', '.join(known)}"
        message = f"there is no query {name!r}{suggestion(name, known)}"
        raise OperatorError(message, hint=hint, status=ExitStatus.USAGE)
    chosen = [known[name]] if name else list(known.values())
    try:
        texts = [(query, query.text(run)) for query in chosen]
    except InvalidRunIdError as error:
        raise OperatorError(str(error), status=ExitStatus.USAGE) from error
    project = Names(found).log_project
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
        typer.echo(texts[0][1])
        return
    typer.echo(f"For the logstore {LOGSTORE} of the log project {project}:")
    for query, text in texts:
        typer.echo(f"\n{query.name}: {query.title}\n{text}")
