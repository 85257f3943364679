"""The report of a run, from its histories and its ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from oss_restore.clients.context import DeploymentContext
from oss_restore.clients.run_ledger import chosen_for, ledger_errors, open_ledger, read_input
from oss_restore.planning.forecast.prices import load_prices
from oss_restore.reporting.causes import Cause, causes_of
from oss_restore.reporting.facts import RunReport
from oss_restore.reporting.unthawed_objects import unsuccessful
from oss_restore.runs.observer import observer_of
from oss_restore.runs.run_lookup import find_run
from oss_restore.runs.state import RunState
from thaw.completion_report import write_report
from thaw.ledger_reading import walk


def report_of(
    context: DeploymentContext,
    run: str | None,
    *,
    prices: Path | None = None,
) -> RunReport:
    """Build the report of a run.

    Args:
        context: the deployment and its cloud.
        run: the run's name; None for the last one.
        prices: a custom price list.

    Raises:
        OperatorError: there is no such run, or the cloud refuses a call.
    """
    flow = context.reported.main_flow  # a report needs the ledger, too
    name = run or find_run(context.workflow, flow, None).name
    state = observer_of(context, name).look(back=True)
    return report_on(context, state, prices=prices)


def report_on(
    context: DeploymentContext, state: RunState, *, prices: Path | None = None
) -> RunReport:
    """Build the report of a run from its state, without causes while it is in progress.

    Args:
        context: the deployment and its cloud.
        state: the state of the run.
        prices: a custom price list.

    Raises:
        OperatorError: OSS refuses a call.
    """
    deployment, name = context.deployment, state.result.execution.name
    cost = state.verdict.cost
    if cost is not None and prices is not None:
        cost = cost.by(load_prices(prices))
    ledger = open_ledger(context.target, deployment, name) if deployment.report_bucket else None
    causes: list[Cause] = []
    if ledger is not None and state.run_input is not None:
        with ledger_errors(deployment, name):
            settled = replace(state.run_input, chosen=chosen_for(ledger))
        state = replace(state, run_input=settled)
    if ledger is not None and state.ended:
        with ledger_errors(deployment, name):
            causes = causes_of(unsuccessful(ledger, state.totals.outcomes)).by_objects()
    return RunReport(
        state=state,
        causes=causes,
        cost=cost,
        ledger="" if ledger is None else ledger.url,
        made=datetime.now(UTC),
        extend=context.extend_command(name) if state.verdict.readable_until else "",
    )


def write_objects(context: DeploymentContext, run: str, file: BinaryIO) -> None:
    """Write the completion report of a run, with a line for each object.

    It is copied from the ledger if it is there. For large runs and runs in progress, it is compiled
    from the ledger's parts, with only a few of them in memory.

    Raises:
        OperatorError: there is no such run, or OSS refuses a call.
    """
    deployment = context.reported
    ledger = open_ledger(context.target, deployment, run)
    with ledger_errors(deployment, run):
        report = ledger.read("report.csv")
        if report is not None:
            file.write(report)
            return
        bucket = str(read_input(context.workflow, deployment, run, ledger)["bucketName"])
        write_report(walk(ledger, copies=True), bucket, file)
