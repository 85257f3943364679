"""``oss-restore start``: starts a run, and may wait for its end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from oss_restore.commands.options import (
    DEFAULT_FOLDER,
    AsJson,
    Endpoints,
    Environment,
    FlowName,
    Folder,
    Region,
)
from oss_restore.commands.status import end_with, print_result
from oss_restore.console import err, print_json
from oss_restore.control import ControlClient
from oss_restore.deployment import find, target_of
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.run_display import Watch, run_display
from oss_restore.run_options import Given, InputFile, read_input, with_run_options
from oss_restore.runs import follow, run_name
from oss_restore.target import read_endpoints
from oss_restore.workflow import Workflow


@with_run_options
def start(
    environment: Environment = None,
    folder: Folder = DEFAULT_FOLDER,
    flow: FlowName = None,
    region: Region = None,
    endpoints: Endpoints = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the run: the same name never starts two.")
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Show progress and wait for the end.")
    ] = False,
    input_: InputFile = None,
    as_json: AsJson = False,
    *,
    given: Given,
) -> None:
    """Start a run on a deployment. With --wait, exits 1 if it fails, or if an object of it does."""
    deployment = find(environment, folder, flow=flow, region=region)
    target = target_of(deployment, endpoints)
    run_input = {"endpoint": target.oss_for_functions, **read_input(input_), **given}
    if not run_input.get("bucketName"):
        raise OperatorError(
            "which bucket? Name it with --bucket, or as bucketName in --input",
            status=ExitStatus.USAGE,
        )
    workflow = Workflow(target)
    name = name or run_name()
    text = json.dumps(run_input, ensure_ascii=False)
    execution = workflow.start(deployment.main_flow, name, text)
    if not wait:
        if as_json:
            print_json({"flow": execution.flow, "run": execution.name, "status": execution.status})
        else:
            typer.echo(execution.name)
        return
    with run_display(f"run {name}", err, _watch(endpoints, str(run_input["bucketName"]))) as show:
        result = follow(workflow, deployment.main_flow, name, on_progress=show)
    print_result(result, as_json=as_json)
    end_with(result)


def _watch(endpoints: Path | None, bucket: str) -> Watch | None:
    """How a local cloud is looked at; a real one tells by its run's history only."""
    if endpoints is None:
        return None
    return ControlClient(read_endpoints(endpoints).control).watch(bucket)
