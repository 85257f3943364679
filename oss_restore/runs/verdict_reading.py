"""The verdict on a run: read from its ledger, or computed if the run did not get that far.

Every command that reports on a run uses it.
"""

from __future__ import annotations

import json
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
from thaw.errors import InvalidInput, RunError
from thaw.ledger import Ledger
from thaw.ledger_reading import totals_of
from thaw.limits import MAX_FOREACH
from thaw.manifest.chunks import Chunks
from thaw.manifest.wrong_rows import WrongRows
from thaw.page_looks import PageLooks
from thaw.run_input import Run
from thaw.run_input_parser import parse_run
from thaw.standings import Standings
from thaw.verdict import Verdict, cost_of_run, left_out_of

_OBJECT: Final = TypeAdapter(dict[str, Any])


def read_verdict(target: Target, deployment: Deployment, result: Result) -> Verdict:
    """The verdict on a run; of one that did not come to its end, its objects are looked at now.

    Args:
        target: endpoints and credentials.
        deployment: where the run's ledger is.
        result: of the run.
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
    """The verdict that a run has left in its ledger, whatever has become of its execution.

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
    summary = ledger.read("summary.json")
    if summary is not None:
        recorded = _OBJECT.validate_json(summary).get("verdict")
        if recorded:
            return Verdict.from_json(recorded)
    given = ledger.read("input.json")
    if given is None:  # its input was refused: there is nothing of it
        return verdict
    run = _run(given)
    standings = PageLooks(open_store(target, run.bucket_name), run, ledger).all_standings()
    totals = totals_of(ledger)
    counted = sum(sum(found.counts.values()) for found in standings.by_class.values())
    return replace(
        verdict,
        standings=standings,
        listed=counted,
        scanned=counted,
        rows=_wrong_rows(ledger, run),
        dry_run=run.dry_run,
        origin="command",
        left_out=left_out_of(run, totals),
        cost=cost_of_run(run, totals, seconds=execution.seconds, copies=standings.copies),
        goal=goal_of(run.then),
    )


def _run(given: bytes) -> Run:
    # What was chosen is the run's own by now; that it was does not matter here.
    document = {name: value for name, value in json.loads(given).items() if name != "chosen"}
    try:
        return parse_run(document, foreach_limit=MAX_FOREACH)
    except InvalidInput as error:
        raise OperatorError(str(error)) from error


def _wrong_rows(ledger: Ledger, run: Run) -> WrongRows:
    return WrongRows() if run.manifest is None else Chunks(ledger, run).wrong_rows()
