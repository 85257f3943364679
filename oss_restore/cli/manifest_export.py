"""The work of ``export-manifest``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from oss_restore.clients.context import DeploymentContext
from oss_restore.clients.run_ledger import ledger_errors, open_ledger, read_input
from oss_restore.clients.storage import open_store, storage_errors
from oss_restore.reporting.output_files import file_errors
from oss_restore.runs.batch_manifest import write
from oss_restore.runs.run_inputs import read_run
from oss_restore.runs.scope_listing import objects_in, recorded_objects
from thaw.classification import State
from thaw.lookup import ObjectName
from thaw.outcomes import FAILURES, Outcome
from thaw.run_input import RunInput


def export(
    context: DeploymentContext,
    *,
    bucket: str,
    prefix: str,
    run: str | None,
    outcomes: Sequence[Outcome],
    to: Path | None,
) -> int:
    """Write a manifest, and return its number of rows.

    Args:
        context: the deployment and its cloud.
        bucket: bucket whose frozen objects to list; empty to list those of a run.
        prefix: prefix of the keys in the bucket.
        run: run whose objects to list.
        outcomes: outcomes of the run's objects to list; failures if empty.
        to: file to write to; None for stdout.

    Raises:
        OperatorError: there is no such run, the file cannot be written, or OSS refuses a call.
    """
    if run is not None:
        deployment = context.reported
        ledger = open_ledger(context.target, deployment, run)
        with ledger_errors(deployment, run):
            run_input = read_run(
                read_input(context.workflow, deployment, run, ledger), deployment.environment
            )
            return _write(recorded_objects(ledger, outcomes or FAILURES), run_input, to)
    scope = RunInput(endpoint=context.target.oss, bucket_name=bucket, prefix=prefix)
    with storage_errors("oss:ListObjects", scope.bucket_name):
        rows = objects_in(open_store(context.target, scope.bucket_name), scope, State.FROZEN)
        return _write(rows, scope, to)


def _write(rows: Iterable[ObjectName], run: RunInput, to: Path | None) -> int:
    with _output(to) as file:
        return write(rows, run.bucket_name, file, versions=run.versions == "all")


@contextmanager
def _output(to: Path | None) -> Iterator[TextIO]:
    if to is None:
        yield sys.stdout
        return
    with file_errors(to), to.open("w", encoding="ascii", newline="") as file:
        yield file
