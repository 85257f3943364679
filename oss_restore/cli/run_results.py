"""The result of a run as text, JSON and exit code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

import click

from oss_restore.cli.console import err, out, print_json
from oss_restore.language import gettext as _
from oss_restore.reporting import status_line
from oss_restore.reporting.bill_text import total_text
from oss_restore.reporting.estimate import estimate_of
from oss_restore.reporting.formatting import when
from oss_restore.reporting.verdict_text import sentence_of, standing_name
from oss_restore.runs.state import RunState
from oss_restore.times import utc_time
from thaw.standings import Standing, moment_text
from thaw.verdict import Verdict


def exit_with(verdict: Verdict, *, shown: bool) -> NoReturn:
    """End the command with the exit code of the verdict.

    Args:
        verdict: the verdict on the run.
        shown: whether the verdict was already printed; otherwise a bad one is printed on stderr.
    """
    if verdict.exit_code and not shown:
        err.print_line(sentence_of(verdict))
    raise click.exceptions.Exit(verdict.exit_code)


def print_state(state: RunState, *, as_json: bool) -> None:
    """Print a run as text or as one JSON object."""
    if as_json:
        print_json(document(state))
        return
    rows = list(_rows(state))
    width = max(len(label) for label, _value in rows)
    for label, value in rows:
        out.print_line(f"{label:{width}}  {value}")


def document(state: RunState) -> dict[str, object]:
    """Convert a run to its JSON object."""
    result, estimate = state.result, estimate_of(state)
    execution = result.execution
    return {
        "flow": execution.flow,
        "run": execution.name,
        "status": execution.status,
        "started": execution.started_at,
        "stopped": execution.stopped_at,
        "error": result.error,
        "cause": result.cause,
        "summary": result.summary,
        "verdict": state.verdict.to_json(),
        "pages": state.totals.pages,
        "listed": state.totals.listed,
        "counts": state.counts.to_json(),
        "readable": state.readable_objects,
        "copied": state.copied_objects,
        "step": state.step,
        "legs": state.legs,
        "listers": state.shards,
        "waiting": state.waiting,
        "rate": round(state.rate, 2),
        "allSentBy": estimate.all_sent and utc_time(estimate.all_sent),
        "allReadableBy": estimate.all_readable and utc_time(estimate.all_readable),
    }


def _rows(state: RunState) -> Iterator[tuple[str, str]]:
    result = state.result
    execution = result.execution
    yield _("run"), execution.name
    yield _("status"), execution.status
    yield _("verdict"), sentence_of(state.verdict)
    yield _("started"), when(execution.started_at)
    if execution.ended:
        yield _("ended"), when(execution.stopped_at)
    if until := state.verdict.readable_until:
        yield _("readable until"), when(moment_text(until))
    if cost := state.verdict.cost:
        yield _("cost") if execution.ended else _("cost so far"), total_text(cost)
    if not result.summary:
        yield _("so far"), status_line.progress(state)
        yield _("position"), status_line.position(state)
    if estimated_end := status_line.estimated_end(state):
        yield _("forecast"), estimated_end
    if result.error or result.cause:
        yield _("error"), result.error
        yield _("cause"), result.cause
    for label, count in _counts(state):
        yield label, f"{count:,}"
    if "report" in result.summary:
        yield _("report"), str(result.summary["report"])


def _counts(state: RunState) -> Iterator[tuple[str, int]]:
    """Yield labels and numbers of objects, including copies if there are any."""
    result, verdict = state.result, state.verdict
    for storage_class, count in result.planned.items():
        yield _("would be requested, {storage_class}").format(storage_class=storage_class), count
    yield from sorted(result.outcomes.items())
    if verdict.goal != "thaw":
        counts = ((standing_name(standing), verdict.of(standing)) for standing in Standing)
        yield from ((name, count) for name, count in counts if count)
