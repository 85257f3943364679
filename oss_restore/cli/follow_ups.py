"""Inputs of runs that follow another run, over the same objects or what failed of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oss_restore.cli.console import err, print_json
from oss_restore.cli.run_results import exit_with
from oss_restore.clients.context import DeploymentContext
from oss_restore.clients.run_ledger import has_input, ledger_errors, open_ledger, read_input
from oss_restore.language import gettext as _
from oss_restore.language import ngettext
from oss_restore.runs.observer import observer_of
from oss_restore.runs.run_inputs import (
    RETRY_MANIFEST,
    changed,
    read_run,
    with_manifest,
    write_retry_manifest,
)
from oss_restore.runs.run_lookup import find_run
from thaw.ledger_layout import run_folder
from thaw.ledger_reading import failures


def changed_input(context: DeploymentContext, run: str | None, **changes: object) -> dict[str, Any]:
    """Make a new run's input from another run's, with changes.

    Args:
        context: the deployment and its cloud.
        run: the run before; None for the last one.
        changes: changes of its input, by JSON names.

    Raises:
        OperatorError: there is no such run, or OSS refuses a call.
    """
    before = run or find_run(context.workflow, context.deployment.main_flow, None).name
    with ledger_errors(context.reported, before):
        given = read_input(
            context.workflow,
            context.reported,
            before,
            open_ledger(context.target, context.reported, before),
        )
    return changed(given, dryRun=False, **changes)


def retry_input(
    context: DeploymentContext,
    run: str | None,
    name: str,
    changes: Mapping[str, object],
    *,
    as_json: bool,
) -> dict[str, Any]:
    """Make the input of a run over what failed in another; if nothing did, end as that has ended.

    Args:
        context: the deployment and its cloud.
        run: the run with failures; None for the last one.
        name: of the new run.
        changes: changes of the input, by JSON names.
        as_json: prints JSON where nothing failed.

    Raises:
        OperatorError: there is no such run, the changes are wrong, or OSS refuses a call.
    """
    before = run or find_run(context.workflow, context.deployment.main_flow, None).name
    verdict = observer_of(context, before).look().verdict
    found = _prepare(context, before, name, changes, died=verdict.ending == "failed")
    if found is None:
        err.print_line(
            _("No object of {run} failed on its own: no run was started.").format(run=before)
        )
        if as_json:
            print_json({"run": None, "objects": 0, "verdict": verdict.to_json()})
        exit_with(verdict, shown=False)
    given, retried = found
    err.print_line(
        ngettext(
            "{objects:,} object of {run} is to be requested again.",
            "{objects:,} objects of {run} are to be requested again.",
            retried,
        ).format(objects=retried, run=before)
    )
    return given


def _prepare(
    context: DeploymentContext, before: str, name: str, changes: Mapping[str, object], *, died: bool
) -> tuple[dict[str, Any], int] | None:
    """Make the input of a run over what failed in another, and count its objects; None if none.

    Its manifest is in the report bucket then.

    Args:
        context: the deployment and its cloud.
        before: the run with failures.
        name: name of the new run.
        changes: changes of the input, by JSON names.
        died: whether the run before may have ended before it had a ledger.
    """
    deployment = context.reported
    ledger = open_ledger(context.target, deployment, before)
    with ledger_errors(deployment, before):
        if died and not has_input(ledger):
            return None
        given = read_input(context.workflow, context.reported, before, ledger)
        run = read_run(given, deployment.environment)
        key = run_folder(deployment.report_prefix, name) + RETRY_MANIFEST
        wanted = changed(with_manifest(given, key), **changes)
        read_run(wanted, deployment.environment)
        to = open_ledger(context.target, deployment, name)
        retried = write_retry_manifest(failures(ledger), run, to)
    return (wanted, retried) if retried else None
