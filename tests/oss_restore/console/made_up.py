"""A console of made-up runs, whose pages are the same every time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from fdl.graph.svg import svg
from oss_restore.clients.deployment import Deployment
from oss_restore.console.app import Views
from oss_restore.console.documents import presentable
from oss_restore.console.feeds import Document, Reading
from oss_restore.console.run_document import run_document
from oss_restore.console.texts import page_document
from oss_restore.reporting.facts import RunReport
from oss_restore.runs.progress import Point
from oss_restore.runs.state import Alert
from tests.docs.tables import flow_graph
from tests.oss_restore.reporting.scene import moment, report, totals_of
from thaw.standings import ClassStandings, Standing, Standings

FLOW = "oss-restore-mainRestoreFlow-dev"
RUN = "run-20261124-100000-1a2b3c"
EXPIRY = round(moment(72.2).timestamp())
SO_FAR = {
    "Archive": {"requested": 1_204_117, "already_readable": 18_402},
    "ColdArchive": {"requested": 388_020, "already_thawing": 12_000, "denied": 14},
    "DeepColdArchive": {"requested": 91_776},
}
STANDINGS = Standings(
    {
        "Archive": ClassStandings(Counter({Standing.READABLE: 1_222_519}), EXPIRY, EXPIRY + 4000),
        "ColdArchive": ClassStandings(
            Counter({Standing.READABLE: 96_010, Standing.THAWING: 304_010, Standing.REFUSED: 14}),
            EXPIRY + 3600,
            EXPIRY + 7000,
        ),
        "DeepColdArchive": ClassStandings(Counter({Standing.THAWING: 91_776})),
    }
)


@dataclass
class Still:
    """A source that never changes."""

    describe: Callable[[], Document]
    pause_seconds: float = 60

    def read(self) -> Reading:
        return Reading(lambda: presentable(self.describe()))


def running_report() -> RunReport:
    """Return a report of a run that has sent most of its requests."""
    submitted = [
        Point(moment(hour / 8), round(1_683_913 * min(1, hour / 7.9))) for hour in range(9)
    ]
    readable = [
        Point(moment(hour), objects)
        for hour, objects in ((0.4, 210_004), (1, 1_222_519), (3, 1_240_007), (4, 1_318_529))
    ]
    made = report(
        totals_of(SO_FAR, size=40 * 2**20), status="Running", submitted=submitted, readable=readable
    )
    execution = replace(made.state.result.execution, name=RUN, flow=FLOW)
    return replace(
        made,
        state=replace(
            made.state,
            result=replace(made.state.result, execution=execution),
            verdict=replace(made.state.verdict, standings=STANDINGS),
            now=moment(4),
            step="awaitReadable",
            sent=True,
            waiting=True,
        ),
        ledger=f"oss://my-reports/runs/{RUN}/",
    )


def alerts() -> list[Alert]:
    text = "denied AccessDenied: the first is 2019/07/invoice-00017.pdf: 403 AccessDenied"
    return [Alert(moment(0.2), text)]


def views() -> Views:
    """Return the views of the made-up console."""
    runs: Document = {"columns": [f"column {n}" for n in range(9)], "runs": [], "before": ""}
    report = running_report()
    return Views(
        page=lambda: page_document(
            Deployment(region="cn-hangzhou", main_flow=FLOW),
            environment="dev",
            is_local=False,
            allow_actions=False,
        ),
        runs=lambda: Still(lambda: runs),
        earlier_runs=lambda _: runs,
        run=lambda _: Still(lambda: run_document(report, alerts())),
        execution=lambda _flow, _name: Still(dict),
        picture=lambda _: svg(flow_graph("mainRestoreFlow"), "mainRestoreFlow", style=False),
        step=lambda *_: {},
        visit=lambda *_: {},
        executions=lambda *_: {},
    )
