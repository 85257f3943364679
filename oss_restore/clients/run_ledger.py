"""The ledgers of runs, read from an operator's machine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from pydantic import TypeAdapter

from oss_restore.clients.deployment import Deployment
from oss_restore.clients.storage import open_store, storage_errors
from oss_restore.clients.target import Target
from oss_restore.clients.workflow import RunNotFoundError, WorkflowClient
from oss_restore.errors import ExitStatus, OperatorError, UsageError
from oss_restore.language import gettext as _
from thaw.ledger import Ledger
from thaw.ledger_layout import STOP_MARK, run_folder

_SUMMARY: Final = TypeAdapter(dict[str, object])


def open_ledger(target: Target, deployment: Deployment, run: str) -> Ledger:
    """Open the ledger of a run, whether or not it exists.

    Args:
        target: endpoints and credentials.
        deployment: the run's deployment.
        run: the run's name.
    """
    store = open_store(target, deployment.report_bucket)
    return Ledger(store, deployment.report_prefix, run)


@contextmanager
def ledger_errors(deployment: Deployment, run: str) -> Iterator[None]:
    """Convert errors in reading a run's ledger to messages.

    Raises:
        OperatorError: a call of the ledger raised an error.
    """
    folder = run_folder(deployment.report_prefix, run)
    with storage_errors("oss:GetObject", deployment.report_bucket, folder):
        yield


def read_input(
    workflow: WorkflowClient, deployment: Deployment, run: str, ledger: Ledger
) -> dict[str, Any]:
    """Read the input of a run with its defaults, by JSON names.

    Automatically chosen settings are omitted, so that they are chosen again for a further run.

    Args:
        workflow: client of the service where it runs.
        deployment: the run's deployment.
        run: the run's name.
        ledger: the run's ledger.

    Raises:
        OperatorError: there is no such run, it has not begun yet, or its input was refused.
        RunError: as the ledger's calls.
    """
    text = ledger.read("input.json")
    if text is None:
        raise _no_input(workflow, deployment, run, ledger)
    document: dict[str, Any] = json.loads(text)
    dropped = {"runId", "chosen", *document.get("chosen", ())}
    return {name: value for name, value in document.items() if name not in dropped}


def chosen_for(ledger: Ledger) -> frozenset[str]:
    """Read the settings that were chosen for a run, by JSON names.

    Raises:
        RunError: as the ledger's calls.
    """
    document: dict[str, Any] = json.loads(ledger.read("input.json") or b"{}")
    return frozenset(document.get("chosen", ()))


def _no_input(
    workflow: WorkflowClient, deployment: Deployment, run: str, ledger: Ledger
) -> OperatorError:
    try:
        execution = workflow.describe(deployment.main_flow, run)
    except RunNotFoundError:
        problem = _("there is no ledger at {place}, and no run {run}")
        return UsageError(
            problem.format(place=ledger.url, run=run), hint=_("see the names of runs with `list`")
        )
    if execution.status == "Succeeded":
        return UsageError(
            _("the ledger of {run} is no longer at {place}").format(run=run, place=ledger.url),
            hint=_("see the run's verdict with `status --run {run}`").format(run=run),
        )
    if execution.ended:
        return UsageError(
            _("{run} ended before it had a ledger").format(run=run),
            hint=_("see why with `status --run {run}`").format(run=run),
        )
    return OperatorError(
        _("{run} has started, and has not written its ledger yet").format(run=run),
        hint=_("wait a moment, and try again"),
        status=ExitStatus.UNFINISHED,
    )


def has_input(ledger: Ledger) -> bool:
    """Return whether the run exists and its input was accepted.

    Raises:
        RunError: as the ledger's calls.
    """
    return ledger.read("input.json") is not None


def read_outcomes(ledger: Ledger) -> Mapping[str, int] | None:
    """Read the number of objects by outcome; return None if the run has no summary.

    Raises:
        RunError: as the ledger's calls.
    """
    text = ledger.read("summary.json")
    outcomes: Mapping[str, int] | None = None if text is None else json.loads(text)["outcomes"]
    return outcomes


def mark_stopped(target: Target, deployment: Deployment, run: str, reason: str) -> None:
    """Write the marker that ends all further function calls of a run.

    Args:
        target: endpoints and credentials.
        deployment: the run's deployment.
        run: the run's name.
        reason: message of the ended calls.

    Raises:
        OperatorError: OSS refused to write the marker, or could not be reached.
    """
    key = f"{run_folder(deployment.report_prefix, run)}{STOP_MARK}"
    with storage_errors("oss:PutObject", deployment.report_bucket, key):
        open_store(target, deployment.report_bucket).put(key, reason.encode())


def read_summary(target: Target, deployment: Deployment, run: str) -> dict[str, object] | None:
    """Read the summary of a run; return None if there is none.

    Raises:
        OperatorError: OSS refused to read it, or could not be reached.
        ValidationError: the summary is not a JSON object.
    """
    key = f"{run_folder(deployment.report_prefix, run)}summary.json"
    with storage_errors("oss:GetObject", deployment.report_bucket, key):
        text = open_store(target, deployment.report_bucket).get(key)
    return None if text is None else _SUMMARY.validate_json(text)
