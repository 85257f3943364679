"""The interface to Function Compute: how a task calls a function."""

from __future__ import annotations

from typing import Protocol

from localcloud.ram.credentials import Principal


class InvocationResult(Protocol):
    """The result of a call that Function Compute accepted."""

    @property
    def payload(self) -> bytes:
        """What the function returned, or the JSON that describes its exception."""

    @property
    def error_type(self) -> str:
        """Value of the header ``X-Fc-Error-Type``; empty when the function returned."""


class Invoker(Protocol):
    """Calls functions, in process."""

    async def invoke(
        self, caller: Principal, service: str, qualifier: str, function: str, payload: bytes
    ) -> InvocationResult:
        """Call a function and wait for its end.

        The strand that awaits this holds the clock. Cancelling it ends the function.

        Raises:
            CloudError: Function Compute refused the call (no such function, denied, throttled).
        """

    def invoke_later(
        self, caller: Principal, service: str, qualifier: str, function: str, payload: bytes
    ) -> str:
        """Accept a call to be made in the background, and return its id.

        Raises:
            CloudError: Function Compute refused it.
        """
