"""Reports of made-up runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from oss_restore.clients.flow_executions import FlowExecution
from oss_restore.reporting.causes import causes_of
from oss_restore.reporting.facts import RunReport
from oss_restore.runs.progress import Point
from oss_restore.runs.result import Result
from oss_restore.runs.state import RunState
from thaw.ledger import Part
from thaw.manifest.wrong_rows import WrongRows
from thaw.outcomes import Outcome, OutcomeRecord
from thaw.run_input import RunInput
from thaw.standings import Standing, Standings
from thaw.totals import Totals
from thaw.verdict import cost_of_run, verdict_of

SECONDS = 6 * 3600
START = datetime(2026, 11, 24, 10, tzinfo=UTC)
RUN = RunInput(endpoint="oss.example", bucket_name="archive")
OUTCOMES = {
    "Archive": {"requested": 1_200, "vanished": 2},
    "ColdArchive": {"requested": 340, "already_readable": 50, "rejected": 7},
}


def moment(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def points(*counts: tuple[float, int]) -> list[Point]:
    return [Point(moment(hours), objects) for hours, objects in counts]


def totals_of(by_class: Mapping[str, Mapping[str, int]], *, size: int = 2**30) -> Totals:
    """Return totals of such outcomes, in which each object to request has that size."""
    totals = Totals(pages=2, parts=9)
    for name, outcomes in by_class.items():
        totals.by_class[name] = Counter(outcomes)
        totals.listed += sum(outcomes.values())
        totals.planned[name] = sum(
            count for word, count in outcomes.items() if not word.startswith("already")
        )
        totals.bytes[name] = totals.billed_bytes[name] = totals.planned[name] * size
    totals.scanned = totals.listed
    return totals


def failed(*keys: str, outcome: Outcome = Outcome.REJECTED, message: str = "wrong") -> Part:
    return Part(
        [
            OutcomeRecord(
                key,
                outcome,
                "ColdArchive",
                http_status=400,
                error_code="InvalidArgument",
                message=message,
            )
            for key in keys
        ]
    )


STANDINGS = {
    "rejected": Standing.REFUSED,
    "denied": Standing.REFUSED,
    "failed": Standing.FAILED,
    "vanished": Standing.DELETED,
}


def standings_of(totals: Totals) -> Standings:
    """Return the standings of such objects at the end of a run without other events."""
    found = Standings()
    for name, outcomes in totals.by_class.items():
        for outcome, objects in outcomes.items():
            found.count(name, STANDINGS.get(outcome, Standing.READABLE), objects)
    return found


def report(
    totals: Totals,
    *,
    run: RunInput | None = RUN,
    status: str = "Succeeded",
    error: str = "",
    parts: Sequence[Part] = (),
    submitted: Sequence[Point] = (),
    readable: Sequence[Point] = (),
    standings: Standings | None = None,
    **summary: Any,
) -> RunReport:
    """Return a report of a run that took six hours."""
    ended = status != "Running"
    stopped = "2026-11-24T16:00:00.000Z" if ended else ""
    execution = FlowExecution(
        "flow", "run-1", status, "{}", "", "2026-11-24T10:00:00.000Z", stopped
    )
    outcome = {"outcomes": dict(totals.outcomes), "failed": totals.failed, "report": "oss://r/"}
    output = {**outcome, **summary} if status == "Succeeded" else {}
    if status == "Succeeded":
        where = standings or standings_of(totals)
        verdict = verdict_of(run or RUN, totals, where, WrongRows(), seconds=SECONDS)
        output["verdict"] = verdict.to_json()
    result = Result(execution, output, error, "why" if error else "")
    return RunReport(
        state=RunState(
            result,
            result.verdict,
            now=moment(6),
            run_input=run,
            totals=totals,
            submitted=submitted,
            readable=readable,
        ),
        causes=causes_of(parts).by_objects(),
        cost=None if run is None else cost_of_run(run, totals, seconds=SECONDS),
        ledger="oss://reports/runs/run-1/",
        made=moment(7),
    )
