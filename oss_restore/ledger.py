"""The runs' ledgers, as an operator's machine reaches them."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from functions.contract import STOP_MARK, run_folder
from oss_restore.deployment import Deployment
from oss_restore.storage import open_store, storage_errors
from oss_restore.target import Target

_SUMMARY: Final = TypeAdapter(dict[str, object])


def mark_stopped(target: Target, deployment: Deployment, run: str, reason: str) -> None:
    """Makes every further function call of a run end.

    Args:
        target: where to call, and as whom.
        deployment: whose run.
        run: its name.
        reason: what the calls say.

    Raises:
        OperatorError: OSS refused to write the mark, or could not be reached.
    """
    key = f"{run_folder(deployment.report_prefix, run)}{STOP_MARK}"
    with storage_errors("oss:PutObject", deployment.report_bucket, key):
        open_store(target, deployment.report_bucket).put(key, reason.encode())


def read_summary(target: Target, deployment: Deployment, run: str) -> dict[str, object] | None:
    """A run's summary, as its ledger has it; None where there is none.

    Raises:
        OperatorError: OSS refused to read it, or could not be reached.
        ValidationError: it is no JSON object.
    """
    key = f"{run_folder(deployment.report_prefix, run)}summary.json"
    with storage_errors("oss:GetObject", deployment.report_bucket, key):
        text = open_store(target, deployment.report_bucket).get(key)
    return None if text is None else _SUMMARY.validate_json(text)
