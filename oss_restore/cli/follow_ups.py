"""Inputs of runs that follow another run, and the questions to confirm them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from oss_restore.cli.console import step
from oss_restore.clients.context import DeploymentContext
from oss_restore.clients.run_ledger import ledger_errors, open_ledger, read_input
from oss_restore.clients.storage import open_store, storage_errors
from oss_restore.language import gettext as _
from oss_restore.language import ngettext
from oss_restore.planning.forecast.prices import load_prices
from oss_restore.planning.run_plan import read_run
from oss_restore.planning.survey import ObjectLoad, Survey, survey_bucket
from oss_restore.reporting.costs import money_a_day
from oss_restore.runs.follow_up_inputs import (
    RETRIED,
    again,
    over_manifest,
    write_retried,
)
from thaw.ledger_layout import run_folder
from thaw.ledger_reading import failures
from thaw.run_input import RunInput


def prepare_retry(
    context: DeploymentContext, before: str, name: str, changes: Mapping[str, object]
) -> tuple[dict[str, Any], int]:
    """Make the input of a run over what failed in another, and count its objects.

    Its manifest is in the report bucket then.

    Args:
        context: the deployment and its cloud.
        before: the run that had failures.
        name: of the new one.
        changes: of the input, by JSON names.

    Raises:
        OperatorError: there is no such run, the changes are wrong, or OSS refuses a call.
    """
    deployment = context.reported
    ledger = open_ledger(context.target, deployment, before)
    with ledger_errors(deployment, before):
        given = read_input(ledger)
        run = read_run(given, deployment.environment)
        key = run_folder(deployment.report_prefix, name) + RETRIED
        wanted = again(over_manifest(given, key), **changes)
        read_run(wanted, deployment.environment)
        to = open_ledger(context.target, deployment, name)
        return wanted, write_retried(failures(ledger), run, to)


def input_of(context: DeploymentContext, run: str, **changes: object) -> dict[str, Any]:
    """Make a new run's input from another run's, with changes.

    Raises:
        OperatorError: there is no such run, the changes are wrong, or OSS refuses a call.
    """
    with ledger_errors(context.reported, run):
        given = read_input(open_ledger(context.target, context.reported, run))
    wanted = again(given, **{"dryRun": False, **changes})
    read_run(wanted, context.reported.environment)
    return wanted


def question_of_extension(context: DeploymentContext, given: Mapping[str, Any], days: int) -> str:
    """Ask about objects that will stay readable for longer, and what that costs."""

    def counted(survey: Survey) -> str:
        return _(
            "{readable:,} objects will stay readable for {days} more days: "
            "about {money:,.2f} CNY for their copies, as far as prices are "
            "known. {frozen:,} frozen objects will be thawed. Continue?"
        ).format(
            readable=objects(survey.readable),
            days=days,
            money=money_a_day(survey.readable, load_prices()) * days,
            frozen=survey.objects,
        )

    return _question(
        context,
        given,
        counted,
        _(
            "The objects in the run's manifest will stay readable for {days} "
            "more days, which costs money; frozen ones will be thawed. "
            "Continue?"
        ).format(days=days),
    )


def question_of_upgrade(context: DeploymentContext, given: Mapping[str, Any], tier: str) -> str:
    """Ask about objects that will be requested at a faster tier."""

    def counted(survey: Survey) -> str:
        return _(
            "{thawing:,} objects that are thawing will be requested at "
            "{tier}, at its price. {frozen:,} frozen objects will be thawed "
            "at {tier}, too. Continue?"
        ).format(thawing=objects(survey.thawing), tier=tier, frozen=survey.objects)

    return _question(
        context,
        given,
        counted,
        _(
            "The objects in the run's manifest will be requested at {tier}, at its price. Continue?"
        ).format(tier=tier),
    )


def objects(loads: Mapping[str, ObjectLoad]) -> int:
    """Count the objects of all classes."""
    return sum(load.objects for load in loads.values())


def count(context: DeploymentContext, run: RunInput) -> Survey:
    """Count the objects in a run's scope by listing, with progress on stderr.

    Raises:
        OperatorError: OSS refuses a call.
    """
    with step(_("Count objects")) as shown, storage_errors("oss:ListObjects", run.bucket_name):
        return survey_bucket(
            open_store(context.target, run.bucket_name),
            replace(run, extend_readable=False, upgrade_tier=False),
            lambda scanned, _key: shown.say(
                ngettext("{objects:,} object", "{objects:,} objects", scanned).format(
                    objects=scanned
                )
            ),
        )


def _question(
    context: DeploymentContext,
    given: Mapping[str, Any],
    counted: Callable[[Survey], str],
    uncounted: str,
) -> str:
    run = read_run(given, context.reported.environment)
    if run.manifest is not None:
        return uncounted  # its objects are told by the manifest, not by a listing
    return counted(count(context, run))
