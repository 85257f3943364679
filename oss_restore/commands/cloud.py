"""``oss-restore cloud``: the local cloud, by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from oss_restore.errors import ExitStatus, OperatorError


def settings_from(
    assignments: Iterable[str],
) -> dict[str, str | float | None]:
    """Reads ``NAME=VALUE`` arguments; a number is a number, ``none`` switches a limit off."""
    changes: dict[str, str | float | None] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise OperatorError(f"--set {assignment}: write NAME=VALUE", status=ExitStatus.USAGE)
        changes[name] = _number(value)
    return changes


def _number(text: str) -> str | float:
    try:
        return int(text)
    except ValueError:
        return text


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
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A switch or a limit; repeatable."),
    ] = None,
) -> None:
    """Run a local cloud in the foreground: OSS, FC, FnF, RAM, STS and a Terraform provider.

    It writes ENDPOINTS once it is ready. Ctrl-C ends it.
    """
    from localcloud.serve import serve  # noqa: PLC0415 - other commands must not pay for it
    from localcloud.settings import Settings, override  # noqa: PLC0415

    settings = Settings(account_id=account, region=region, time_lapse=not real_time, seed=seed)
    try:
        settings = override(settings, settings_from(set_ or ()))
    except ValueError as error:
        raise OperatorError(f"--set: {error}", status=ExitStatus.USAGE) from error
    typer.echo(f"the local cloud is starting; once it answers, {endpoints} tells where", err=True)
    asyncio.run(serve(settings, endpoints=endpoints, state_folder=state))
