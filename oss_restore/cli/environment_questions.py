"""Questions about the contents of a new environment file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from pydantic import TypeAdapter, ValidationError

from infra.model.field_types import AccountId, BucketName, Region
from oss_restore.checks.identity import identity_of
from oss_restore.cli.console import err
from oss_restore.cli.environment_template import NewEnvironment, Place
from oss_restore.cli.parameter_types import split_place
from oss_restore.clients.storage import list_buckets
from oss_restore.clients.target import Target, cloud_target, local_target, read_endpoints
from oss_restore.errors import OperatorError, UsageError
from oss_restore.language import gettext as _

_REGION: Final = "cn-hangzhou"
T = TypeVar("T")


def ask_for(
    name: str,
    *,
    account: str | None,
    region: str | None,
    buckets: Sequence[str],
    report_bucket: str | None,
    cloud: Path | None,
) -> NewEnvironment:
    """Ask for values that the options do not set, and offer those that the credentials can list.

    Args:
        name: name of the environment.
        account: id of the main account.
        region: region of the deployment.
        buckets: places to thaw, each a bucket or ``oss://bucket/prefix``.
        report_bucket: an existing report bucket; empty to deploy one.
        cloud: endpoints file of a local cloud.

    Raises:
        OperatorError: nobody can be asked.
        click.Abort: the input has ended, or Ctrl-C was pressed.
    """
    if not (account and region and buckets):
        _require_terminal()
    region = region or _ask(_("Region"), Region, default=_REGION)
    target, known_account = _identify(
        region, account or "", cloud, needed=not (account and buckets)
    )
    account = account or _ask(_("ID of the main account"), AccountId, default=known_account or None)
    regions: dict[str, str] = {}
    places = [split_place(bucket) for bucket in buckets]
    if not places:
        regions = _listed_regions(target)
        places = _ask_buckets([*regions])
        if report_bucket is None:
            report_bucket = click.prompt(
                _("Existing bucket for reports; leave empty for one that is deployed, too"),
                default="",
                show_default=False,
                err=True,
            )
    return NewEnvironment(
        name,
        account,
        region,
        tuple(Place(bucket, prefix, regions.get(bucket, "")) for bucket, prefix in places),
        report_bucket or "",
    )


def _require_terminal() -> None:
    if not sys.stdin.isatty():
        raise UsageError(
            _("cannot ask, since this is not a terminal: nothing was done"),
            hint=_("name --account, --region and --bucket"),
        )


def _identify(
    region: str, account: str, cloud: Path | None, *, needed: bool
) -> tuple[Target | None, str]:
    """Return the cloud and the account of the credentials; None and empty without credentials."""
    if not needed:
        return None, ""
    try:
        target = local_target(read_endpoints(cloud)) if cloud else cloud_target(region, account)
        return target, identity_of(target).account_id
    except OperatorError as error:
        err.print_line(_("Cannot list any choices: {reason}").format(reason=error))
        return None, ""


def _listed_regions(target: Target | None) -> dict[str, str]:
    """Return the regions of the buckets that the credentials can list, by name."""
    if target is None:
        return {}
    try:
        buckets = dict(list_buckets(target))
    except OperatorError as error:
        err.print_line(_("Cannot list any choices: {reason}").format(reason=error))
        return {}
    for number, (bucket, region) in enumerate(buckets.items(), 1):
        err.print_line(f"{number:4}  {bucket}  {region}")
    return buckets


def _ask_buckets(offered: Sequence[str]) -> list[tuple[str, str]]:
    text = _("Buckets to thaw: names or oss://bucket/prefix, separated by commas")
    if offered:
        text = _("Buckets to thaw: numbers, names or oss://bucket/prefix, separated by commas")

    def read(answer: str) -> list[tuple[str, str]]:
        words = [word.strip() for word in answer.split(",") if word.strip()]
        places = [split_place(_numbered_place(word, offered)) for word in words]
        for bucket, _prefix in places:
            validate(bucket, BucketName)
        if not places:
            raise click.BadParameter(_("name at least one bucket"))
        return places

    return _prompt(text, read)


def _numbered_place(word: str, offered: Sequence[str]) -> str:
    if word.isdecimal() and 0 < int(word) <= len(offered):
        return offered[int(word) - 1]
    return word


def _ask(text: str, kind: Any, default: str | None) -> str:
    return _prompt(text, lambda answer: validate(answer.strip(), kind), default)


def _prompt(text: str, read: Callable[[str], T], default: str | None = None) -> T:
    answer: T = click.prompt(text, default=default, value_proc=read, err=True)
    return answer


def validate(value: str, kind: Any) -> str:
    """Return a value after validation as a field of an environment file.

    Raises:
        click.BadParameter: the value is invalid.
    """
    try:
        return str(TypeAdapter(kind).validate_python(value))
    except ValidationError as error:
        details = error.errors()[0]
        message = details.get("ctx", {}).get("message", details["msg"])
        raise click.BadParameter(message) from error
