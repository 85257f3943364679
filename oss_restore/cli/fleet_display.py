"""The output of commands for all environments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import TypeVar

from click.exceptions import Exit

from infra.version import VERSION
from oss_restore.checks.check_result import CheckResult, State
from oss_restore.checks.deployment_checks import examine
from oss_restore.cli.columns import print_columns
from oss_restore.cli.console import err, out, print_json
from oss_restore.cli.run_list_display import name_and_kind, readable_objects
from oss_restore.clients.context import DeploymentContext
from oss_restore.clients.fleet import Member, look_at_all, worst_status
from oss_restore.errors import ExitStatus
from oss_restore.language import gettext as _
from oss_restore.reporting.formatting import NOTHING, when
from oss_restore.runs.run_list import ListedRun, runs_before
from thaw.standings import moment_text

T = TypeVar("T")


def list_all(context: DeploymentContext, *, before: str | None, limit: int, as_json: bool) -> None:
    """List the runs of all environments, and end the command if some could not be listed.

    Args:
        context: a context that names the folder.
        before: only list runs started before this moment; None for all.
        limit: maximum number of runs for each environment.
        as_json: whether to print one JSON object.

    Raises:
        OperatorError: there is no environment.
    """

    def look(named: DeploymentContext) -> list[ListedRun]:
        runs, _more = runs_before(named.workflow, named.deployment.main_flow, before, limit)
        return runs

    members = [*look_at_all(context, look)]
    if as_json:
        _print_json(members, lambda runs: {"runs": [run.to_json() for run in runs]})
    else:
        headings = [_("run"), _("status"), _("started"), _("readable until"), _("readable")]
        rows = [
            [*_member_cells(member), *cells]
            for member in members
            for cells in [*map(_run_cells, member.found or ())] or [[NOTHING] * len(headings)]
        ]
        print_columns([[*_member_headings(), *headings], *rows], texts=8)
        _print_errors(members)
    _end(worst_status(members))


def examine_all(context: DeploymentContext, *, as_json: bool) -> None:
    """Check all deployments, and end the command if anything fails.

    Args:
        context: a context that names the folder.
        as_json: whether to print one JSON object.

    Raises:
        OperatorError: there is no environment.
    """
    members = [*look_at_all(context, lambda named: [*examine(named)])]
    if as_json:
        _print_json(members, lambda found: {"checks": [asdict(result) for result in found]})
    else:
        states: Sequence[State] = ("ok", "warn", "fail")
        rows = []
        for member in members:
            counts = [NOTHING] * len(states)
            if member.found is not None:
                by_state = Counter(result.state for result in member.found)
                counts = [str(by_state[state]) for state in states]
            rows.append([*_member_cells(member), *counts])
        print_columns([[*_member_headings(), *states], *rows], texts=4)
        for member, result in _problems(members):
            out.print_line(f"{member.name}: {result.state}  {result.check}: {result.found}")
            if result.to_do:
                out.print_line(f"  {result.to_do}")
        _print_errors(members)
    failed = [result for _member, result in _problems(members) if result.state == "fail"]
    status = ExitStatus.FAILED if failed else ExitStatus.OK
    if any(result.refused for result in failed):
        status = ExitStatus.REFUSED
    _end(max(status, worst_status(members)))


def _problems(
    members: Sequence[Member[list[CheckResult]]],
) -> Iterator[tuple[Member[list[CheckResult]], CheckResult]]:
    """Yield the results of checks that warn or fail."""
    for member in members:
        for result in member.found or ():
            if result.state != "ok":
                yield member, result


def _member_headings() -> list[str]:
    return [_("environment"), _("account"), _("region"), _("version")]


def _member_cells(member: Member[T]) -> list[str]:
    cells = (member.account, member.region, member.version_text)
    return [member.name, *(cell or NOTHING for cell in cells)]


def _run_cells(run: ListedRun) -> list[str]:
    until = when(moment_text(run.verdict.readable_until))
    execution = run.execution
    started = when(execution.started_at)
    return [name_and_kind(run), execution.status, started, until, readable_objects(run)]


def _print_json(members: Sequence[Member[T]], convert: Callable[[T], dict[str, object]]) -> None:
    print_json(
        {
            "version": VERSION,
            "environments": [
                member.to_json() | ({} if member.found is None else convert(member.found))
                for member in members
            ],
        }
    )


def _print_errors(members: Sequence[Member[T]]) -> None:
    for member in members:
        if member.error is not None:
            for message in member.error.messages:
                err.print_line(f"{member.name}: {message}")
            for line in member.error.hint.splitlines():
                err.print_line(f"  {line}")


def _end(status: ExitStatus) -> None:
    if status is not ExitStatus.OK:
        raise Exit(status)
