"""The list of runs on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from oss_restore.cli.columns import print_columns
from oss_restore.cli.console import err
from oss_restore.language import gettext as _
from oss_restore.reporting.formatting import NOTHING, when
from oss_restore.runs.run_list import ListedRun
from thaw.standings import moment_text

_TEXTS: Final = 5  # number of columns with text


def print_runs(runs: Sequence[ListedRun], *, more: bool) -> None:
    """Print a page of runs, without wrapping rows."""
    print_columns([_headings(), *map(_row, runs)], texts=_TEXTS)
    if more:
        err.print_line(
            _("There are more: use --before {before}").format(before=runs[-1].execution.started_at)
        )


def _headings() -> list[str]:
    return [
        _("run"),
        _("status"),
        _("started"),
        _("ended"),
        _("bucket"),
        _("requested"),
        _("already"),
        _("failed"),
        _("readable"),
        _("readable until"),
    ]


def _row(run: ListedRun) -> list[str]:
    execution, counts = run.execution, run.counts
    numbers = [NOTHING] * 3
    if counts is not None:
        numbers = [f"{n:,}" for n in (counts.submitted, counts.under_way, counts.unsuccessful)]
    until = when(moment_text(run.verdict.readable_until))
    dates = (when(execution.started_at), when(execution.stopped_at))
    return [
        name_and_kind(run),
        execution.status,
        *dates,
        run.bucket or NOTHING,
        *numbers,
        readable_objects(run),
        until,
    ]


def name_and_kind(run: ListedRun) -> str:
    """Return the name of a run, and its kind unless it is a real run."""
    kinds = {"dry": _("dry run"), "smoke": _("smoke test")}
    name = run.execution.name
    return f"{name} ({kinds[run.kind]})" if run.kind in kinds else name


def readable_objects(run: ListedRun) -> str:
    """Format the number of a run's readable objects; a dash if it is unknown."""
    if run.verdict.origin == "unknown" or run.kind != "real":
        return NOTHING
    return f"{run.verdict.done:,}"
