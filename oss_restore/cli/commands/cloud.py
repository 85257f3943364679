"""``oss-restore cloud``: run a local cloud."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import click

from oss_restore.cli.cloud_settings import with_assignments
from oss_restore.cli.command import command
from oss_restore.cli.options import FILE, complete_environment, folder_option, set_option
from oss_restore.cli.parameter_types import WHOLE
from oss_restore.errors import OperatorError, UsageError
from oss_restore.installation import require_local_cloud
from oss_restore.language import gettext as _

EXAMPLES = (
    "oss-restore cloud --endpoints cloud.json",
    "oss-restore cloud --endpoints cloud.json --environment dev",
    "oss-restore cloud --endpoints cloud.json --state cloud/ --set equality=strict",
)


_ACCOUNT: Final = "1234567890123456"
_REGION: Final = "cn-hangzhou"
_OBJECTS: Final = 500  # in each bucket of an environment


@command(EXAMPLES)
@click.option(
    "--endpoints",
    required=True,
    type=FILE,
    help="File for endpoints and keys, as JSON; written once the cloud is ready.",
)
@click.option("--state", type=FILE, help="Keep the cloud's state in this folder across restarts.")
@click.option(
    "--environment",
    shell_complete=complete_environment,
    help="Use the account and region of this environment, and create its buckets.",
)
@click.option("--account", help=f"Account ID; default: {_ACCOUNT}.")
@click.option("--region", help=f"The cloud's only region; default: {_REGION}.")
@click.option("--real-time", is_flag=True, help="Wait as long as the cloud would.")
@click.option("--offline", is_flag=True, help="Let functions reach nothing but this cloud.")
@click.option(
    "--seed", type=WHOLE, default=0, show_default=True, help="Make faults and jitter repeatable."
)
@click.option("--until-closed", is_flag=True, help="End when the standard input does.", hidden=True)
@folder_option
@set_option
def cloud(
    *,
    endpoints: Path,
    state: Path | None,
    environment: str | None,
    account: str | None,
    region: str | None,
    real_time: bool,
    offline: bool,
    seed: int,
    until_closed: bool,
    folder: Path,
    set_: tuple[str, ...],
) -> None:
    """Run a local cloud in the foreground: OSS, FC, FnF, RAM, SLS and a Terraform provider.

    The file ENDPOINTS exists while the cloud runs. Ctrl-C or SIGTERM stops it. With --environment,
    also writes a copy of that environment's file, with a Terraform state of its own.
    """
    require_local_cloud("oss-restore cloud")
    import asyncio

    from localcloud.errors import CloudError
    from localcloud.serve import serve
    from localcloud.settings import Settings
    from oss_restore.cli.cloud_guide import print_guide
    from oss_restore.cli.console import err

    ready: Callable[[], None] = partial(print_guide, endpoints)
    if environment is not None:
        if account or region:
            raise UsageError(
                _(
                    "--account and --region cannot be combined with --environment: its file sets "
                    "both"
                )
            )
        account, region, ready = _prepared_environment(environment, folder, endpoints)
    settings = with_assignments(
        Settings(
            account_id=_checked_account(account or _ACCOUNT),
            region=region or _REGION,
            time_lapse=not real_time,
            offline=offline,
            seed=seed,
        ),
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
                ready=ready,
            )
        )
    except CloudError as error:
        raise UsageError(f"--state {state}: {error.message}") from error
    except OSError as error:
        reason = ": ".join(filter(None, (error.filename, error.strerror)))
        raise OperatorError(
            _("the local cloud cannot run: {reason}").format(reason=reason)
        ) from error


def _checked_account(account: str) -> str:
    if not re.fullmatch(r"\d{16}", account):
        raise UsageError(
            _("--account {account}: an account ID has 16 digits").format(account=account)
        )
    return account


def _prepared_environment(
    name: str, folder: Path, endpoints: Path
) -> tuple[str, str, Callable[[], None]]:
    """Return an environment's account and region, and a function that prepares it in the cloud."""
    from oss_restore.cli.cloud_guide import print_guide
    from oss_restore.cli.rehearsal.local_copy import create_copy
    from oss_restore.cli.rehearsal.own_environment import own_subject
    from oss_restore.clients.deployment import load_environment

    environment = load_environment(name, folder)
    subject = own_subject(environment)
    workdir = endpoints.with_name(f"{endpoints.stem}.{name}")

    def ready() -> None:
        if subject.receiver is not None:
            subject.receiver.start()
        copy = create_copy(subject, endpoints, workdir, _OBJECTS)
        print_guide(endpoints, name, {"OSS_RESTORE_ENVIRONMENTS": str(copy), **subject.variables})

    return environment.account, environment.region, ready
