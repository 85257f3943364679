"""The runs of a deployment, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Final, Literal

from oss_restore.clients.flow_executions import FlowExecution
from oss_restore.clients.workflow import WorkflowClient
from oss_restore.errors import UsageError
from oss_restore.language import gettext as _
from oss_restore.runs.counts import Counts, sum_of
from oss_restore.runs.executions import Leg, by_run, latest_legs, read_object
from oss_restore.runs.run_lookup import result_of
from oss_restore.times import utc_time
from thaw.ledger_layout import SMOKE_RUN
from thaw.totals import Totals
from thaw.verdict import Verdict

RunKind = Literal["real", "dry", "smoke"]


@dataclass(frozen=True)
class ListedRun:
    """A run in a list.

    Attributes:
        execution: its root execution.
        bucket: bucket of its objects; empty if unknown.
        counts: its counts; if it did not succeed, those with which its last legs started; None if
            unknown.
        verdict: the verdict in its execution's output; without its objects if it did not succeed.
    """

    execution: FlowExecution
    bucket: str
    counts: Counts | None
    verdict: Verdict

    @property
    def kind(self) -> RunKind:
        """The purpose of the run."""
        if self.execution.name.startswith(SMOKE_RUN):
            return "smoke"
        return "dry" if read_object(self.execution.input).get("dryRun") else "real"

    def to_json(self) -> dict[str, object]:
        """Convert it to JSON."""
        return {
            "run": self.execution.name,
            "status": self.execution.status,
            "started": self.execution.started_at,
            "stopped": self.execution.stopped_at,
            "bucket": self.bucket,
            "counts": None if self.counts is None else self.counts.to_json(),
            "kind": self.kind,
            "verdict": self.verdict.to_json(),
        }


_NONE: Final[Mapping[str, ListedRun]] = {}


def runs_before(
    workflow: WorkflowClient,
    flow: str,
    before: str | None,
    limit: int,
    ended: Mapping[str, ListedRun] = _NONE,
) -> tuple[list[ListedRun], bool]:
    """Return the last runs, newest first, and whether there are earlier ones.

    Args:
        workflow: client of the service where they run.
        flow: the main flow's name.
        before: return only runs started before this moment; None for all.
        limit: maximum number of runs.
        ended: runs that had ended when they were listed earlier, by name; they are not read again.

    Raises:
        OperatorError: the moment is invalid, or the cloud refuses a call.
    """
    until = None if before is None else _moment(before)
    pages = workflow.executions(
        flow, started_until=None if until is None else utc_time(until, "milliseconds")
    )
    runs = (
        ended.get(root.execution.name) or _listed(workflow, root, legs)
        for root, legs in by_run(pages)
        if until is None or root.started < until
    )
    listed = [*islice(runs, limit + 1)]
    return listed[:limit], len(listed) > limit


def document(runs: Sequence[ListedRun], *, more: bool) -> dict[str, object]:
    """Convert a page of runs to a JSON object, in which ``before`` selects the next page."""
    last = runs[-1].execution.started_at if runs and more else None
    return {"runs": [run.to_json() for run in runs], "before": last}


def _listed(workflow: WorkflowClient, root: Leg, legs: Sequence[Leg]) -> ListedRun:
    execution = root.execution
    bucket = str(read_object(execution.input).get("bucketName") or "")
    result = result_of(workflow, execution)
    summary, verdict = result.summary, result.verdict
    if summary:
        return ListedRun(execution, bucket, Counts.of(Totals.from_json(summary)), verdict)
    if not legs:
        return ListedRun(execution, bucket, None, verdict)
    totals = sum_of(leg.totals for leg in latest_legs(legs).values())
    return ListedRun(execution, bucket, Counts.of(totals), verdict)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            _("{value} is not a moment such as 2026-11-24T10:15:00Z or 30d").format(value=text)
        ) from error
