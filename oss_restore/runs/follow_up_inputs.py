"""Inputs of runs that follow another: again, for what failed, for longer, or faster."""

from __future__ import annotations

import os.path
import tempfile
from collections.abc import Iterable, Mapping
from io import TextIOWrapper
from typing import Any, Final

from oss_restore.runs import batch_manifest
from thaw.ledger import Ledger, Part
from thaw.run_input import RunInput

RETRIED: Final = "retry.csv"  # in the new run's folder: what it is to thaw

# What a listing needs, and a manifest refuses.
_OF_LISTINGS: Final = ("marker", "until", "prefixes", "shards")


def again(given: Mapping[str, Any], **changes: object) -> dict[str, Any]:
    """Change a run's input by JSON names; None restores the default."""
    return {name: value for name, value in {**given, **changes}.items() if value is not None}


def over_manifest(given: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Change a run's input to a manifest in the report bucket."""
    kept = {name: value for name, value in given.items() if name not in _OF_LISTINGS}
    if prefixes := given.get("prefixes"):
        kept["prefix"] = os.path.commonprefix(prefixes)  # noqa: RUF071 - keys are no paths
    return again(kept, manifest={"bucket": "", "key": key, "format": "csv"})


def write_retried(parts: Iterable[Part], run: RunInput, ledger: Ledger) -> int:
    """Write the manifest of what failed into a new run's folder, and return its number of rows.

    Args:
        parts: of the ledger of the run before.
        run: its input.
        ledger: the new run's; nothing is written where there are no rows.

    Raises:
        RunError: as the ledger's calls.
    """
    rows = ((one.key, one.version_id) for part in parts for one in part.records)
    with tempfile.TemporaryFile() as file:
        text = TextIOWrapper(file, encoding="ascii", newline="")
        written = batch_manifest.write(rows, run.bucket_name, text, versions=run.versions == "all")
        text.flush()
        if written:
            ledger.write(RETRIED, file)
        text.detach()
    return written
