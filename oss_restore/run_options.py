"""A run's input from command line options: only what was given is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from oss_restore.errors import ExitStatus, OperatorError

RunInput = dict[str, Any]  # checked by prepareRun, the one place that knows every rule

Bucket = Annotated[str | None, typer.Option("--bucket", help="Bucket whose objects to thaw.")]
Endpoint = Annotated[
    str | None,
    typer.Option(
        "--endpoint", help="OSS endpoint for the functions; default: the region's, internal."
    ),
]
Prefix = Annotated[str | None, typer.Option(help="Only keys that start so.")]
Marker = Annotated[str | None, typer.Option(help="List from behind this key.")]
MaxKeys = Annotated[int | None, typer.Option(help="Archived objects per page, 1 to 1000.")]
PollInterval = Annotated[int | None, typer.Option(help="Seconds between two status checks.")]
Workers = Annotated[int | None, typer.Option(help="Threads inside one restore task.")]
GroupSize = Annotated[int | None, typer.Option(help="Objects per restore task.")]
WaitFor = Annotated[str | None, typer.Option(help="run, page or none.")]
StorageClass = Annotated[
    list[str] | None, typer.Option("--storage-class", help="Which classes; repeatable.")
]
Days = Annotated[int | None, typer.Option(help="How many days the objects stay readable.")]
Tier = Annotated[str | None, typer.Option(help="Expedited, Standard or Bulk.")]
Until = Annotated[str | None, typer.Option(help="Stop behind this key.")]
Include = Annotated[list[str] | None, typer.Option(help="Only keys like this glob; repeatable.")]
Exclude = Annotated[list[str] | None, typer.Option(help="No keys like this glob; repeatable.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="List and classify, send nothing.")]
InputFile = Annotated[
    str | None,
    typer.Option("--input", help="The whole input: JSON text or @FILE; options override it."),
]


def base_input(argument: str | None) -> RunInput:
    """Reads ``--input``.

    Raises:
        OperatorError: it is no JSON object.
    """
    if argument is None:
        return {}
    try:
        text = (
            Path(argument[1:]).read_text(encoding="utf-8") if argument.startswith("@") else argument
        )
        document = json.loads(text)
    except (OSError, ValueError) as error:
        raise OperatorError(f"--input: {error}", status=ExitStatus.USAGE) from error
    if not isinstance(document, dict):
        raise OperatorError("--input is no JSON object", status=ExitStatus.USAGE)
    return document
