"""Limits of the services that a run stays within."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Final

# Limits of Serverless Workflow that the functions' answers keep (docs 122493).
MAX_FOREACH: Final = 100
RUN_BYTES: Final = 6 * 1024  # the run travels in nearly every step; more is refused at the start

MAX_KEYS: Final = 20_000  # of one page: a few MB in its chunk
MAX_SORTED_OUT: Final = 20_000  # objects of one page that need no request, a few MB
MAX_SHARDS: Final = 32  # listers of one run
LIST_KEYS: Final = 1000  # the most that one ListObjects answer holds
MAX_GROUP_SIZE: Final = LIST_KEYS  # so that one listing shows a group

# Of a run whose report is written in full: read and written in about half a minute.
MAX_REPORTED_PARTS: Final = 2_000
MAX_REPORTED_OBJECTS: Final = 200_000

# MiB that functions have where an environment does not say; the others have the usual.
USUAL_MEMORY: Final = 512
_MEMORY: Final[Mapping[str, int]] = {
    "prepareRun": 256,
    "restoreStatus": 1024,
    "planCopies": 256,
    "summarizeRun": 1024,
    "notifyRun": 256,
}

_CPU_STEP: Final = 0.05
_CPU_PER_GB: Final = 2 / 3  # between the 1 and the 1/4 that Function Compute offers
_MOST_CPU: Final = 16

# What FC has to allow each function: their own time budgets end well before it.
FUNCTION_TIMEOUT_SECONDS: Final = 600


def vcpu_of(memory: int) -> float:
    """The vCPU that a function with so many MiB is given."""
    steps = math.ceil(round(memory / 1024 * _CPU_PER_GB / _CPU_STEP, 6))
    return min(round(steps * _CPU_STEP, 2), _MOST_CPU)


def memory_of(function: str) -> int:
    """The MiB that a function has where an environment does not say."""
    return _MEMORY.get(function, USUAL_MEMORY)


def json_bytes(value: object) -> int:
    r"""Bytes of a value as JSON with every non-ASCII character as ``\uXXXX``, the longest form."""
    return len(json.dumps(value))
