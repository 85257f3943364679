"""Repeated observation of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from operator import attrgetter

from oss_restore.clients.context import DeploymentContext, wall_clock
from oss_restore.clients.flow_executions import FlowExecution
from oss_restore.clients.workflow import WorkflowClient
from oss_restore.runs.alerts import Alerts
from oss_restore.runs.history import RunHistory
from oss_restore.runs.result import Result
from oss_restore.runs.run_lookup import find_run, result_of
from oss_restore.runs.state import RunState
from oss_restore.runs.verdict_reading import read_verdict
from thaw.errors import InvalidInput, RunError
from thaw.ledger import Ledger
from thaw.limits import MAX_FOREACH
from thaw.run_input import Run, RunInput
from thaw.run_input_parser import parse_run_input, start_run
from thaw.standings import Standings
from thaw.totals import Totals
from thaw.verdict import Verdict, cost_of_run

Clock = Callable[[], datetime]
LookAtObjects = Callable[[Run, datetime], Standings]


class Observer:
    """Observes a run.

    Args:
        workflow: client of the service where it runs.
        flow: the main flow's name.
        name: the run's name.
        ledger: the run's ledger; None if it cannot be reached.
        clock: the cloud's clock.
        expected: number of objects to request, if they were counted.
        verdict: reads the verdict on the run.
        objects: looks at the objects of a run in progress; None to omit them.
    """

    def __init__(
        self,
        workflow: WorkflowClient,
        flow: str,
        name: str,
        *,
        ledger: Ledger | None = None,
        clock: Clock = wall_clock,
        expected: int | None = None,
        verdict: Callable[[Result], Verdict] = attrgetter("verdict"),
        objects: LookAtObjects | None = None,
    ) -> None:
        self._workflow = workflow
        self._flow = flow
        self._name = name
        self._alerts = Alerts(ledger)
        self._clock = clock
        self._expected = expected
        self._verdict = verdict
        self._objects = objects
        self._history: RunHistory | None = None

    def look(self, *, wait_seconds: int = 0, back: bool = False) -> RunState:
        """Return the state of the run.

        Args:
            wait_seconds: how long to wait for its end, 0 to 20.
            back: whether to read the history of a run that has succeeded, instead of only its
                summary and the causes of failures.

        Raises:
            OperatorError: as the calls of ``workflow``.
        """
        execution = self._workflow.describe(self._flow, self._name, wait_seconds=wait_seconds)
        result = result_of(self._workflow, execution)
        verdict = self._verdict(result)
        if execution.status == "Succeeded" and not back:
            totals = Totals.from_json(result.summary)
            alerts = self._alerts.of(self._read(execution, back=False)) if totals.failed else []
            return RunState(
                result,
                verdict,
                now=_moment(execution.stopped_at),
                totals=totals,
                notices=alerts,
                expected=self._expected,
            )
        history = self._read(execution, back=back)
        run_input = _run_input(history)
        totals = Totals.from_json(result.summary) if result.summary else history.totals
        if run_input is not None and not execution.ended:
            verdict = self._so_far(verdict, run_input, totals, execution)
        return RunState(
            result,
            verdict,
            now=_moment(execution.stopped_at) if execution.ended else self._clock(),
            run_input=run_input,
            totals=totals,
            step=", ".join(dict.fromkeys(history.steps)) or history.root_progress.step,
            legs=history.leg_count,
            shards=history.shard_count,
            sent=history.sent,
            waiting=history.is_waiting,
            submitted=history.submitted(),
            readable=history.readable(),
            copied=history.copied(),
            notices=self._alerts.of(history),
            expected=self._expected,
        )

    def _so_far(
        self, verdict: Verdict, run: RunInput, totals: Totals, execution: FlowExecution
    ) -> Verdict:
        """Add the cost and the objects so far to the verdict on a run in progress."""
        now = self._clock()
        seconds = (now - _moment(execution.started_at)).total_seconds()
        verdict = replace(verdict, cost=cost_of_run(run, totals, seconds=seconds))
        if self._objects is None:
            return verdict
        try:
            standings = self._objects(start_run(run, self._name), now)
        except RunError as error:
            return replace(verdict, problem=str(error).rstrip("."))
        return replace(verdict, standings=standings)

    def _read(self, execution: FlowExecution, *, back: bool) -> RunHistory:
        if self._history is None:
            self._history = RunHistory(self._workflow, execution)
        self._history.read(back=back)
        return self._history


def _run_input(history: RunHistory) -> RunInput | None:
    """Parse the run's input; return None if another version wrote it in a different format."""
    recorded = history.root_progress.run
    run_input = {name: value for name, value in recorded.items() if name != "runId"}
    try:
        return parse_run_input(run_input, foreach_limit=MAX_FOREACH) if run_input else None
    except InvalidInput:
        return None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text) if text else wall_clock()


def observer_of(
    context: DeploymentContext,
    run: str | None,
    *,
    expected: int | None = None,
    with_objects: bool = False,
) -> Observer:
    """Make the observer of a run.

    Args:
        context: the deployment and its cloud.
        run: the run's name; None for the last one.
        expected: number of objects to request, if they were counted.
        with_objects: whether to look at the objects of a run in progress, too.

    Raises:
        OperatorError: there is no run yet, or none of that name.
    """
    deployment = context.deployment
    flow = deployment.main_flow
    name = run or find_run(context.workflow, flow, None).name
    ledger, objects = None, None
    if deployment.report_bucket:
        from oss_restore.clients.run_ledger import open_ledger  # noqa: PLC0415 - it needs oss2

        ledger = open_ledger(context.target, deployment, name)
        if with_objects:
            from oss_restore.runs.object_looks import looks_at_objects  # noqa: PLC0415 - it needs oss2

            objects = looks_at_objects(context.target, ledger)
    return Observer(
        context.workflow,
        flow,
        name,
        ledger=ledger,
        clock=context.now,
        expected=expected,
        verdict=partial(read_verdict, context.target, deployment),
        objects=objects,
    )
