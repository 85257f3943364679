"""The verdict on a run, read from its ledger or computed if the run has not left one.

All commands that report on runs use it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from pydantic import TypeAdapter

from oss_restore.clients.deployment import Deployment
from oss_restore.clients.flow_executions import FlowExecution
from oss_restore.clients.run_ledger import open_ledger
from oss_restore.clients.storage import open_store
from oss_restore.clients.target import Target
from oss_restore.errors import OperatorError
from oss_restore.runs.result import Result
from thaw.after_thaw import goal_of
from thaw.errors import RunError
from thaw.ledger import Ledger
from thaw.ledger_reading import totals_of
from thaw.limits import MAX_FOREACH
from thaw.manifest.chunks import wrong_rows
from thaw.page_looks import PageLooks
from thaw.run_input_parser import parse_recorded_run
from thaw.standings import Standings
from thaw.verdict import Verdict, cost_of_run, left_out_of

_OBJECT: Final = TypeAdapter(dict[str, Any])


def read_verdict(target: Target, deployment: Deployment, result: Result) -> Verdict:
    """Return the verdict on a run, after looking at its objects if it did not finish.

    Args:
        target: endpoints and credentials.
        deployment: the deployment with the run's ledger.
        result: the result of the run.
    """
    verdict = result.verdict
    if verdict.ending == "running" or verdict.origin != "unknown":
        return verdict
    if not deployment.report_bucket:
        return verdict
    try:
        return _from_ledger(target, deployment, result.execution, verdict)
    except (RunError, OperatorError) as error:
        return replace(verdict, problem=str(error).rstrip("."))


def verdict_in(ledger: Ledger) -> Verdict:
    """Return the verdict that a run has left in its ledger, regardless of its execution.

    Raises:
        RunError: as the ledger's calls.
    """
    summary = ledger.read("summary.json")
    recorded = None if summary is None else _OBJECT.validate_json(summary).get("verdict")
    return Verdict.from_json(recorded) if recorded else Verdict(Standings(), origin="unknown")


def _from_ledger(
    target: Target, deployment: Deployment, execution: FlowExecution, verdict: Verdict
) -> Verdict:
    ledger = open_ledger(target, deployment, execution.name)
    recorded = verdict_in(ledger)
    if recorded.origin != "unknown":
        return recorded
    recorded_input = ledger.read("input.json")
    if recorded_input is None:  # the run's input was refused, so it has no objects
        return verdict
    run = parse_recorded_run(recorded_input, foreach_limit=MAX_FOREACH)
    standings = PageLooks(open_store(target, run.bucket_name), run, ledger).all_standings()
    totals = totals_of(ledger)
    counted = sum(sum(of_class.counts.values()) for of_class in standings.by_class.values())
    return replace(
        verdict,
        standings=standings,
        listed=counted,
        scanned=counted,
        rows=wrong_rows(ledger, run),
        dry_run=run.dry_run,
        origin="command",
        left_out=left_out_of(run, totals),
        cost=cost_of_run(run, totals, seconds=execution.seconds, copies=standings.copies),
        goal=goal_of(run.then),
    )
