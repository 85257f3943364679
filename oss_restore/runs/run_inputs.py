"""Parsing the inputs of runs, and changing them for further runs."""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from typing import Any, Final

from infra.model.environment import Environment
from oss_restore.errors import UsageError
from thaw.chosen_settings import Allowance, with_defaults
from thaw.errors import InvalidInput
from thaw.run_input import RunInput
from thaw.run_input_parser import parse_run_input

# Fields for listings, which a run with a manifest must not have.
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
        raise UsageError(str(error)) from error


def with_changes(run_input: Mapping[str, Any], **changes: object) -> dict[str, Any]:
    """Return a run's input with changes by JSON name; None restores the default."""
    return {name: value for name, value in {**run_input, **changes}.items() if value is not None}


def with_manifest(run_input: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return a run's input with a manifest in the report bucket instead of a listing."""
    kept = {name: value for name, value in run_input.items() if name not in _OF_LISTINGS}
    if prefixes := run_input.get("prefixes"):
        kept["prefix"] = os.path.commonprefix(prefixes)  # noqa: RUF071 - keys are no paths
    return with_changes(kept, manifest={"bucket": "", "key": key, "format": "csv"})
