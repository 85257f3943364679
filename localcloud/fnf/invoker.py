"""The interface through which tasks invoke functions in Function Compute."""

from __future__ import annotations

from typing import Protocol

from localcloud.ram.credentials import Principal


class InvocationResult(Protocol):
    """The result of an invocation that Function Compute accepted."""

    @property
    def payload(self) -> bytes:
        """The function's result, or JSON that describes its exception."""

    @property
    def error_type(self) -> str:
        """Value of the header ``X-Fc-Error-Type``; empty if the function returned."""


class Invoker(Protocol):
    """Invokes functions in process."""

    async def invoke(
        self, caller: Principal, service: str, qualifier: str, function: str, payload: bytes
    ) -> InvocationResult:
        """Invoke a function and wait for its result.

        The awaiting strand holds the clock. Cancelling it kills the function.

        Raises:
            CloudError: Function Compute refused the request (no such function, denied, throttled).
        """

    def invoke_later(
        self, caller: Principal, service: str, qualifier: str, function: str, payload: bytes
    ) -> str:
        """Accept an asynchronous invocation, and return its id.

        Raises:
            CloudError: Function Compute refused the request.
        """
