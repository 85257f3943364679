"""Starting a run under a name, and detecting another run of the same name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from oss_restore.clients.flow_executions import FlowExecution
from oss_restore.clients.workflow import RunNotFoundError, WorkflowClient
from oss_restore.errors import RefusedError
from oss_restore.language import gettext as _
from oss_restore.runs.executions import read_object


@dataclass(frozen=True)
class Submission:
    """A submitted run.

    Attributes:
        execution: its root execution.
        was_running: whether the same run had already been started and was in progress.
    """

    execution: FlowExecution
    was_running: bool


def submit(
    workflow: WorkflowClient, flow: str, name: str, run_input: Mapping[str, object]
) -> Submission:
    """Start a run, unless the same run is already in progress.

    If a run of that name is in progress, StartExecution returns it (docs 2590640).

    Args:
        workflow: client of the service where it runs.
        flow: the main flow's name.
        name: name of the run.
        run_input: the run's input, by JSON names.

    Raises:
        OperatorError: a run of that name has ended, or is running with another input.
    """
    running = _running(workflow, flow, name)
    known = running or workflow.start(flow, name, json.dumps(run_input, ensure_ascii=False))
    # Another operator may have been faster, and so the input of the running execution counts.
    given = read_object(known.input) if known.input else dict(run_input)
    different = sorted(
        field for field in {*given, *run_input} if given.get(field) != run_input.get(field)
    )
    if different:
        raise RefusedError(
            _(
                "{run} is already running with a different input: {fields} "
                "differ; nothing was started"
            ).format(run=name, fields=", ".join(different)),
            hint=_("choose another --name, or stop that run first"),
        )
    return Submission(known, was_running=running is not None)


def _running(workflow: WorkflowClient, flow: str, name: str) -> FlowExecution | None:
    try:
        execution = workflow.describe(flow, name)
    except RunNotFoundError:
        return None
    return None if execution.ended else execution
