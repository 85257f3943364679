"""One invocation on one instance, and every way it can end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Final

from localcloud.fc.instance import Instance, ProcessExitedError, Reply
from localcloud.fc.invocation import nameless_error
from localcloud.fc.model import FunctionSettings
from localcloud.fc.platform import ContextFacts

PAYLOAD_BYTES: Final = 32 * 1024 * 1024  # of a synchronous invocation, in either direction
_LOAD_SECONDS: Final = 300  # imports do not count towards the function's timeout (assumed)


@dataclass(frozen=True)
class CallUsage:
    """The resource usage of an invocation.

    Attributes:
        seconds: duration of the function's own code.
        memory: peak memory in bytes.
        cpu_seconds: CPU time of the process; only known if it responded.
    """

    seconds: float
    memory: int
    cpu_seconds: float = 0.0

    @property
    def milliseconds(self) -> int:
        """Billed duration in milliseconds, rounded up (assumed)."""
        return -int(-self.seconds * 1000 // 1)

    @property
    def megabytes(self) -> str:
        """Peak memory in MB, as FC prints it."""
        return f"{self.memory / 1024 / 1024:.2f}"


@dataclass(frozen=True)
class CallOutcome:
    """The outcome of an invocation: the result, or a description of the error."""

    payload: bytes
    failed: bool
    usage: CallUsage


async def call(
    instance: Instance,
    config: FunctionSettings,
    context: ContextFacts,
    event: bytes,
    *,
    crash_after: float | None = None,
) -> CallOutcome:
    """Run the handler, on a new instance after loading the code and running the initializer.

    Args:
        instance: an idle instance; if it is not idle afterwards, it cannot be reused.
        config: the entry points and limits.
        context: the handler's second argument.
        event: the handler's first argument.
        crash_after: seconds of wall time after which to kill the process, while the handler runs.
    """
    if not instance.loaded:
        prepared = await _prepare(instance, config, context)
        if prepared.failed:
            instance.end()
            return prepared
        instance.loaded = True
    handler = instance.call("invoke", context, event)
    if crash_after is None:
        return await _request(instance, handler, config.timeout, "Function")
    crash = asyncio.get_running_loop().call_later(crash_after, instance.end)
    try:
        return await _request(instance, handler, config.timeout, "Function")
    finally:
        crash.cancel()


async def _prepare(
    instance: Instance, config: FunctionSettings, context: ContextFacts
) -> CallOutcome:
    load = instance.load(config.handler, config.initializer)
    outcome = await _request(instance, load, _LOAD_SECONDS, "Function loading")
    if outcome.failed or not config.initializer:
        return outcome
    initializer = instance.call("initialize", context)
    return await _request(
        instance, initializer, config.initialization_timeout, "Function initialization"
    )


async def _request(
    instance: Instance, request: Coroutine[None, None, Reply], limit: int, entry_point: str
) -> CallOutcome:
    started = time.monotonic()
    try:
        async with asyncio.timeout(limit):
            reply = await request
    except TimeoutError:
        usage = CallUsage(limit, instance.memory)
        message = (
            f"{entry_point} timed out after {limit} seconds (maxMemoryUsage: {usage.megabytes}MB)"
        )
    except ProcessExitedError:
        usage = CallUsage(time.monotonic() - started, instance.memory)
        # As in published errors; HTTP status 200 and the error type are assumed.
        message = (
            "Process exited unexpectedly before completing request "
            f"(duration: {usage.milliseconds}ms, maxMemoryUsage: {usage.megabytes}MB)"
        )
    else:
        usage = CallUsage(reply.seconds, reply.memory, reply.cpu_seconds)
        if len(reply.body) <= PAYLOAD_BYTES:
            return CallOutcome(reply.body, reply.failed, usage)
        message = f"The result is larger than {PAYLOAD_BYTES} bytes"  # assumed
    return CallOutcome(nameless_error(message), failed=True, usage=usage)
