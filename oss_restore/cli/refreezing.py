"""The work of ``refreeze``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NoReturn

import click

from oss_restore.cli.confirmation import confirm
from oss_restore.cli.console import err, out, print_json, step
from oss_restore.cli.interrupts import interrupted
from oss_restore.cli.listing_progress import listing_progress
from oss_restore.clients.context import DeploymentContext
from oss_restore.clients.run_ledger import ledger_errors, open_ledger, read_input, read_outcomes
from oss_restore.clients.storage import open_bucket, open_store, storage_errors
from oss_restore.errors import ExitStatus
from oss_restore.language import gettext as _
from oss_restore.language import ngettext
from oss_restore.planning.forecast.prices import load_prices
from oss_restore.planning.survey import Survey, survey_bucket, total_objects
from oss_restore.runs.counts import Counts
from oss_restore.runs.restored_copies import (
    CLASSES,
    THAWED,
    Refreeze,
    RefreezeResult,
    refreeze,
)
from oss_restore.runs.scope_listing import objects_in, recorded_objects
from thaw.classification import State
from thaw.lookup import ObjectName
from thaw.page_chunks import Tally
from thaw.prices import Prices
from thaw.retry import RetryPolicy
from thaw.run_input import RunInput
from thaw.usage import CHARGED_REPLICAS, DAYS_OF_MONTH, GIB

_WORKERS = 16


def refreeze_run(context: DeploymentContext, run: str, *, yes: bool) -> RefreezeResult:
    """Freeze the objects that a run has thawed.

    Raises:
        OperatorError: there is no such run, the answer is no, or OSS refuses a call.
    """
    deployment = context.reported
    ledger = open_ledger(context.target, deployment, run)
    with ledger_errors(deployment, run):
        bucket, outcomes = (
            str(read_input(context.workflow, deployment, run, ledger)["bucketName"]),
            read_outcomes(ledger),
        )
        many = "?" if outcomes is None else f"{Counts.of_outcomes(outcomes).submitted:,}"
        confirm(
            lambda: _(
                "The {objects} objects of oss://{bucket} that {run} has thawed "
                "will be frozen. After that they cannot be read, and thawing "
                "them again costs money."
            ).format(run=run, objects=many, bucket=bucket),
            yes=yes,
        )
        return _all(context, bucket, recorded_objects(ledger, THAWED, CLASSES))


def refreeze_bucket(
    context: DeploymentContext, bucket: str, prefix: str, *, yes: bool
) -> RefreezeResult:
    """Freeze the readable objects in a bucket.

    Raises:
        OperatorError: the answer is no, or OSS refuses a call.
    """
    run = RunInput(
        endpoint=context.target.oss, bucket_name=bucket, prefix=prefix, storage_classes=CLASSES
    )

    def question() -> str:
        readable = _survey(context, run).readable
        money = daily_cost(readable, load_prices())
        return _(
            "{objects:,} readable objects in oss://{bucket} will be frozen, "
            "whoever thawed them: their copies cost about {money:,.2f} CNY a "
            "day. After that they cannot be read, and thawing them again "
            "costs money."
        ).format(objects=total_objects(readable), bucket=bucket, money=money)

    confirm(question, yes=yes)
    with storage_errors("oss:ListObjects", bucket):
        readable = objects_in(open_store(context.target, bucket), run, State.READABLE)
        return _all(context, bucket, readable)


def report(done: RefreezeResult, *, as_json: bool) -> NoReturn:
    """Report the results, and end the command."""
    counts = {kind.value: done.counts[kind] for kind in Refreeze if done.counts[kind]}
    if as_json:
        print_json({"counts": counts, "unfinished": done.unfinished, "problems": done.problems})
    else:
        for kind, objects in counts.items():
            out.print_line(f"{kind:16}  {objects:,}")
        err.print_line(
            _(
                "Copies of Archive objects cost nothing and expire by "
                "themselves: they were left alone."
            )
        )
    for problem in done.problems:
        err.print_line(problem)
    if done.counts[Refreeze.STILL_THAWING]:
        err.print_line(
            _(
                "Objects that are still thawing cannot be frozen yet: repeat "
                "this when they are readable."
            )
        )
    if done.counts[Refreeze.DENIED] and done.counts[Refreeze.DENIED] == done.counts.total():
        err.print_line(
            _(
                "Every request was refused. Grant oss:CleanRestoredObject on "
                "these objects to the identity in use."
            )
        )
        raise click.exceptions.Exit(ExitStatus.REFUSED)
    raise click.exceptions.Exit(ExitStatus.FAILED if done.unfinished else ExitStatus.OK)


def _all(context: DeploymentContext, bucket: str, objects: Iterable[ObjectName]) -> RefreezeResult:
    handled = 0
    try:
        with step(_("Freeze objects")) as shown:

            def show(done: RefreezeResult) -> None:
                nonlocal handled
                handled = done.counts.total()
                text = ngettext("{objects:,} object", "{objects:,} objects", handled)
                shown.update(text.format(objects=handled))

            store = open_bucket(context.target, bucket)
            return refreeze(store, objects, workers=_WORKERS, retry=RetryPolicy(), on_progress=show)
    except KeyboardInterrupt as error:
        raise interrupted(
            _("at least {objects:,} were handled; to continue, repeat the command").format(
                objects=handled
            )
        ) from error


def _survey(context: DeploymentContext, run: RunInput) -> Survey:
    with listing_progress() as on_progress, storage_errors("oss:ListObjects", run.bucket_name):
        return survey_bucket(open_store(context.target, run.bucket_name), run, on_progress)


def daily_cost(readable: Mapping[str, Tally], prices: Prices) -> float:
    """Calculate the cost of readable copies per day in CNY, as far as prices are known.

    Args:
        readable: readable objects by class; copies of Archive objects are free.
        prices: the price list.
    """
    charged = ((name, load) for name, load in readable.items() if name in CHARGED_REPLICAS)
    return sum(
        prices.parts[f"oss.replica_gb_months.{name}"].of(load.billed / GIB / DAYS_OF_MONTH, "CNY")
        or 0
        for name, load in charged
    )
