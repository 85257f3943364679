"""The executions of a run, and their inputs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from oss_restore.clients.flow_executions import FlowExecution
from thaw.shards import shard_of_page
from thaw.totals import Totals

MAIN_FLOW: Final = "mainRestoreFlow"
LOOK_FLOW: Final = "lookFlow"
COPY_FLOW: Final = "copyFlow"


def look_flow(main_flow: str) -> str:
    """Return the name of the flow that waits until objects are readable."""
    return LOOK_FLOW.join(main_flow.rsplit(MAIN_FLOW, 1))


def copy_flow(main_flow: str) -> str:
    """Return the name of the flow that copies objects."""
    return COPY_FLOW.join(main_flow.rsplit(MAIN_FLOW, 1))


@dataclass(frozen=True)
class Leg:
    """An execution of the main flow.

    Attributes:
        run: name of its run, which for a root is its own name.
        shard: number of its lister.
        totals: totals of the pages before it.
    """

    execution: FlowExecution
    run: str
    shard: int = 0
    totals: Totals = field(default_factory=Totals)

    @property
    def is_root(self) -> bool:
        """Whether it was started by an operator."""
        return self.run == self.execution.name

    @property
    def started(self) -> datetime:
        """The time when it started."""
        return datetime.fromisoformat(self.execution.started_at)


def leg_of(execution: FlowExecution) -> Leg:
    """Classify an execution of the main flow by its input."""
    run_input = read_object(execution.input)
    relay, shard = run_input.get("relay"), run_input.get("shard")
    if isinstance(relay, dict):
        page = int(relay.get("page") or 0)
        totals = Totals.from_json(relay.get("totals"))
        return Leg(execution, _run_id(relay), shard_of_page(page), totals)
    if isinstance(shard, dict):
        return Leg(execution, _run_id(run_input), int(shard.get("number") or 0))
    return Leg(execution, execution.name)


def run_of_wait(execution: FlowExecution) -> str:
    """Return the run that an execution of ``lookFlow`` waits for; empty for a run's last look."""
    run_input = read_object(execution.input)
    return "" if run_input.get("final") == "true" else _run_id(run_input)


def copies_of(execution: FlowExecution) -> tuple[str, int]:
    """Return the run and the number of the lister for which an execution of ``copyFlow`` copies."""
    run_input = read_object(execution.input)
    shard = run_input.get("shard")
    return _run_id(run_input), int(shard.get("number") or 0) if isinstance(shard, dict) else 0


def latest_legs(legs: Iterable[Leg]) -> dict[int, Leg]:
    """Return the last leg of each lister, by the lister's number."""
    latest: dict[int, Leg] = {}
    for leg in sorted(legs, key=lambda leg: leg.started):
        latest[leg.shard] = leg
    return latest


def by_run(executions: Iterable[Iterable[FlowExecution]]) -> Iterator[tuple[Leg, list[Leg]]]:
    """Group executions by run, and yield each root with its legs.

    Args:
        executions: pages of executions of the main flow, newest first, in which a run's legs come
            before its root.
    """
    waiting: dict[str, list[Leg]] = {}
    for page in executions:
        for leg in map(leg_of, page):
            if leg.is_root:
                yield leg, waiting.pop(leg.run, [])
            else:
                waiting.setdefault(leg.run, []).append(leg)


def _run_id(document: dict[str, Any]) -> str:
    run = document.get("run")
    return str(run.get("runId", "")) if isinstance(run, dict) else ""


def read_object(text: str) -> dict[str, Any]:
    """Parse the input or output of an execution; empty if it is not a JSON object."""
    try:
        document = json.loads(text or "{}")
    except ValueError:
        return {}  # the flow was started by hand, and the run has failed at once
    return document if isinstance(document, dict) else {}
