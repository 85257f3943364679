"""``oss-restore doctor``: check that a deployment can be used from this machine."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import all_option, deployment_options, json_option
from oss_restore.errors import ExitStatus
from oss_restore.language import gettext as _

if TYPE_CHECKING:
    from oss_restore.checks.check_result import CheckResult
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore doctor dev",
    "oss-restore doctor dev --json",
    "oss-restore doctor --all",
)


@command(EXAMPLES)
@deployment_options
@all_option
@json_option
def doctor(context: DeploymentContext, *, every: bool, as_json: bool) -> None:
    """Check credentials, deployment, permissions, buckets and clock, and suggest remedies.

    Exits 1 if a check fails, or 3 if permissions or credentials are missing. With --all, counts the
    checks of all environments in a table, followed by the problems.
    """
    if every:
        from oss_restore.cli.fleet_display import examine_all

        examine_all(context, as_json=as_json)
        return
    from oss_restore.checks.deployment_checks import examine
    from oss_restore.cli.console import err, print_json
    from oss_restore.cli.next_step import print_command

    findings = []
    for finding in examine(context):
        findings.append(finding)
        if not as_json:
            _print(finding)
    states = [finding.state for finding in findings]
    fails, warns = states.count("fail"), states.count("warn")
    if as_json:
        print_json({"checks": [asdict(finding) for finding in findings]})
    elif fails or warns:
        err.print_line(
            _("{fails} of {count} checks failed, {warns} with warnings").format(
                fails=fails, warns=warns, count=len(findings)
            )
        )
    else:
        err.print_line(_("all checks passed"))
        environment = context.deployment.environment
        if environment is not None:
            bucket = environment.buckets[0].name
            print_command(context.command("plan", "--bucket", bucket))
    if fails:
        refused = any(finding.refused for finding in findings)
        raise click.exceptions.Exit(ExitStatus.REFUSED if refused else ExitStatus.FAILED)


def _print(finding: CheckResult) -> None:
    from oss_restore.cli.console import out

    out.print_line(f"{finding.state:4}  {finding.check}: {finding.found}")
    if finding.to_do:
        out.print_line(f"      {finding.to_do}")
