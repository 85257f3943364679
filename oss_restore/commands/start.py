"""``oss-restore start``: starts a run, and may wait for its end."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from oss_restore import run_options as opt
from oss_restore.commands.options import (
    DEFAULT_FOLDER,
    AsJson,
    Endpoints,
    Environment,
    FlowName,
    Folder,
    Region,
)
from oss_restore.commands.status import print_result
from oss_restore.console import err, print_json, step
from oss_restore.deployment import find, target_of
from oss_restore.errors import ExitStatus
from oss_restore.runs import Progress, follow, run_name
from oss_restore.workflow import Workflow


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
    input_: opt.InputFile = None,
    bucket: opt.Bucket = None,
    endpoint: opt.Endpoint = None,
    prefix: opt.Prefix = None,
    marker: opt.Marker = None,
    max_keys: opt.MaxKeys = None,
    poll_interval: opt.PollInterval = None,
    workers: opt.Workers = None,
    group_size: opt.GroupSize = None,
    wait_for: opt.WaitFor = None,
    storage_class: opt.StorageClass = None,
    days: opt.Days = None,
    tier: opt.Tier = None,
    until: opt.Until = None,
    include: opt.Include = None,
    exclude: opt.Exclude = None,
    dry_run: opt.DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Start a run on a deployment. Exits 1 if it fails, or if an object of it does."""
    deployment = find(environment, folder, flow=flow, region=region)
    target = target_of(deployment, endpoints)
    given = {
        "bucketName": bucket,
        "endpoint": endpoint,
        "prefix": prefix,
        "marker": marker,
        "maxKeys": max_keys,
        "pollInterval": poll_interval,
        "workers": workers,
        "groupSize": group_size,
        "waitFor": wait_for,
        "storageClasses": storage_class or None,
        "days": days,
        "tier": tier,
        "until": until,
        "include": include or None,
        "exclude": exclude or None,
        "dryRun": dry_run or None,
    }
    run_input = opt.base_input(input_) | {k: v for k, v in given.items() if v is not None}
    if "endpoint" not in run_input:
        run_input["endpoint"] = target.oss_for_functions
    workflow = Workflow(target)
    name = name or run_name()
    execution = workflow.start(
        deployment.main_flow, name, json.dumps(run_input, ensure_ascii=False)
    )
    if not wait:
        if as_json:
            print_json({"flow": execution.flow, "run": execution.name, "status": execution.status})
        else:
            typer.echo(execution.name)
        return
    with step(f"run {name}") as shown:

        def show(progress: Progress) -> None:
            shown.say(f"{progress.pages:,} pages listed, {progress.found:,} objects to thaw")

        result = follow(workflow, deployment.main_flow, name, on_progress=show)
    print_result(result, as_json=as_json)
    if result.execution.status != "Succeeded" or result.failed_objects:
        if result.failed_objects:
            err.print(f"{result.failed_objects:,} objects failed: see the report", markup=False)
        raise typer.Exit(ExitStatus.FAILED)
