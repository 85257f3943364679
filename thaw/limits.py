"""Service limits that a run stays within."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Final

# Limits of Serverless Workflow that the functions' responses stay within (docs 122493).
MAX_FOREACH: Final = 100
MAX_WAIT_SECONDS: Final = 172_800  # of one wait step (docs 122495)
RUN_BYTES: Final = 6 * 1024  # nearly every step carries the run; a longer one is refused

MAX_KEYS: Final = 20_000  # objects of a page to be requested: a few MB in its chunk
MAX_SKIPPED: Final = 20_000  # objects of a page that need no request: a few MB
MAX_SHARDS: Final = 32  # listers of a run
LIST_KEYS: Final = 1000  # the most that a ListObjects response has
MAX_GROUP_SIZE: Final = LIST_KEYS  # so that one listing covers a group

# A run's report is written in full up to this size, which takes about half a minute.
MAX_REPORTED_PARTS: Final = 2_000
MAX_REPORTED_OBJECTS: Final = 200_000

# Default memory of functions in MiB.
DEFAULT_MEMORY: Final = 512
_MEMORY: Final[Mapping[str, int]] = {
    "prepareRun": 256,
    "restoreStatus": 1024,
    "planCopies": 256,
    "summarizeRun": 1024,
    "notifyRun": 256,
}

_CPU_STEP: Final = 0.05
_CPU_PER_GB: Final = 2 / 3  # Function Compute allows 1/4 to 1
_MOST_CPU: Final = 16

# Timeout of each function in FC; their own time budgets end well before it.
FUNCTION_TIMEOUT_SECONDS: Final = 600
# No attempt starts after this time, so that the last one can wait for its connection and response.
RETRY_SECONDS: Final = 0.7 * FUNCTION_TIMEOUT_SECONDS


def vcpu_of(memory: int) -> float:
    """Return the vCPU of a function with a given memory in MiB."""
    steps = math.ceil(round(memory / 1024 * _CPU_PER_GB / _CPU_STEP, 6))
    return min(round(steps * _CPU_STEP, 2), _MOST_CPU)


def memory_of(function: str) -> int:
    """Return the default memory of a function in MiB."""
    return _MEMORY.get(function, DEFAULT_MEMORY)


def json_bytes(value: object) -> int:
    r"""Return the size of a value as JSON in its longest form, with ``\uXXXX`` for non-ASCII."""
    return len(json.dumps(value))
