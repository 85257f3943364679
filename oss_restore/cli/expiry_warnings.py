"""Warnings before readable copies expire, with the command that extends them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from oss_restore.cli.console import err
from oss_restore.clients.context import DeploymentContext
from oss_restore.durations import rough
from oss_restore.language import gettext as _
from oss_restore.reporting.formatting import when
from oss_restore.runs.run_list import ListedRun
from thaw.standings import moment_text
from thaw.verdict import Verdict


def warn_of_expiry(context: DeploymentContext, run: str, verdict: Verdict) -> None:
    """Warn on stderr if a run's first readable copy expires soon or has expired."""
    until = verdict.readable_until
    if not until:
        return
    left = until - context.now().timestamp()
    if left > verdict.expiry_notice:
        return
    command = context.extend_command(run)
    if left > 0:
        warning = _("The first copy expires in {left}. Keep the objects readable with: {command}")
        err.print_line(warning.format(left=rough(left), command=command))
    else:
        warning = _("The first copy expired at {until}. Thaw the objects again with: {command}")
        err.print_line(warning.format(until=when(moment_text(until)), command=command))


def warn_of_runs(context: DeploymentContext, runs: Sequence[ListedRun]) -> None:
    """Warn on stderr about listed runs whose first readable copies expire soon."""
    for run, left in _expiring_runs(context, runs):
        warning = _("{run}: the first copy expires in {left}. Keep the objects with: {command}")
        name = run.execution.name
        err.print_line(
            warning.format(run=name, left=rough(left), command=context.extend_command(name))
        )


def _expiring_runs(
    context: DeploymentContext, runs: Sequence[ListedRun]
) -> Iterator[tuple[ListedRun, float]]:
    readable = [run for run in runs if run.verdict.readable_until]
    now = context.now().timestamp() if readable else 0.0
    for run in readable:
        left = run.verdict.readable_until - now
        if 0 < left <= run.verdict.expiry_notice:
            yield run, left
