"""Finding a run, and its result."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from oss_restore.clients.workflow import FlowExecution, WorkflowClient
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.language import gettext as _
from oss_restore.runs.executions import read_object
from thaw.ledger_layout import SMOKE_RUN
from thaw.standings import Standings
from thaw.verdict import Ending, Verdict

_POLL_SECONDS: Final = 20
_LEGS: Final = frozenset({"relay", "shard"})  # what the input of a run's further executions holds


def run_name() -> str:
    """Make a name for a run that sorts by time."""
    return f"run-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def is_real(execution: FlowExecution) -> bool:
    """Return whether a run thaws objects: not a leg, a dry run or a smoke test."""
    given = read_object(execution.input)
    return (
        _LEGS.isdisjoint(given)
        and not given.get("dryRun")
        and not execution.name.startswith(SMOKE_RUN)
    )


def last_run(workflow: WorkflowClient, flow: str) -> FlowExecution | None:
    """Return the last real run, if there is one."""
    for page in workflow.executions(flow):
        runs = [*filter(is_real, page)]
        if runs:
            return max(runs, key=lambda run: run.started_at)
    return None


def find_run(workflow: WorkflowClient, flow: str, name: str | None) -> FlowExecution:
    """Find a run by its name, or else the run in progress, or else the last real one.

    Raises:
        OperatorError: there is none, or several are in progress.
    """
    if name:
        return workflow.describe(flow, name)
    live = [run for page in workflow.executions(flow, running=True) for run in page if is_real(run)]
    if len(live) > 1:
        names = ", ".join(sorted(run.name for run in live))
        raise OperatorError(
            _("several runs are in progress: {names}").format(names=names),
            hint=_("choose one with --run"),
            status=ExitStatus.USAGE,
        )
    execution = live[0] if live else last_run(workflow, flow)
    if execution is None:
        raise OperatorError(_("{flow} has not been run yet").format(flow=flow))
    return execution


@dataclass(frozen=True)
class Result:
    """The result of a run so far, or at its end.

    Attributes:
        execution: the root execution.
        summary: what ``summarizeRun`` returned; empty if the run did not get there.
        error, cause: of a run that failed.
    """

    execution: FlowExecution
    summary: dict[str, Any]
    error: str = ""
    cause: str = ""

    @property
    def outcomes(self) -> Counter[str]:
        """Objects by outcome."""
        return Counter(self.summary.get("outcomes", {}))

    @property
    def planned(self) -> Counter[str]:
        """Objects that a dry run would have requested, by storage class."""
        return Counter(self.summary.get("planned", {}) if self.summary.get("dryRun") else {})

    @property
    def verdict(self) -> Verdict:
        """On the run, as its execution tells it; of one that died without its objects.

        :func:`oss_restore.runs.verdict_reading.read_verdict` looks at those, too.
        """
        told = self.summary.get("verdict")
        if told:
            return Verdict.from_json(told)
        ending = _ENDINGS[self.execution.status]
        return Verdict(
            Standings(), ending=ending, error=self.error, cause=self.cause, origin="unknown"
        )


_ENDINGS: Final[Mapping[str, Ending]] = {
    "Running": "running",
    "Succeeded": "succeeded",
    "Failed": "failed",
    "Stopped": "stopped",
    "TimedOut": "timedOut",
}


def wait_for_end(workflow: WorkflowClient, flow: str, name: str) -> Result:
    """Wait for the end of a run.

    Args:
        workflow: where it runs.
        flow: the main flow's name.
        name: the run's.
    """
    while True:
        execution = workflow.describe(flow, name, wait_seconds=_POLL_SECONDS)
        if execution.ended:
            return result_of(workflow, execution)


def result_of(workflow: WorkflowClient, execution: FlowExecution) -> Result:
    """Read the result of an execution, ended or not."""
    if execution.status == "Succeeded":
        return Result(execution, json.loads(execution.output or "{}"))
    if execution.ended:
        error, cause = workflow.failure(execution.flow, execution.name)
        return Result(execution, {}, error, cause)
    return Result(execution, {})
