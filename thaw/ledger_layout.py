"""The location of a run's records in the report bucket, and the fields of its summary."""

from __future__ import annotations

from typing import Final

SMOKE_RUN: Final = "smoke-"  # start of the names of runs that prove a deployment
MANIFEST_FILES: Final = "manifest/files.json"  # of a run over a manifest
RETRY_MANIFEST: Final = "retry.csv"  # in a run's folder: what had failed in the run before it
STOP_MARK: Final = "stop"  # in a run's folder: every further call of the run ends with RunStopped


def run_folder(report_prefix: str, run_id: str) -> str:
    """The prefix of a run's ledger in the report bucket."""
    return f"{report_prefix}runs/{run_id}/"


# Fields of a run's summary, which is its flow's output.
SUMMARY: Final = (
    "runId",
    "dryRun",
    "pages",
    "scanned",
    "listed",
    "parts",
    "planned",
    "bytes",
    "billedBytes",
    "byClass",
    "archived",
    "outcomes",
    "failed",
    "unaccounted",
    "wrongRows",
    "verdict",
    "report",
)
