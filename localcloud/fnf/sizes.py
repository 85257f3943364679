"""How large the data of a step and of an event may be (docs 122493, 2849627)."""

from __future__ import annotations

from typing import Final

from fdl.tree import Json
from localcloud.fnf.documents import measure
from localcloud.fnf.failures import PAYLOAD_TOO_LARGE, ExecutionFailure
from localcloud.settings import Settings

_KEYS: Final = len('{"input":,"local":}')  # what an event's detail adds, at the most


class Sizes:
    """Measures documents, and ends an execution that is beyond a limit.

    Args:
        settings: the limits, and how sizes are measured.
    """

    def __init__(self, settings: Settings) -> None:
        self._step_limit = settings.limits.step_bytes
        self._event_limit = settings.limits.event_bytes
        self.of = measure(settings.switches.size_measure)

    def check_event(self, size: int) -> None:
        """Check an event by the total size of its documents."""
        if size + _KEYS > self._event_limit:
            raise ExecutionFailure(
                PAYLOAD_TOO_LARGE,
                f"an event of {size + _KEYS} bytes; {self._event_limit} is the limit",
            )

    def check_step(self, step: str, given: int, local: Json, output: Json) -> None:
        """Check a step by the size of its input, its local and its output."""
        local_size = self.of(local)
        output_size = local_size if output is local else self.of(output)
        total = given + local_size + output_size
        if total > self._step_limit:
            raise ExecutionFailure(
                PAYLOAD_TOO_LARGE,
                f"step {step}: input {given} + output {output_size} + local {local_size}"
                f" = {total} bytes; {self._step_limit} is the limit",
            )
