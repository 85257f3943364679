"""``oss-restore rehearse``: deploy and run everything on a local cloud."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from oss_restore.cli.cloud_settings import with_assignments
from oss_restore.cli.command import command
from oss_restore.cli.options import (
    FILE,
    complete_environment,
    folder_option,
    json_option,
    set_option,
)
from oss_restore.cli.parameter_types import Whole
from oss_restore.cli.program import NAME
from oss_restore.errors import ExitStatus, UsageError
from oss_restore.installation import require_checkout
from oss_restore.language import gettext as _

if TYPE_CHECKING:
    from infra.model.generations import Generation
    from oss_restore.cli.rehearsal.findings import RunFinding
    from oss_restore.cli.rehearsal.subject import RehearsalSubject
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore rehearse",
    "oss-restore rehearse --environment dev",
    "oss-restore rehearse --objects 5000 --bulk --json",
)


@command(EXAMPLES)
@click.option(
    "--environment",
    shell_complete=complete_environment,
    help="Rehearse this environment, as its file describes it; nothing leaves this machine.",
)
@click.option(
    "--objects",
    type=Whole(0),
    default=500,
    show_default=True,
    help="Number of objects in each bucket.",
)
@click.option("--bulk", is_flag=True, help="Let the run choose its settings.")
@click.option(
    "--generation",
    type=Whole(2, 3),
    help="Generation of Function Compute to deploy to; default: 2, or your environment's.",
)
@click.option("--keep", type=FILE, help="Keep logs and Terraform's state in this folder.")
@folder_option
@set_option
@json_option
def rehearse(
    *,
    environment: str | None,
    objects: int,
    bulk: bool,
    generation: int | None,
    keep: Path | None,
    folder: Path,
    set_: tuple[str, ...],
    as_json: bool,
) -> None:
    """Deploy into a local cloud, thaw a bucket, verify it and clean up. Needs no account.

    Exits 1, with the cause, if anything is not as it should be. With --environment, creates
    and fills the buckets in that file, and deploys everything under your own names.
    """
    require_checkout("oss-restore rehearse")
    from localcloud.settings import Settings
    from oss_restore.cli.console import err, out, print_json
    from oss_restore.cli.rehearsal.cdktf import PROJECT
    from oss_restore.cli.rehearsal.findings import print_report
    from oss_restore.cli.rehearsal.preflight import preflight_line
    from oss_restore.cli.rehearsal.scenario import rehearse as play

    with_assignments(Settings(), set_)  # refuses invalid assignments before anything starts
    arguments = [part for assignment in set_ for part in ("--set", assignment)]
    if environment is None:
        subject = _example(generation or 2, bulk=bulk)
    elif bulk or generation is not None:
        raise UsageError(
            _("--bulk and --generation cannot be combined with --environment: its file sets both")
        )
    else:
        subject = _own(environment, folder)
    err.print_line(preflight_line())
    pages = keep.resolve() if keep else PROJECT / "build" / "rehearsal"
    report = play(
        subject, objects, partial(_keep_report, pages), cloud_arguments=arguments, keep=keep
    )
    if as_json:
        print_json(report.model_dump())
    else:
        print_report(report, out)
    for problem in report.problems:
        err.print_line(f"✘ {problem}", style="red")
    if report.problems:
        raise click.exceptions.Exit(ExitStatus.FAILED)
    if not as_json:
        out.print_line(_next(environment))


def _example(generation: int, *, bulk: bool) -> RehearsalSubject:
    from oss_restore.cli.rehearsal.scenario import ARTICLE_INPUT, CHOSEN_INPUT
    from oss_restore.cli.rehearsal.subject import standard_subject

    run_input = CHOSEN_INPUT if bulk else ARTICLE_INPUT
    return standard_subject(run_input, cast("Generation", generation))


def _own(name: str, folder: Path) -> RehearsalSubject:
    from oss_restore.cli.rehearsal.own_environment import own_subject
    from oss_restore.clients.deployment import load_environment

    return own_subject(load_environment(name, folder))


def _program() -> str:
    """Return the program as it was called, since ``make`` calls one that is not on the PATH."""
    called = Path(sys.argv[0])
    return str(called) if called.name == NAME and not called.is_absolute() else NAME


def _next(environment: str | None) -> str:
    if environment is None:
        return _("Next, with your own bucket: {command}").format(
            command=f"{_program()} init prod && {_program()} rehearse --environment prod"
        )
    return _("Next, in your own account: {command}").format(command=f"cdktf diff {environment}")


def _keep_report(folder: Path, context: DeploymentContext, finding: RunFinding) -> None:
    """Write the report of a run as a page, and note the page and the cost in the finding."""
    from oss_restore.reporting.assembly import report_of
    from oss_restore.reporting.bill_text import total_text
    from oss_restore.reporting.html_page import render
    from oss_restore.reporting.output_files import write_text

    report = report_of(context, finding.run)
    kind = "" if finding.goal == "thaw" else f"-{finding.goal}"
    where = f"-{finding.destination}" if finding.destination else ""
    page = folder / f"{finding.bucket}{kind}{where}.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    write_text(page, render(report))
    finding.page = str(page)
    if report.cost is not None:
        finding.cost = total_text(report.cost)
