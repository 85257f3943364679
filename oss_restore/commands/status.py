"""``oss-restore status``: how a run stands, or how it ended."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from oss_restore.commands.options import (
    DEFAULT_FOLDER,
    AsJson,
    Endpoints,
    Environment,
    FlowName,
    Folder,
    Region,
)
from oss_restore.console import out, print_json
from oss_restore.deployment import find, target_of
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.runs import Progress, Result, result_of
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
    """Show how a run stands. Exits 1 if it has failed."""
    deployment = find(environment, folder, flow=flow, region=region)
    workflow = Workflow(target_of(deployment, endpoints))
    execution = (
        workflow.describe(deployment.main_flow, run)
        if run
        else workflow.latest(deployment.main_flow)
    )
    if execution is None:
        raise OperatorError(f"{deployment.main_flow} has had no run yet")
    result = result_of(workflow, execution)
    progress = Progress()
    if not execution.ended:
        progress.read(workflow, deployment.main_flow, execution.name)
    print_result(result, as_json=as_json, progress=progress)
    if execution.status in {"Failed", "TimedOut", "Stopped"} or result.failed_objects:
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
    table = Table(show_header=False)
    table.add_column("what")
    table.add_column("value", overflow="fold")
    for what, value in _rows(result, progress):
        table.add_row(what, value)
    out.print(table)


def _rows(result: Result, progress: Progress | None) -> list[tuple[str, str]]:
    execution = result.execution
    rows = [
        ("run", execution.name),
        ("status", execution.status),
        ("started", execution.started_at),
    ]
    if execution.ended:
        rows.append(("ended", execution.stopped_at))
    elif progress is not None:
        rows.append(("pages listed", f"{progress.pages:,}"))
        rows.append(("objects to thaw so far", f"{progress.found:,}"))
    if result.error:
        rows += [("error", result.error), ("cause", result.cause)]
    rows += [(outcome, f"{count:,}") for outcome, count in sorted(result.outcomes.items()) if count]
    if "report" in result.summary:
        rows.append(("report", str(result.summary["report"])))
    return rows
