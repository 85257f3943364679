"""A run as an operator sees it: started, followed, summed up."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from oss_restore.workflow import Execution, Workflow

_LIST_STEP = "listArchiveFiles"
_PAGE_STEP = "invokeRestoreFlow"
_POLL_SECONDS = 5


def run_name() -> str:
    """A name for a run that sorts by time."""
    return f"run-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


@dataclass
class Progress:
    """What a run's root execution has done so far, read off its history.

    Attributes:
        pages: pages listed.
        found: archived objects on them that need a request.
        pages_done: pages whose objects are through.
    """

    pages: int = 0
    found: int = 0
    pages_done: int = 0
    _last_event: int = 0

    def read(self, workflow: Workflow, flow: str, name: str) -> None:
        """Reads on from where the last call stopped."""
        for event in workflow.events(flow, name, after=self._last_event):
            self._last_event = event.id
            if event.type != "StepSucceeded":
                continue
            if event.step == _LIST_STEP:
                self.pages += 1
                self.found += int(event.detail.get("output", {}).get("archiveFilesCount", 0))
            elif event.step == _PAGE_STEP:
                self.pages_done += 1


@dataclass(frozen=True)
class Result:
    """How a run ended.

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
    def failed_objects(self) -> int:
        """Objects that the run gave up on, or was refused."""
        return sum(self.outcomes[outcome] for outcome in ("failed", "rejected", "denied"))


def follow(
    workflow: Workflow, flow: str, name: str, *, on_progress: Callable[[Progress], None]
) -> Result:
    """Waits for the end of a run and reports progress on the way."""
    progress = Progress()
    while True:
        execution = workflow.describe(flow, name, wait_seconds=_POLL_SECONDS)
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
