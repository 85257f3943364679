"""Runs as sources of feeds."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeAlias

from oss_restore.clients.context import DeploymentContext
from oss_restore.console.documents import presentable
from oss_restore.console.feeds import Document, Reading
from oss_restore.language import gettext as _
from oss_restore.reporting.facts import RunReport
from oss_restore.reporting.formatting import NOTHING, number, when
from oss_restore.runs.run_list import ListedRun, runs_before
from oss_restore.runs.state import Alert, RunState
from thaw.standings import Standing, moment_text
from thaw.verdict import ExitCode

ReportOnRun: TypeAlias = Callable[[RunState], RunReport]
DescribeRun: TypeAlias = Callable[[RunReport, Sequence[Alert]], Document]

_ALERTS_SHOWN: Final = 200
_RUNS_SHOWN: Final = 50
_WELL: Final = frozenset({ExitCode.READABLE, ExitCode.NOT_YET})


class LookAtRun(Protocol):
    """Reads the state of a run; with ``back``, also its history."""

    def __call__(self, *, back: bool = False) -> RunState: ...


class RunSource:
    """A run until its end.

    Args:
        look: reads the state of the run.
        report: makes a report of its state.
        describe: makes its document from a report and all alerts.
        pause_seconds: seconds between two reads.
    """

    def __init__(
        self,
        look: LookAtRun,
        report: ReportOnRun,
        describe: DescribeRun,
        pause_seconds: float,
    ) -> None:
        self._look = look
        self._report = report
        self._describe = describe
        self._alerts: deque[Alert] = deque(maxlen=_ALERTS_SHOWN)
        self.pause_seconds = pause_seconds

    def read(self) -> Reading:
        """Read the run; at its end, also its history and every failure."""
        state = self._look()
        self._alerts.extend(state.notices)
        if state.ended:
            state = self._look(back=True)
            self._alerts.extend(state.notices)
        report, alerts = self._report(state), list(self._alerts)
        return Reading(lambda: presentable(self._describe(report, alerts)), final=state.ended)


class RunListSource:
    """The last runs of a deployment.

    Args:
        context: the deployment.
        pause_seconds: seconds between two reads.
    """

    def __init__(self, context: DeploymentContext, pause_seconds: float) -> None:
        self._context = context
        self._ended: dict[str, ListedRun] = {}
        self.pause_seconds = pause_seconds

    def read(self) -> Reading:
        """List the runs; those that have ended are only read once."""
        flow = self._context.deployment.main_flow
        runs, more = runs_before(self._context.workflow, flow, None, _RUNS_SHOWN, ended=self._ended)
        self._ended = {run.execution.name: run for run in runs if run.execution.ended}
        return Reading(lambda: _runs_document(runs, more=more))


def earlier_runs(context: DeploymentContext, before: str) -> Document:
    """Describe the runs that were started before a moment, newest first.

    Raises:
        OperatorError: as the calls of the workflow.
    """
    flow = context.deployment.main_flow
    runs, more = runs_before(context.workflow, flow, before, _RUNS_SHOWN)
    return _runs_document(runs, more=more)


def _runs_document(runs: Sequence[ListedRun], *, more: bool) -> Document:
    document: Document = presentable(
        {
            "columns": [
                _("Run"),
                _("Status"),
                _("Started"),
                _("Ended"),
                _("Bucket"),
                _("Requested"),
                _("Refused or failed"),
                _("Readable"),
                _("Readable until"),
            ],
            "runs": [_listed(run) for run in runs],
            "before": runs[-1].execution.started_at if more else "",
        }
    )
    return document


def _listed(run: ListedRun) -> Document:
    execution, counts, verdict = run.execution, run.counts, run.verdict
    kinds = {"dry": _("dry run"), "smoke": _("smoke test")}
    readable = NOTHING
    if verdict.origin != "unknown" and run.kind == "real":
        readable = number(verdict.of(Standing.READABLE))
    return {
        "run": execution.name,
        "kind": kinds.get(run.kind, ""),
        "status": execution.status,
        "bad": _is_bad(run),
        "cells": [
            when(execution.started_at),
            when(execution.stopped_at),
            run.bucket or NOTHING,
            NOTHING if counts is None else number(counts.submitted),
            NOTHING if counts is None else number(counts.unsuccessful),
            readable,
            when(moment_text(verdict.readable_until)),
        ],
    }


def _is_bad(run: ListedRun) -> bool:
    return run.execution.ended and run.verdict.exit_code not in _WELL
