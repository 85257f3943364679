"""The location of a run's records in the report bucket, and the fields of its summary."""

from __future__ import annotations

from typing import Final

SMOKE_RUN: Final = "smoke-"  # prefix of the names of runs that test a deployment
# Files in a run's folder.
MANIFEST_FILES: Final = "manifest/files.json"  # only in runs over a manifest
RETRY_MANIFEST: Final = "retry.csv"  # the objects that failed in the run before it
STOP_MARK: Final = "stop"  # every further call of the run ends with RunStopped


def run_folder(report_prefix: str, run_id: str) -> str:
    """Return the prefix of a run's ledger in the report bucket."""
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
