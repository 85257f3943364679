"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Environment = Annotated[
    str | None, typer.Argument(help="Environment: a file of environments/, without .yaml.")
]
Folder = Annotated[
    Path,
    typer.Option(
        "--environments",
        envvar="OSS_RESTORE_ENVIRONMENTS",
        help="Folder of the environment files.",
    ),
]
Endpoints = Annotated[
    Path | None,
    typer.Option(
        "--endpoints",
        envvar="OSS_RESTORE_ENDPOINTS",
        help="Endpoints file of a local cloud; without it, Alibaba Cloud is called.",
    ),
]
FlowName = Annotated[
    str | None, typer.Option("--flow", help="The main flow's name, in place of an environment.")
]
Region = Annotated[str | None, typer.Option(help="Region of the flow named by --flow.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, for scripts.")]

DEFAULT_FOLDER = Path("environments")
