"""``oss-restore smoke``: proves a deployment with a tiny run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oss_restore.cli.commands.options import AsJson, with_deployment
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.messages.access import NEEDS_ENVIRONMENT

if TYPE_CHECKING:
    from oss_restore.checks.smoke_test import Check
    from oss_restore.clients.context import DeploymentContext

EXAMPLES = ("oss-restore smoke dev", "oss-restore smoke dev --thaw oss://my-archive/one/object")


@with_deployment
def smoke(
    thaw: Annotated[
        str | None,
        typer.Option(help="oss://BUCKET/KEY of an archived object to thaw for real, and pay for."),
    ] = None,
    as_json: AsJson = False,
    *,
    context: DeploymentContext,
) -> None:
    """Prove a deployment: flows, functions, rights and ledger, by a run that sends nothing.

    It works as the role that Terraform assumes, where the environment names one. Exits 1 if
    something is wrong with the deployment.
    """
    from oss_restore.checks.smoke_test import ArchivedObject, Smoke
    from oss_restore.cli.console import out, print_json
    from oss_restore.clients.roles import as_deployer

    found = context.named_environment
    if found is None:
        raise OperatorError(NEEDS_ENVIRONMENT(), status=ExitStatus.USAGE)
    wanted = None if thaw is None else ArchivedObject.parse(thaw, found)
    target = as_deployer(context.target, found)
    checks: list[Check] = []
    for check in Smoke(found, target).checks(wanted):
        checks.append(check)
        if not as_json:
            line = f"✔ {check.name}" if check.ok else f"✘ {check.name}: {check.problem}"
            out.print(line, soft_wrap=True)
    failed = [check for check in checks if not check.ok]
    if as_json:
        told = [{"check": check.name, "ok": check.ok, "problem": check.problem} for check in checks]
        print_json({"environment": found.name, "ok": not failed, "checks": told})
    if failed:
        raise typer.Exit(ExitStatus.FAILED)
