"""Applies a fault rule to an invocation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Protocol

from localcloud.errors import CloudError
from localcloud.faults import FaultRule
from localcloud.fc.invocation import InvocationResponse


class RunFunction(Protocol):
    """Runs the function once; may kill its process some seconds into the invocation."""

    def __call__(self, crash_after: float | None = None) -> Awaitable[InvocationResponse]: ...


async def run_with_fault(run: RunFunction, fault: FaultRule | None) -> InvocationResponse:
    """Run the function, applying the rule if there is one.

    There is no connection to cut inside the cloud, so ``reset`` fails like ``error``.

    Raises:
        CloudError: the rule's code and status.
    """
    if fault is None:
        return await run()
    match fault.kind:
        case "delay":
            await asyncio.sleep(fault.seconds)
            return await run()
        case "crash":
            return await run(crash_after=fault.seconds)
        case "duplicate":
            await run()
            return await run()
        case "late_error":
            await run()
            raise _refusal(fault)
        case _:
            raise _refusal(fault)


def _refusal(fault: FaultRule) -> CloudError:
    return CloudError(fault.code, "a fault rule refuses this request", fault.status)
