"""A display of the tasks of a run's main flow, which highlights those that the run has reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rich.table import Table

from fdl.graph.model import graph_of
from fdl.parse import examine
from oss_restore.clients.workflow import WorkflowClient
from oss_restore.console.step_visits import StepVisits, VisitStatus
from oss_restore.language import gettext as _

_MARKS: Final[Mapping[VisitStatus, tuple[str, str]]] = {
    "running": ("●", "yellow"),
    "failed": ("✘", "red"),
    "stopped": ("■", "red"),
    "succeeded": ("✔", "green"),
}
_NOT_YET: Final = ("·", "dim")


class FlowDisplay:
    """A display of the tasks of one execution.

    Args:
        workflow: client of the service where it runs.
        flow: name of its flow.
        run: name of the execution.
    """

    def __init__(self, workflow: WorkflowClient, flow: str, run: str) -> None:
        self._workflow = workflow
        self._flow, self._run = flow, run
        parsed = examine(workflow.definition(flow)).flow
        steps = graph_of(parsed).walk() if parsed is not None else ()
        self._tasks = [step.name for step in steps if step.kind == "task"]
        self._visits = StepVisits()
        self._known: set[str] = set()

    def read(self) -> list[str]:
        """Read new events, and return the tasks that the run has reached for the first time."""
        for event in self._workflow.events(self._flow, self._run, after=self._visits.last_event):
            self._visits.add(event)
        entered = [name for name in self._tasks if self._visits.by_step.get(name)]
        new = [name for name in entered if name not in self._known]
        self._known.update(new)
        return new

    def table(self) -> Table:
        """Make a table of all tasks with their states and numbers of visits."""
        table = Table.grid(padding=(0, 1))
        for name in self._tasks:
            counts = self._visits.counts(name)
            marks = (mark for status, mark in _MARKS.items() if counts[status])
            mark, style = next(marks, _NOT_YET)
            total = counts.total()
            table.add_row(
                mark,
                name,
                _("{count:,} times").format(count=total) if total > 1 else "",
                style=style,
            )
        return table
