"""``oss-restore cloud``: run a local cloud."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from oss_restore.cli.command import command
from oss_restore.cli.options import FILE, set_option
from oss_restore.cli.parameter_types import WHOLE
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.installation import require_local_cloud
from oss_restore.language import gettext as _

if TYPE_CHECKING:
    from localcloud.settings import Settings

EXAMPLES = (
    "oss-restore cloud --endpoints cloud.json",
    "oss-restore cloud --endpoints cloud.json --state cloud/ --set equality=strict",
)


def with_assignments(settings: Settings, assignments: Iterable[str]) -> Settings:
    """Apply ``NAME=VALUE`` arguments to settings; ``none`` turns a limit off.

    Raises:
        OperatorError: there is no such switch or limit, or it has no such value.
    """
    from localcloud.settings import override

    changes: dict[str, str | float | None] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise OperatorError(
                _("--set {assignment}: expected NAME=VALUE").format(assignment=assignment),
                status=ExitStatus.USAGE,
            )
        changes[name] = value
    try:
        return override(settings, changes)
    except ValueError as error:
        raise OperatorError(f"--set: {error}", status=ExitStatus.USAGE) from error


@command(EXAMPLES)
@click.option(
    "--endpoints",
    required=True,
    type=FILE,
    help="Written once the cloud answers: endpoints and keys, as JSON.",
)
@click.option("--state", type=FILE, help="Keep the cloud's state in this folder across restarts.")
@click.option("--account", default="1234567890123456", show_default=True, help="Account ID.")
@click.option("--region", default="cn-hangzhou", show_default=True, help="The cloud's only region.")
@click.option("--real-time", is_flag=True, help="Wait as long as the cloud would.")
@click.option(
    "--seed", type=WHOLE, default=0, show_default=True, help="Makes faults and jitter repeatable."
)
@click.option("--until-closed", is_flag=True, help="End when the standard input does.", hidden=True)
@set_option
def cloud(
    *,
    endpoints: Path,
    state: Path | None,
    account: str,
    region: str,
    real_time: bool,
    seed: int,
    until_closed: bool,
    set_: tuple[str, ...],
) -> None:
    """Run a local cloud in the foreground: OSS, FC, FnF, RAM, SLS and a Terraform provider.

    The file ENDPOINTS is there while it answers. Ctrl-C or SIGTERM ends it.
    """
    require_local_cloud("oss-restore cloud")
    import asyncio

    from localcloud.errors import CloudError
    from localcloud.serve import serve
    from localcloud.settings import Settings
    from oss_restore.cli.console import err

    if not re.fullmatch(r"\d{16}", account):
        raise OperatorError(
            _("--account {account}: an account ID has 16 digits").format(account=account),
            status=ExitStatus.USAGE,
        )
    settings = with_assignments(
        Settings(account_id=account, region=region, time_lapse=not real_time, seed=seed),
        set_,
    )
    err.print_line(
        _("Starting the local cloud; its endpoints will be in {path}").format(path=endpoints)
    )
    try:
        asyncio.run(
            serve(
                settings,
                endpoints=endpoints,
                state_folder=state,
                until_closed=sys.stdin if until_closed else None,
                report=err.print_line,
            )
        )
    except CloudError as error:
        raise OperatorError(f"--state {state}: {error.message}", status=ExitStatus.USAGE) from error
    except OSError as error:
        reason = ": ".join(filter(None, (error.filename, error.strerror)))
        raise OperatorError(
            _("the local cloud cannot run: {reason}").format(reason=reason)
        ) from error
