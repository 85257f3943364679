"""Runs that follow another run: their inputs, questions to confirm them, and their start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oss_restore.cli.listing_progress import survey_scope
from oss_restore.clients.context import DeploymentContext
from oss_restore.clients.run_ledger import has_input, ledger_errors, open_ledger, read_input
from oss_restore.language import gettext as _
from oss_restore.language import ngettext
from oss_restore.planning.forecast.prices import load_prices
from oss_restore.planning.survey import Survey, total_objects
from oss_restore.reporting.costs import daily_cost
from oss_restore.runs.run_inputs import (
    RETRY_MANIFEST,
    changed,
    read_run,
    with_manifest,
    write_retry_manifest,
)
from thaw.ledger_layout import run_folder
from thaw.ledger_reading import failures


def prepare_retry(
    context: DeploymentContext,
    before: str,
    name: str,
    changes: Mapping[str, object],
    *,
    died: bool,
) -> tuple[dict[str, Any], int] | None:
    """Make the input of a run over what failed in another, and count its objects; None if none.

    Its manifest is in the report bucket then.

    Args:
        context: the deployment and its cloud.
        before: the run with failures.
        name: name of the new run.
        changes: changes of the input, by JSON names.
        died: whether the run before may have ended before it had a ledger.

    Raises:
        OperatorError: there is no such run, the changes are wrong, or OSS refuses a call.
    """
    deployment = context.reported
    ledger = open_ledger(context.target, deployment, before)
    with ledger_errors(deployment, before):
        if died and not has_input(ledger):
            return None
        given = read_input(ledger)
        run = read_run(given, deployment.environment)
        key = run_folder(deployment.report_prefix, name) + RETRY_MANIFEST
        wanted = changed(with_manifest(given, key), **changes)
        read_run(wanted, deployment.environment)
        to = open_ledger(context.target, deployment, name)
        retried = write_retry_manifest(failures(ledger), run, to)
    return (wanted, retried) if retried else None


def question_of_retry(run: str, objects: int) -> str:
    """Ask whether objects are to be requested again."""
    return ngettext(
        "{objects:,} object of {run} is requested again, at the price of its class and tier."
        " Go on?",
        "{objects:,} objects of {run} are requested again, at the price of their class and tier."
        " Go on?",
        objects,
    ).format(objects=objects, run=run)


def changed_input(context: DeploymentContext, run: str, **changes: object) -> dict[str, Any]:
    """Make a new run's input from another run's, with changes.

    Raises:
        OperatorError: there is no such run, the changes are wrong, or OSS refuses a call.
    """
    with ledger_errors(context.reported, run):
        given = read_input(open_ledger(context.target, context.reported, run))
    wanted = changed(given, **{"dryRun": False, **changes})
    read_run(wanted, context.reported.environment)
    return wanted


def extension_question(context: DeploymentContext, given: Mapping[str, Any], days: int) -> str:
    """Ask about objects that will stay readable for longer, and what that costs."""

    def counted(survey: Survey) -> str:
        return _(
            "{readable:,} objects will stay readable for {days} more days: "
            "about {money:,.2f} CNY for their copies, as far as prices are "
            "known. {frozen:,} frozen objects will be thawed. Continue?"
        ).format(
            readable=total_objects(survey.readable),
            days=days,
            money=daily_cost(survey.readable, load_prices()) * days,
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


def upgrade_question(context: DeploymentContext, given: Mapping[str, Any], tier: str) -> str:
    """Ask about objects that will be requested at a faster tier."""

    def counted(survey: Survey) -> str:
        return _(
            "{thawing:,} objects that are thawing will be requested at "
            "{tier}, at its price. {frozen:,} frozen objects will be thawed "
            "at {tier}, too. Continue?"
        ).format(thawing=total_objects(survey.thawing), tier=tier, frozen=survey.objects)

    return _question(
        context,
        given,
        counted,
        _(
            "The objects in the run's manifest will be requested at {tier}, at its price. Continue?"
        ).format(tier=tier),
    )


def _question(
    context: DeploymentContext,
    given: Mapping[str, Any],
    counted: Callable[[Survey], str],
    uncounted: str,
) -> str:
    run = read_run(given, context.reported.environment)
    if run.manifest is not None:
        return uncounted  # a listing would not count the manifest's objects
    return counted(survey_scope(context, run))
