"""``oss-restore smoke``: test a deployment with a tiny run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from oss_restore.cli.command import command
from oss_restore.cli.interrupts import interrupted
from oss_restore.cli.options import deployment_options, json_option, yes_option
from oss_restore.cli.parameter_types import THEN
from oss_restore.errors import ExitStatus, UsageError
from oss_restore.language import gettext as _

if TYPE_CHECKING:
    from oss_restore.checks.smoke_test import Check
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = (
    "oss-restore smoke dev",
    "oss-restore smoke dev --thaw oss://my-archive/one/object",
    "oss-restore smoke dev --then copy:oss://my-new-bucket/archive/",
)


@command(EXAMPLES)
@deployment_options
@click.option("--thaw", help="Thaw this object for real, which costs: oss://BUCKET/KEY.")
@click.option(
    "--then",
    type=THEN,
    help="Archive, thaw and copy or promote a small object, and delete it; values as for start.",
)
@yes_option
@json_option
def smoke(
    context: DeploymentContext,
    *,
    thaw: str | None,
    then: object,
    yes: bool,
    as_json: bool,
) -> None:
    """Test a deployment's flows, functions, permissions and ledger with a run that sends nothing.

    Shows what --thaw would cost, and asks; asks before --then, too. Uses the role that Terraform
    assumes, if the environment names one; --then also uses your own credentials, to put and delete
    its object. Exits 1 if it finds a problem.
    """
    from oss_restore.checks.copy_proof import CopyProof
    from oss_restore.checks.smoke_test import ArchivedObject, Smoke
    from oss_restore.cli.confirmation import confirm
    from oss_restore.cli.console import out, print_json
    from oss_restore.cli.run_start import confirm_plan
    from oss_restore.clients.roles import as_deployer

    environment = context.named_environment
    if environment is None:
        raise UsageError(_("this needs an environment: give the name of its file"))
    archived = None if thaw is None else ArchivedObject.parse(thaw, environment)
    if archived is not None:
        confirm_plan(context, {"bucketName": archived.bucket, **archived.scope}, yes=yes)
    copy = None if then is None else CopyProof.of(environment, then, context.target)
    if copy is not None:
        confirm(copy.describe, yes=yes)
    target = as_deployer(context.target, environment)
    checks: list[Check] = []
    try:
        for check in Smoke(environment, target).checks(archived, copy):
            checks.append(check)
            if not as_json:
                line = f"✔ {check.name}" if check.ok else f"✘ {check.name}: {check.problem}"
                out.print_line(line)
    except KeyboardInterrupt as error:
        consequence = _("a run whose name begins with smoke- may still be running: see `list`")
        raise interrupted(consequence) from error
    failed = [check for check in checks if not check.ok]
    if as_json:
        listed = [
            {"check": check.name, "ok": check.ok, "problem": check.problem} for check in checks
        ]
        print_json({"environment": environment.name, "ok": not failed, "checks": listed})
    if failed:
        raise click.exceptions.Exit(ExitStatus.FAILED)
