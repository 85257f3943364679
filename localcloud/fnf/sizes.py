"""Limits on the size of a step's and an event's data (docs 122493, 2849627)."""

from __future__ import annotations

import json
from typing import Final

import orjson

from fdl.tree import Json
from localcloud.fnf.failures import PAYLOAD_TOO_LARGE, ExecutionFailure
from localcloud.settings import Settings

_KEYS: Final = len('{"input":,"local":}')  # maximum overhead of an event's detail


class Sizes:
    """Measures documents, and ends an execution that exceeds a limit.

    Args:
        settings: the limits, and how sizes are measured.
    """

    def __init__(self, settings: Settings) -> None:
        self._step_limit = settings.limits.step_bytes
        self._event_limit = settings.limits.event_bytes
        self._escapes = settings.switches.size_measure == "escaped"

    def of(self, value: Json) -> int:
        """Measure a document in bytes of JSON text."""
        if self._escapes:
            return len(json.dumps(value, separators=(",", ":")))
        return len(orjson.dumps(value))

    def check_event(self, size: int) -> None:
        """Check the total size of an event's documents."""
        if size + _KEYS > self._event_limit:
            raise ExecutionFailure(
                PAYLOAD_TOO_LARGE,
                f"an event of {size + _KEYS} bytes; the limit is {self._event_limit}",
            )

    def check_step(self, step: str, input_size: int, local: Json, output: Json) -> None:
        """Check the total size of a step's input, local and output."""
        local_size = self.of(local)
        output_size = local_size if output is local else self.of(output)
        total = input_size + local_size + output_size
        if total > self._step_limit:
            raise ExecutionFailure(
                PAYLOAD_TOO_LARGE,
                f"step {step}: input {input_size} + output {output_size} + local {local_size}"
                f" = {total} bytes; the limit is {self._step_limit}",
            )
