"""``oss-restore rehearse``: deploy and run everything on a local cloud."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from oss_restore.cli.command import command
from oss_restore.cli.commands.cloud import with_assignments
from oss_restore.cli.options import FILE, json_option, set_option
from oss_restore.cli.parameter_types import Whole
from oss_restore.errors import ExitStatus
from oss_restore.installation import require_checkout

if TYPE_CHECKING:
    from infra.model.generations import Generation
    from oss_restore.cli.rehearsal.findings import RehearsalReport
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = ("oss-restore rehearse", "oss-restore rehearse --objects 5000 --bulk --json")


@command(EXAMPLES)
@click.option(
    "--objects",
    type=Whole(0),
    default=500,
    show_default=True,
    help="How many objects the bucket holds.",
)
@click.option("--bulk", is_flag=True, help="Let the run choose its settings.")
@click.option(
    "--generation",
    type=Whole(2, 3),
    default=2,
    show_default=True,
    help="Generation of Function Compute to deploy to.",
)
@click.option("--keep", type=FILE, help="Keep logs and Terraform's state in this folder.")
@set_option
@json_option
def rehearse(
    *,
    objects: int,
    bulk: bool,
    generation: int,
    keep: Path | None,
    set_: tuple[str, ...],
    as_json: bool,
) -> None:
    """Deploy into a local cloud, thaw a bucket, verify it and clean up. Needs no account.

    Exits 1, with the cause, if anything is not as it should be.
    """
    require_checkout("oss-restore rehearse")
    from localcloud.settings import Settings
    from oss_restore.cli.console import err, out, print_json
    from oss_restore.cli.rehearsal import scenario
    from oss_restore.cli.rehearsal.cdktf import PROJECT
    from oss_restore.cli.rehearsal.findings import print_report
    from oss_restore.cli.rehearsal.preflight import preflight_line

    with_assignments(Settings(), set_)  # refuses invalid ones before anything starts
    err.print_line(preflight_line())
    arguments = [part for assignment in set_ for part in ("--set", assignment)]
    run_input = scenario.CHOSEN_INPUT if bulk else scenario.ARTICLE_INPUT
    plan = scenario.RehearsalPlan(objects, run_input, arguments, cast("Generation", generation))
    page = (keep.resolve() if keep else PROJECT / "build") / "rehearsal.html"
    report = scenario.rehearse(plan, partial(_keep_report, page), keep=keep)
    if as_json:
        print_json(report.model_dump())
    else:
        print_report(report, out)
    for problem in report.problems:
        err.print_line(f"✘ {problem}", style="red")
    if report.problems:
        raise click.exceptions.Exit(ExitStatus.FAILED)


def _keep_report(
    page: Path, context: DeploymentContext, run: str, findings: RehearsalReport
) -> None:
    from oss_restore.reporting.assembly import report_of
    from oss_restore.reporting.bill_text import total_text
    from oss_restore.reporting.html_page import render
    from oss_restore.reporting.output_files import write_text

    found = report_of(context, run)
    page.parent.mkdir(parents=True, exist_ok=True)
    write_text(page, render(found))
    findings.page = str(page)
    if found.cost is not None:
        findings.cost = total_text(found.cost)
