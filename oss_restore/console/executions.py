"""Executions of any flow, for feeds and pages."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator
from datetime import timedelta
from threading import Lock
from typing import Final, Literal, TypeAlias

from fdl.graph.model import graph_of, visible
from fdl.graph.svg import svg
from fdl.parse import examine
from oss_restore.clients.flow_executions import FlowExecution, HistoryEvent
from oss_restore.clients.workflow import RunNotFoundError, WorkflowClient
from oss_restore.console.documents import Figure, Lines, figure, presentable
from oss_restore.console.feeds import Document, Reading
from oss_restore.console.step_visits import StepVisit, StepVisits, VisitStatus
from oss_restore.language import gettext as _
from oss_restore.reporting.formatting import NOTHING, number, span, when

StatusFilter: TypeAlias = Literal["all", "running", "failed"]

_KEPT: Final = 20  # executions whose visits are remembered
_VISITS_SHOWN: Final = 50
_EXECUTIONS_SHOWN: Final = 50


class ExecutionSource:
    """An execution until its end, whose events are each read once.

    Args:
        workflow: client of the service where it runs.
        flow: name of its flow.
        name: name of the execution.
        pause_seconds: seconds between two reads.
    """

    def __init__(
        self, workflow: WorkflowClient, flow: str, name: str, pause_seconds: float
    ) -> None:
        self._workflow = workflow
        self._flow = flow
        self._name = name
        self._reading = Lock()
        self.visits = StepVisits()
        self.pause_seconds = pause_seconds

    def read(self) -> Reading:
        """Read the execution and its new events."""
        with self._reading:
            execution = self._workflow.describe(self._flow, self._name)
            for event in self.events(self.visits.last_event):
                self.visits.add(event)
        return Reading(
            lambda: presentable(_execution_document(execution, self.visits)), final=execution.ended
        )

    def events(self, after: int) -> Iterator[HistoryEvent]:
        """Return the execution's events after the one with this id."""
        return self._workflow.events(self._flow, self._name, after=after)


class Executions:
    """Executions that pages show, and their steps.

    Args:
        workflow: client of the service where they run.
        pause_seconds: seconds between two reads of an execution.
    """

    def __init__(self, workflow: WorkflowClient, pause_seconds: float) -> None:
        self._workflow = workflow
        self._pause = pause_seconds
        self._sources: OrderedDict[tuple[str, str], ExecutionSource] = OrderedDict()
        self._lock = Lock()

    def source(self, flow: str, name: str) -> ExecutionSource:
        """Return the source of an execution's feed."""
        with self._lock:
            source = self._sources.pop((flow, name), None)
            if source is None:
                source = ExecutionSource(self._workflow, flow, name, self._pause)
            self._sources[flow, name] = source
            if len(self._sources) > _KEPT:
                self._sources.popitem(last=False)
        return source

    def picture(self, flow: str) -> str:
        """Return the picture of a flow as it is deployed now; empty if it cannot be parsed.

        Raises:
            OperatorError: as the calls of the workflow.
        """
        parsed = examine(self._workflow.definition(flow))
        return "" if parsed.flow is None else svg(graph_of(parsed.flow), flow, style=False)

    def step(self, flow: str, name: str, status: StatusFilter, before: int, step: str) -> Document:
        """Return the visits to a step, newest first.

        Args:
            flow: name of the execution's flow.
            name: name of the execution.
            status: status of the visits.
            before: only return visits entered before this event; 0 for all.
            step: name of the step, as it is shown.

        Raises:
            OperatorError: as the calls of the workflow.
        """
        visits = self._read(flow, name).visits.by_step
        shown = {visible(name): name for name in visits}
        matching = [
            visit
            for visit in reversed(visits.get(shown.get(step, step), []))
            if status in {"all", visit.status} and (not before or visit.id < before)
        ]
        document: Document = presentable(
            {
                "visits": [_visit_document(visit) for visit in matching[:_VISITS_SHOWN]],
                "before": matching[_VISITS_SHOWN - 1].id if len(matching) > _VISITS_SHOWN else 0,
            }
        )
        return document

    def visit(self, flow: str, name: str, number: int) -> Document:
        """Return the input, output and failed attempts of a visit.

        Raises:
            OperatorError: there is no such visit, or as the calls of the workflow.
        """
        source = self._read(flow, name)
        visit = source.visits.visit(number)
        if visit is None:
            raise RunNotFoundError(_("There is no such page."))
        events = []
        for event in source.events(visit.id - 1):
            if event.id > visit.last:
                break
            if event.step == visit.step:
                events.append(event)
        document: Document = presentable(_contents_document(visit, events))
        return document

    def executions(self, flow: str, since: str, until: str) -> Document:
        """Return executions of a flow that were started within a period, newest first.

        Raises:
            OperatorError: as the calls of the workflow.
        """
        pages = self._workflow.executions(flow, started_from=since, started_until=until or None)
        executions = next(pages, [])
        document: Document = presentable(
            {
                "executions": [
                    {
                        "flow": execution.flow,
                        "name": execution.name,
                        "status": execution.status,
                        "started": when(execution.started_at),
                        "took": _took(execution),
                    }
                    for execution in executions[:_EXECUTIONS_SHOWN]
                ],
                "until": executions[_EXECUTIONS_SHOWN].started_at
                if len(executions) > _EXECUTIONS_SHOWN
                else "",
            }
        )
        return document

    def _read(self, flow: str, name: str) -> ExecutionSource:
        source = self.source(flow, name)
        if not source.visits.last_event:
            source.read()
        return source


