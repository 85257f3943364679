"""Following a run to its end, even if the connection is lost meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_delay,
    wait_random_exponential,
)

from oss_restore.clients.workflow import UnreachableError
from oss_restore.runs.state import RunState

_POLL_SECONDS: Final = 5
_PATIENCE_SECONDS: Final = 3 * 3_600  # without a response; a run may take days


class ReadState(Protocol):
    """Reads a run's state, after waiting up to ``wait_seconds`` for its end."""

    def __call__(self, *, wait_seconds: int = 0) -> RunState: ...


def follow(
    read: ReadState,
    show: Callable[[RunState], None],
    *,
    on_disconnect: Callable[[UnreachableError], None],
    poll_seconds: int = _POLL_SECONDS,
) -> RunState:
    """Wait for the end of a run, showing its state.

    Args:
        read: reads the run's state.
        show: called with each state that was read.
        on_disconnect: called when the cloud cannot be reached; the call is retried.
        poll_seconds: seconds between two reads, 1 to 20; the end is noticed at once.

    Raises:
        OperatorError: the cloud refuses a call, or cannot be reached at first or for three hours.
    """

    def notify(call: RetryCallState) -> None:
        error = call.outcome and call.outcome.exception()
        if isinstance(error, UnreachableError):
            on_disconnect(error)

    retrying = Retrying(
        retry=retry_if_exception_type(UnreachableError),
        wait=wait_random_exponential(multiplier=1, max=30),
        stop=stop_after_delay(_PATIENCE_SECONDS),
        before_sleep=notify,
        reraise=True,
    )
    state = read()
    show(state)
    while not state.ended:
        state = retrying(read, wait_seconds=poll_seconds)
        show(state)
    return state
