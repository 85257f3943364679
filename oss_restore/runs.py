"""A run as an operator sees it: started, followed, summed up."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from oss_restore.errors import OperatorError
from oss_restore.messages.runs import (
    ALL_ASKED_FOR,
    NO_RUN_YET,
    OBJECTS_FAILED,
    OBJECTS_UNACCOUNTED,
    PAGES_SO_FAR,
    RUN_FAILED,
    RUN_STOPPED,
    RUN_TIMED_OUT,
)
from oss_restore.workflow import Execution, Workflow

_LIST_STEP: Final = "listArchiveFiles"
_RELAY_STEP: Final = "relay"
_AWAIT_STEP: Final = "awaitReadable"
_POLL_SECONDS: Final = 5
_LEGS: Final = frozenset({"relay", "shard"})  # what the input of a run's further executions holds


def run_name() -> str:
    """A name for a run that sorts by time."""
    return f"run-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def last_run(workflow: Workflow, flow: str) -> Execution | None:
    """The run that was started last, if there is any; the legs of a long run are none."""
    for page in workflow.executions(flow):
        runs = [one for one in page if _LEGS.isdisjoint(json.loads(one.input or "{}"))]
        if runs:
            return max(runs, key=lambda run: run.started_at)
    return None


def find_run(workflow: Workflow, flow: str, name: str | None) -> Execution:
    """A run by its name, or the one that was started last.

    Raises:
        OperatorError: there is none.
    """
    execution = workflow.describe(flow, name) if name else last_run(workflow, flow)
    if execution is None:
        raise OperatorError(NO_RUN_YET(flow=flow))
    return execution


@dataclass
class Progress:
    """What a run has done so far, read off the histories of its root and of its latest leg.

    Attributes:
        pages: pages listed.
        found: archived objects on them that need a request.
        waiting: everything has been asked for, and the run waits for it.
    """

    pages: int = 0
    found: int = 0
    waiting: bool = False
    _leg: str = ""
    _seen: Counter[str] = field(default_factory=Counter)  # last event read, by execution

    def __str__(self) -> str:
        said = PAGES_SO_FAR(pages=self.pages, found=self.found)
        return f"{said}, {ALL_ASKED_FOR()}" if self.waiting else said

    def read(self, workflow: Workflow, flow: str, name: str) -> None:
        """Reads on from where the last call stopped.

        Args:
            workflow: where the run goes on.
            flow: the main flow's name.
            name: the root execution's.
        """
        # A leg that has handed over to the next one lists no more pages itself.
        for execution in dict.fromkeys((name, self._leg or name)):
            self._read(workflow, flow, execution)

    def _read(self, workflow: Workflow, flow: str, execution: str) -> None:
        for event in workflow.events(flow, execution, after=self._seen[execution]):
            self._seen[execution] = event.id
            if event.type == "TaskSubmitted" and event.step == _RELAY_STEP:
                self._leg = str(event.detail.get("output", {}).get("Name", ""))
            elif event.type == "StepEntered" and event.step == _AWAIT_STEP:
                self.waiting = True
            elif event.type == "StepSucceeded" and event.step == _LIST_STEP:
                self.pages += 1
                self.found += int(event.detail.get("output", {}).get("archiveFilesCount", 0))


@dataclass(frozen=True)
class Result:
    """How a run stands, or how it ended.

    Attributes:
        execution: the root execution.
        summary: what ``summarizeRun`` returned; empty if the run did not get there.
        error, cause: of a run that failed.
    """

    execution: Execution
    summary: dict[str, Any]
    error: str = ""
    cause: str = ""

    @property
    def outcomes(self) -> Counter[str]:
        """Objects by outcome."""
        return Counter(self.summary.get("outcomes", {}))

    @property
    def planned(self) -> Counter[str]:
        """Objects that a dry run would have asked for, by storage class."""
        return Counter(self.summary.get("planned", {}) if self.summary.get("dryRun") else {})

    @property
    def unaccounted(self) -> int:
        """Objects that were listed and have no outcome."""
        return int(self.summary.get("unaccounted", 0))

    @property
    def problems(self) -> list[str]:
        """What is wrong with the run, a sentence each; empty while nothing is."""
        found = []
        status, report = self.execution.status, self.summary.get("report", "")
        if self.execution.ended and status != "Succeeded":
            told = ": ".join(text for text in (self.error, self.cause) if text)
            found.append(_ENDED[status]() + (f": {told}" if told else ""))
        if failed := int(self.summary.get("failed", 0)):
            found.append(OBJECTS_FAILED(count=failed, report=report))
        if self.unaccounted:
            found.append(OBJECTS_UNACCOUNTED(count=self.unaccounted))
        return found


_ENDED: Final = {"Failed": RUN_FAILED, "Stopped": RUN_STOPPED, "TimedOut": RUN_TIMED_OUT}


def follow(
    workflow: Workflow,
    flow: str,
    name: str,
    *,
    on_progress: Callable[[Progress], None],
    poll_seconds: int = _POLL_SECONDS,
) -> Result:
    """Waits for the end of a run and reports progress on the way.

    Args:
        workflow: where it runs.
        flow: the main flow's name.
        name: the run's.
        on_progress: told at every poll.
        poll_seconds: between two polls, 1 to 20; the end is noticed at once.
    """
    progress = Progress()
    while True:
        execution = workflow.describe(flow, name, wait_seconds=poll_seconds)
        progress.read(workflow, flow, name)
        on_progress(progress)
        if execution.ended:
            return result_of(workflow, execution)


def result_of(workflow: Workflow, execution: Execution) -> Result:
    """What there is to say of an execution, ended or not."""
    if execution.status == "Succeeded":
        return Result(execution, json.loads(execution.output or "{}"))
    if execution.ended:
        error, cause = workflow.failure(execution.flow, execution.name)
        return Result(execution, {}, error, cause)
    return Result(execution, {})
