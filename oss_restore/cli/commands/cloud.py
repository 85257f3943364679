"""``oss-restore cloud``: the local cloud, by itself."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.installation import require_local_cloud

if TYPE_CHECKING:
    from localcloud.settings import Settings

EXAMPLES = (
    "oss-restore cloud --endpoints cloud.json",
    "oss-restore cloud --endpoints cloud.json --state cloud/ --set equality=strict",
)

Assignments = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="A switch or a limit of the local cloud; repeatable."
    ),
]


def with_assignments(settings: Settings, assignments: Iterable[str]) -> Settings:
    """Settings changed by ``NAME=VALUE`` arguments; ``none`` switches a limit off.

    Raises:
        OperatorError: there is no such switch or limit, or it has no such value.
    """
    from localcloud.settings import override

    changes: dict[str, str | float | None] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise OperatorError(f"--set {assignment}: write NAME=VALUE", status=ExitStatus.USAGE)
        changes[name] = value
    try:
        return override(settings, changes)
    except ValueError as error:
        raise OperatorError(f"--set: {error}", status=ExitStatus.USAGE) from error


def cloud(
    endpoints: Annotated[
        Path, typer.Option(help="Written once the cloud answers: endpoints and keys, as JSON.")
    ],
    state: Annotated[
        Path | None, typer.Option(help="Keep the cloud's state in this folder across restarts.")
    ] = None,
    account: Annotated[str, typer.Option(help="Account id, 16 digits.")] = "1234567890123456",
    region: Annotated[str, typer.Option(help="The cloud's only region.")] = "cn-hangzhou",
    real_time: Annotated[
        bool, typer.Option("--real-time", help="Wait as long as the cloud would.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Makes faults and jitter repeatable.")] = 0,
    until_closed: Annotated[
        bool,
        typer.Option("--until-closed", help="End when the standard input does.", hidden=True),
    ] = False,
    set_: Assignments = None,
) -> None:
    """Run a local cloud in the foreground: OSS, FC, FnF, RAM, STS and a Terraform provider.

    The file ENDPOINTS is there while it answers. Ctrl-C or SIGTERM ends it.
    """
    require_local_cloud("oss-restore cloud")
    from localcloud.errors import CloudError
    from localcloud.serve import serve
    from localcloud.settings import Settings

    if not re.fullmatch(r"\d{16}", account):
        raise OperatorError(f"--account {account}: write 16 digits", status=ExitStatus.USAGE)
    settings = with_assignments(
        Settings(account_id=account, region=region, time_lapse=not real_time, seed=seed),
        set_ or (),
    )
    typer.echo(f"the local cloud is starting; once it answers, {endpoints} tells where", err=True)
    try:
        asyncio.run(
            serve(
                settings,
                endpoints=endpoints,
                state_folder=state,
                until_closed=sys.stdin if until_closed else None,
                report=lambda text: typer.echo(text, err=True),
            )
        )
    except CloudError as error:
        raise OperatorError(f"--state {state}: {error.message}", status=ExitStatus.USAGE) from error
    except OSError as error:
        told = ": ".join(filter(None, (error.filename, error.strerror)))
        raise OperatorError(f"the local cloud cannot run: {told}") from error
