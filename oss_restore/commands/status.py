"""``oss-restore status``: how a run stands, or how it ended."""

from __future__ import annotations

from collections.abc import Iterator
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
from oss_restore.console import err, out, print_json
from oss_restore.deployment import find, target_of
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.runs import Progress, Result, last_run, result_of
from oss_restore.workflow import Workflow


def status(
    environment: Environment = None,
    folder: Folder = DEFAULT_FOLDER,
    flow: FlowName = None,
    region: Region = None,
    endpoints: Endpoints = None,
    run: Annotated[
        str | None, typer.Option("--run", help="Its name; default: the last run.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show how a run stands. Exits 1 if it has failed, or if an object of it has."""
    deployment = find(environment, folder, flow=flow, region=region)
    workflow = Workflow(target_of(deployment, endpoints))
    execution = (
        workflow.describe(deployment.main_flow, run)
        if run
        else last_run(workflow, deployment.main_flow)
    )
    if execution is None:
        raise OperatorError(f"{deployment.main_flow} has had no run yet")
    result = result_of(workflow, execution)
    progress = Progress()
    if not execution.ended:
        progress.read(workflow, deployment.main_flow, execution.name)
    print_result(result, as_json=as_json, progress=progress)
    end_with(result)


def end_with(result: Result) -> None:
    """Ends the command: says what is wrong with the run, if anything, and exits 1 then."""
    for problem in result.problems:
        err.print(problem, markup=False, soft_wrap=True)
    if result.problems:
        raise typer.Exit(ExitStatus.FAILED)


def print_result(result: Result, *, as_json: bool, progress: Progress | None = None) -> None:
    """Prints a run for a person, or as one JSON object."""
    execution = result.execution
    if as_json:
        print_json(
            {
                "flow": execution.flow,
                "run": execution.name,
                "status": execution.status,
                "started": execution.started_at,
                "stopped": execution.stopped_at,
                "error": result.error,
                "cause": result.cause,
                "summary": result.summary,
            }
        )
        return
    rows = list(_rows(result, progress))
    width = max(len(what) for what, _ in rows)
    for what, value in rows:
        out.print(f"{what:{width}}  {value}", soft_wrap=True)


def _rows(result: Result, progress: Progress | None) -> Iterator[tuple[str, str]]:
    execution = result.execution
    yield "run", execution.name
    yield "status", execution.status
    yield "started", execution.started_at
    if execution.ended:
        yield "ended", execution.stopped_at
    elif progress is not None:
        yield "so far", str(progress)
    if result.error or result.cause:
        yield "error", result.error
        yield "cause", result.cause
    for storage_class, count in result.planned.items():
        yield f"would be requested, {storage_class}", f"{count:,}"
    for outcome, count in sorted(result.outcomes.items()):
        yield outcome, f"{count:,}"
    if result.unaccounted:
        yield "without an outcome", f"{result.unaccounted:,}"
    if "report" in result.summary:
        yield "report", str(result.summary["report"])
