"""``oss-restore start``: starts a run, and may wait for its end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from oss_restore.commands.options import AsJson, with_door
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.run_options import Given, InputFile, read_input, with_run_options

if TYPE_CHECKING:
    from oss_restore.door import Door

EXAMPLES = (
    "oss-restore start dev --bucket my-archive --wait",
    "oss-restore start dev --input @run.json",
)


@with_door
@with_run_options
def start(
    name: Annotated[
        str | None, typer.Option(help="Name of the run: the same name never starts two.")
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Show progress and wait for the end.")
    ] = False,
    input_: InputFile = None,
    as_json: AsJson = False,
    *,
    door: Door,
    given: Given,
) -> None:
    """Start a run on a deployment. With --wait, exits as the run has ended."""
    from oss_restore.console import print_json
    from oss_restore.runs import run_name
    from oss_restore.watching.door import follow_to_its_end

    flow = door.deployment.main_flow
    run_input = {"endpoint": door.target.oss_for_functions, **read_input(input_), **given}
    if not run_input.get("bucketName"):
        raise OperatorError(
            "which bucket? Name it with --bucket, or as bucketName in --input",
            status=ExitStatus.USAGE,
        )
    name = name or run_name()
    execution = door.workflow.start(flow, name, json.dumps(run_input, ensure_ascii=False))
    if not wait:
        if as_json:
            print_json({"flow": execution.flow, "run": execution.name, "status": execution.status})
        else:
            typer.echo(execution.name)
        return
    follow_to_its_end(door, name, bucket=str(run_input["bucketName"]), as_json=as_json)