def _execution_document(execution: FlowExecution, visits: StepVisits) -> Document:
    ending = visits.ending
    return {
        "flow": execution.flow,
        "execution": execution.name,
        "status": execution.status,
        "ended": execution.ended,
        "started": execution.started_at,
        "stopped": execution.stopped_at,
        "figures": list(_execution_figures(execution, visits)),
        "error": str(ending.get("error", "")),
        "cause": str(ending.get("cause", "")),
        "input": _pretty(execution.input),
        "output": _pretty(execution.output),
        "steps": {visible(step): _step_document(visits, step) for step in visits.by_step},
    }


def _execution_figures(execution: FlowExecution, visits: StepVisits) -> Iterator[Figure]:
    yield figure(_("Started"), when(execution.started_at))
    if execution.ended:
        yield figure(_("Ended"), when(execution.stopped_at))
        yield figure(_("Duration"), _took(execution))
    yield figure(_("Events"), number(visits.last_event))


def _step_document(visits: StepVisits, step: str) -> Document:
    counts = visits.counts(step)
    latest = visits.by_step[step][-1]
    total = counts.total()
    open_ = counts["running"]
    state: VisitStatus = "running" if open_ else latest.status
    if not open_ and counts["failed"] and total > 1:
        state = "failed"
    done = f"{number(total - open_)}/{number(total)}"
    retries = sum(max(0, visit.attempts - 1) for visit in visits.by_step[step])
    return {
        "state": state,
        "count": "" if total == 1 else done if open_ else f"×{number(total)}",  # noqa: RUF001 - times
        "figures": [
            figure(label, number(count))
            for label, count in (
                (_("running"), open_),
                (_("succeeded"), counts["succeeded"]),
                (_("failed"), counts["failed"]),
                (_("stopped"), counts["stopped"]),
                (_("retries"), retries),
            )
            if count
        ],
        "error": latest.error,
        "cause": latest.cause,
        "first": visits.by_step[step][0].entered.isoformat(timespec="milliseconds"),
    }


def _visit_document(visit: StepVisit) -> Document:
    took = None if visit.left is None else visit.left - visit.entered
    return {
        "id": visit.id,
        "status": visit.status,
        "entered": when(visit.entered),
        "took": span(took),
        "retries": number(visit.attempts - 1) if visit.attempts > 1 else "",
        "error": visit.error,
        "cause": visit.cause,
        "child": list(visit.child),
    }


def _contents_document(visit: StepVisit, events: list[HistoryEvent]) -> Document:
    """Describe a visit with input and output: documented for steps, assumed for tasks.

    See docs 123157.
    """
    details = {event.type: event.detail for event in events}
    given = details.get("StepStarted", {}).get("input")
    output = details.get("StepSucceeded", {}).get("output")
    result = details.get("TaskSucceeded", {}).get("output")
    failed = [
        event for event in events if event.type.startswith("Task") and "error" in event.detail
    ]
    return {
        **_visit_document(visit),
        "texts": [
            figure(label, _json_text(value))
            for label, value in (
                (_("Input"), given),
                (_("Result"), result),
                (_("Output"), output),
            )
            if value is not None
        ],
        "failures": [
            figure(when(event.moment), f"{event.detail['error']}: {event.detail.get('cause', '')}")
            for event in failed
        ],
    }


def _json_text(value: object) -> Lines:
    return Lines(json.dumps(value, indent=2, ensure_ascii=False))


def _pretty(text: str) -> str:
    try:
        return _json_text(json.loads(text)) if text else ""
    except ValueError:
        return text


def _took(execution: FlowExecution) -> str:
    if not execution.stopped_at:
        return NOTHING
    return span(timedelta(seconds=max(execution.seconds, 0)))
