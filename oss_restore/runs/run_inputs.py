"""The inputs of runs: parsed, and changed for the runs that follow."""

from __future__ import annotations

import os.path
import tempfile
from collections.abc import Iterable, Mapping
from io import TextIOWrapper
from typing import Any, Final

from infra.model.environment import Environment
from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.runs import batch_manifest
from thaw.chosen_settings import Allowance, with_defaults
from thaw.errors import InvalidInput
from thaw.ledger import Ledger, Part
from thaw.run_input import RunInput
from thaw.run_input_parser import parse_run_input

RETRY_MANIFEST: Final = "retry.csv"  # in the new run's folder: what it is to thaw

# What a listing needs, and a manifest refuses.
_OF_LISTINGS: Final = ("marker", "until", "prefixes", "shards")


def read_run(run_input: Mapping[str, object], environment: Environment | None) -> RunInput:
    """Parse the input of a run, with the defaults of the environment and the contract.

    Raises:
        OperatorError: naming every field that is wrong.
    """
    allowance, defaults = Allowance(), {}
    if environment is not None:
        allowance = environment.limits.allowance
        defaults = environment.run_defaults.to_json()
    try:
        given = with_defaults(run_input, defaults)
        return parse_run_input(given, foreach_limit=allowance.groups, allowance=allowance)
    except InvalidInput as error:
        raise OperatorError(str(error), status=ExitStatus.USAGE) from error


def changed(given: Mapping[str, Any], **changes: object) -> dict[str, Any]:
    """Change a run's input by JSON names; None restores the default."""
    return {name: value for name, value in {**given, **changes}.items() if value is not None}


def with_manifest(given: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Change a run's input to a manifest in the report bucket."""
    kept = {name: value for name, value in given.items() if name not in _OF_LISTINGS}
    if prefixes := given.get("prefixes"):
        kept["prefix"] = os.path.commonprefix(prefixes)  # noqa: RUF071 - keys are no paths
    return changed(kept, manifest={"bucket": "", "key": key, "format": "csv"})


def write_retry_manifest(parts: Iterable[Part], run: RunInput, ledger: Ledger) -> int:
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
            ledger.write(RETRY_MANIFEST, file)
        text.detach()
    return written
