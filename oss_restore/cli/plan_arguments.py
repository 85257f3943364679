"""Plans from the arguments of a command."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from infra.model.environment import Environment
from oss_restore.cli.parameter_types import AMOUNT, WHOLE, shorten
from oss_restore.clients.context import DeploymentContext
from oss_restore.errors import UsageError
from oss_restore.language import gettext as _
from oss_restore.planning.choices import Terms
from oss_restore.planning.forecast.model import DeploymentSettings
from oss_restore.planning.forecast.prices import load_prices
from oss_restore.planning.forecast.workload import Quotas
from oss_restore.runs.run_inputs import read_run
from thaw.prices import Currency
from thaw.run_input import RunInput

# A placeholder for a bucket that does not exist yet, which does not affect time or cost.
_ANYWHERE: Final = {"endpoint": "oss-cn-hangzhou.aliyuncs.com", "bucketName": "bucket"}


def terms(
    environment: Environment | None,
    *,
    quotas: Sequence[str] = (),
    prices: Path | None = None,
    currency: Currency = "CNY",
) -> Terms:
    """Collect the terms of a forecast.

    Args:
        environment: environment that would run it.
        quotas: quotas of the account, as ``NAME=VALUE``.
        prices: a custom price list.
        currency: currency of the bill.

    Raises:
        OperatorError: a quota is unknown, or the price list is invalid.
    """
    changed = _quotas(quotas)
    deployment = DeploymentSettings()
    if environment is not None:
        limits = environment.limits
        deployment = DeploymentSettings(
            environment.functions,
            limits.relay_at_event,
            limits.relay_look_at_event(environment.retry),
            limits.copy_relay_at_event(environment.retry),
            limits.allowance,
        )
        changed = dataclasses.replace(changed, foreach=limits.max_groups_per_page)
    return Terms(changed, deployment, load_prices(prices), currency)


def run_of(context: DeploymentContext, run_input: Mapping[str, object]) -> RunInput:
    """Complete the input of a run on the context's deployment.

    Raises:
        OperatorError: no bucket is named, or a field is wrong.
    """
    environment = context.deployment.environment
    if not run_input.get("bucketName"):
        raise UsageError(_("no bucket given: use --bucket, or bucketName in --input"))
    endpoint = context.target.oss_for_functions_of(str(run_input["bucketName"]))
    whole = {"endpoint": endpoint, **run_input}
    return read_run(whole, environment)


def hypothetical_run(context: DeploymentContext, run_input: Mapping[str, object]) -> RunInput:
    """Complete the input of a run on a bucket that does not exist yet.

    Raises:
        OperatorError: a field is wrong.
    """
    return read_run({**_ANYWHERE, **run_input}, context.named_environment)


def _quotas(assignments: Sequence[str]) -> Quotas:
    known = {field.name: field.default for field in dataclasses.fields(Quotas)}
    changes: dict[str, Any] = {}
    for assignment in assignments:
        name, _equals, value = assignment.partition("=")
        kind = WHOLE if isinstance(known.get(name), int) else AMOUNT
        try:
            changes[name] = kind.convert(value, None, None)
        except click.BadParameter:
            changes[name] = 0
        if name not in known or changes[name] <= 0:
            raise UsageError(
                _("--quota {assignment}: expected NAME=NUMBER, with one of {names}").format(
                    assignment=shorten(assignment), names=", ".join(known)
                )
            )
    return dataclasses.replace(Quotas(), **changes)
