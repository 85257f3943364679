"""Runs over the objects that failed in another run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from io import TextIOWrapper
from typing import Any

from oss_restore.clients.context import DeploymentContext
from oss_restore.clients.run_ledger import has_input, ledger_errors, open_ledger, read_input
from oss_restore.clients.storage import storage_errors
from oss_restore.language import ngettext
from oss_restore.runs import batch_manifest
from oss_restore.runs.run_inputs import read_run, with_changes, with_manifest
from thaw.ledger import Ledger, Part
from thaw.ledger_layout import RETRY_MANIFEST, run_folder
from thaw.ledger_reading import failures
from thaw.run_input import RunInput


def prepare_retry(
    context: DeploymentContext, before: str, name: str, changes: Mapping[str, object], *, died: bool
) -> tuple[dict[str, Any], int] | None:
    """Prepare a run over the objects that failed in another, and write its manifest.

    Args:
        context: the deployment and its cloud.
        before: name of the run with failures.
        name: name of the new run.
        changes: changes of the input, by JSON names.
        died: whether the earlier run may have ended before it had a ledger.

    Returns:
        The new run's input and its number of objects; None if nothing failed.

    Raises:
        OperatorError: there is no such run, the changes are wrong, or OSS refuses a call.
    """
    deployment = context.reported
    ledger = open_ledger(context.target, deployment, before)
    with ledger_errors(deployment, before):
        if died and not has_input(ledger):
            return None
        run_input = read_input(context.workflow, context.reported, before, ledger)
        run = read_run(run_input, deployment.environment)
        key = run_folder(deployment.report_prefix, name) + RETRY_MANIFEST
        retry = with_changes(with_manifest(run_input, key), **changes)
        read_run(retry, deployment.environment)
        to = open_ledger(context.target, deployment, name)
        retried = _write_manifest(failures(ledger), run, to)
    return (retry, retried) if retried else None


def retry_text(before: str, objects: int) -> str:
    """Return a message about the objects that a retry requests."""
    return ngettext(
        "{objects:,} object of {run} is to be requested again.",
        "{objects:,} objects of {run} are to be requested again.",
        objects,
    ).format(objects=objects, run=before)


def _write_manifest(parts: Iterable[Part], run: RunInput, ledger: Ledger) -> int:
    """Write a manifest of failed objects into a new run's folder, and return its number of rows.

    Args:
        parts: failures in the ledger of the earlier run.
        run: input of the earlier run.
        ledger: ledger of the new run; nothing is written if there are no rows.

    Raises:
        OperatorError: OSS refused to write it, or could not be reached.
        RunError: as the ledger's calls.
    """
    rows = ((record.key, record.version_id) for part in parts for record in part.records)
    with tempfile.TemporaryFile() as file:
        text = TextIOWrapper(file, encoding="ascii", newline="")
        written = batch_manifest.write(rows, run.bucket_name, text, versions=run.versions == "all")
        text.flush()
        if written:
            with storage_errors("oss:PutObject", ledger.store.name, ledger.root + RETRY_MANIFEST):
                ledger.write(RETRY_MANIFEST, file)
        text.detach()
    return written
