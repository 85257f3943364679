"""``oss-restore smoke``: proves a deployment with a tiny run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from oss_restore.commands.options import AsJson, with_door
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.messages.access import NEEDS_ENVIRONMENT

if TYPE_CHECKING:
    from oss_restore.door import Door
    from oss_restore.smoke import Check

EXAMPLES = ("oss-restore smoke dev", "oss-restore smoke dev --thaw oss://my-archive/one/object")


@with_door
def smoke(
    thaw: Annotated[
        str | None,
        typer.Option(help="oss://BUCKET/KEY of an archived object to thaw for real, and pay for."),
    ] = None,
    as_json: AsJson = False,
    *,
    door: Door,
) -> None:
    """Prove a deployment: flows, functions, rights and ledger, by a run that sends nothing.

    It works as the role that Terraform assumes, where the environment names one. Exits 1 if
    something is wrong with the deployment.
    """
    from oss_restore.console import out, print_json
    from oss_restore.roles import as_deployer
    from oss_restore.smoke import ArchivedObject, Smoke

    found = door.named_environment
    if found is None:
        raise OperatorError(NEEDS_ENVIRONMENT(), status=ExitStatus.USAGE)
    wanted = None if thaw is None else ArchivedObject.parse(thaw, found)
    target = as_deployer(door.target, found)
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
