"""The list of runs on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size

from oss_restore.cli.console import err, out
from oss_restore.language import gettext as _
from oss_restore.reporting.formatting import NOTHING, when
from oss_restore.runs.run_list import ListedRun
from thaw.standings import moment_text

_TEXTS: Final = 5  # columns before those of numbers


def print_runs(runs: Sequence[ListedRun], *, more: bool) -> None:
    """Print a page of runs, unwrapped however narrow the terminal is."""
    rows = [_headings(), *map(_row, runs)]
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (
            set_cell_size(text, width) if column < _TEXTS else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        out.print_line("  ".join(cells).rstrip())
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
    verdict, readable = run.verdict, NOTHING
    if verdict.origin != "unknown" and run.kind == "real":
        readable = f"{verdict.done:,}"
    until = when(moment_text(verdict.readable_until))
    kinds = {"dry": _("dry run"), "smoke": _("smoke test")}
    name = execution.name
    if run.kind in kinds:
        name += f" ({kinds[run.kind]})"
    dates = (when(execution.started_at), when(execution.stopped_at))
    return [name, execution.status, *dates, run.bucket or NOTHING, *numbers, readable, until]
