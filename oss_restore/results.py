"""Shows what a run came to, and ends the command accordingly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NoReturn

import typer

from functions.contract import AccessDenied, InvalidInput
from oss_restore.console import err, out, print_json
from oss_restore.errors import ExitStatus
from oss_restore.messages.runs import (
    CAUSE,
    ENDED,
    ERROR,
    REPORT,
    RUN,
    SO_FAR,
    STARTED,
    STATUS,
    WITHOUT_OUTCOME,
    WOULD_BE_REQUESTED,
)
from oss_restore.runs import Progress, Result

# How a run that failed ends the command, by the error that ended the run.
_BY_ERROR: Final = {
    InvalidInput.__name__: ExitStatus.USAGE,
    AccessDenied.__name__: ExitStatus.REFUSED,
}


def status_of(result: Result) -> ExitStatus:
    """The exit code for a run, as far as it is."""
    if result.execution.status == "Stopped":
        return ExitStatus.STOPPED
    if not result.problems:
        return ExitStatus.OK
    return _BY_ERROR.get(result.error.removeprefix("FC."), ExitStatus.FAILED)


def end_with(result: Result) -> NoReturn:
    """Ends the command: says what is wrong with the run, if anything."""
    for problem in result.problems:
        err.print(problem, markup=False, soft_wrap=True)
    raise typer.Exit(status_of(result))


def print_result(result: Result, *, as_json: bool, progress: Progress | None = None) -> None:
    """Prints a run for a person, or as one JSON object."""
    execution = result.execution
    if as_json:
        print_json(
            {
                "flow": execution.flow,
                "run": execution.name,
                "status": execution.status,
                "started": execution.started_at,
                "stopped": execution.stopped_at,
                "error": result.error,
                "cause": result.cause,
                "summary": result.summary,
            }
        )
        return
    rows = list(_rows(result, progress))
    width = max(len(what) for what, _ in rows)
    for what, value in rows:
        out.print(f"{what:{width}}  {value}", soft_wrap=True)


def _rows(result: Result, progress: Progress | None) -> Iterator[tuple[str, str]]:
    execution = result.execution
    yield RUN(), execution.name
    yield STATUS(), execution.status
    yield STARTED(), execution.started_at
    if execution.ended:
        yield ENDED(), execution.stopped_at
    elif progress is not None:
        yield SO_FAR(), str(progress)
    if result.error or result.cause:
        yield ERROR(), result.error
        yield CAUSE(), result.cause
    for storage_class, count in result.planned.items():
        yield WOULD_BE_REQUESTED(storage_class=storage_class), f"{count:,}"
    for outcome, count in sorted(result.outcomes.items()):
        yield outcome, f"{count:,}"
    if result.unaccounted:
        yield WITHOUT_OUTCOME(), f"{result.unaccounted:,}"
    if "report" in result.summary:
        yield REPORT(), str(result.summary["report"])
