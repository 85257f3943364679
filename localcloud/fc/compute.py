"""Function Compute of an account: functions of both generations, and their invocation."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from pydantic import TypeAdapter

from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.fc import background, call
from localcloud.fc.background import Background, BackgroundCall
from localcloud.fc.code import CodeStore
from localcloud.fc.fault import run_with_fault
from localcloud.fc.fc2_services import Services
from localcloud.fc.fc3_functions import Fc3Functions
from localcloud.fc.invocation import FunctionPath, InvocationResponse
from localcloud.fc.model import Fc3Function, Function, Service
from localcloud.fc.platform import InvocationTarget
from localcloud.fc.runner import Runner
from localcloud.ram.credentials import Principal
from localcloud.ram.model import Ram
from localcloud.sls import LogService


class Generation(Protocol):
    """The functions of one generation, as invocations need them."""

    def resource(self, path: FunctionPath) -> str:
        """Return the resource that RAM checks for an invocation."""

    def target(self, path: FunctionPath) -> InvocationTarget:
        """Return the function to invoke; raise ``CloudError`` if it does not exist."""


@dataclass(frozen=True)
class _State:
    services: dict[str, Service]
    functions: dict[str, Fc3Function] = field(default_factory=dict)


_state = TypeAdapter(_State)


class FunctionCompute:
    """Functions and their execution.

    Args:
        core: the cloud's shared state.
        ram: the account's RAM.
        sls: the account's Log Service, which functions log to.

    Attributes:
        services: the services of FC 2.0, with their functions.
        functions: the functions of FC 3.0.
    """

    def __init__(self, core: Core, ram: Ram, sls: LogService) -> None:
        self.account_id = ram.account_id
        self.region = core.settings.region
        self.ram = ram
        self._core = core
        self._code = CodeStore(core.work, partial(core.journal.touch, "code", self.account_id))
        self._runner = Runner(core, ram, sls, self._code)
        self._background = Background(
            core.clock, partial(core.journal.touch, "invocation", self.account_id)
        )
        self._calls = 0
        self.services = Services(core, sls, self._code, self._runner)
        self.functions = Fc3Functions(core, sls, self._code, self._runner)

    def code(self, checksum: str) -> bytes:
        """Return the zip with a checksum; raise ``FunctionNotFound`` if no function uses it."""
        return self._code.get(checksum)

    def names(self) -> list[str]:
        """Name of every function, after its service's if it has one."""
        return [
            *(
                f"{name}/{own}"
                for name, service in self.services.items()
                for own in service.functions
            ),
            *self.functions,
        ]

    def instances(self) -> list[tuple[str, int]]:
        """Return the function name, with its service if any, and process id of every instance."""
        return self._runner.pids()

    def warnings(self) -> list[str]:
        """Return problems outside of functions, such as lost log lines."""
        refused = self._runner.refused.items()
        return [
            *self._runner.log.warnings,
            *(
                f"function {name} tried to connect to {host}, which was refused"
                for host, name in refused
            ),
        ]

    async def invoke(
        self, caller: Principal, service: str, qualifier: str, function: str, payload: bytes
    ) -> InvocationResponse:
        """Invoke a function and wait for its result. Cancelling this kills the process.

        Args:
            caller: the caller, who needs ``fc:InvokeFunction``.
            service: the function's service; empty in FC 3.0.
            qualifier: version or alias, or empty.
            function: the function's name.
            payload: the function's input.

        Raises:
            AccessDeniedError: the caller is not authorized, or the role cannot be assumed.
            CloudError: ``ServiceNotFound``, ``FunctionNotFound``, ``VersionNotFound``,
                ``AliasNotFound``, ``EntityTooLarge``, ``ResourceExhausted``, or a fault's code.
        """
        path = FunctionPath(service, function, qualifier)
        self._admit(caller, path, payload, call.PAYLOAD_BYTES)
        return await self._run(path, payload)

    def invoke_later(
        self, caller: Principal, service: str, qualifier: str, function: str, payload: bytes
    ) -> str:
        """Invoke a function asynchronously, with FC's retries; return a request id.

        Like :meth:`invoke`, but payloads may have at most 128 KB.
        """
        path = FunctionPath(service, function, qualifier)
        self._admit(caller, path, payload, background.PAYLOAD_BYTES)
        self.start_later(BackgroundCall(path, payload))
        return secrets.token_hex(16)

    def start_later(self, call: BackgroundCall, call_id: str = "") -> None:
        """Start an invocation that :meth:`invoke_later` accepted, possibly before a restart."""
        self._background.start(call, lambda: self._run(call.path, call.payload), call_id)

    def take_later(self, call_id: str, call: BackgroundCall) -> None:
        """Add an invocation that was accepted before a restart; :meth:`resume` starts it."""
        self._background.calls[call_id] = call

    def resume(self) -> None:
        """Resume the invocations that were accepted before a restart."""
        for call_id, accepted in list(self._background.calls.items()):
            self.start_later(accepted, call_id)

    def pending(self, call_id: str) -> BackgroundCall | None:
        """Return an unfinished asynchronous invocation by its id."""
        return self._background.calls.get(call_id)

    def count(self) -> int:
        """Return the number of functions."""
        return sum(1 for _ in self._all())

    def runtimes(self) -> Counter[str]:
        """Return the number of functions per runtime."""
        return Counter(function.config.runtime for function in self._all())

    def changed(self) -> None:
        """Record that services or functions have changed."""
        self._core.journal.touch("fc", self.account_id)

    def find_code(self, checksum: str) -> bytes | None:
        """Return the zip with a checksum, if a function uses it."""
        return self._code.find(checksum)

    def arn(self, resource: str) -> str:
        """Return the ARN of a resource of this account's Function Compute."""
        return f"acs:fc:{self.region}:{self.account_id}:{resource}"

    async def close(self) -> None:
        """Kill all instances and remove the unpacked code."""
        await self._background.close()
        await self._runner.close()
        await self._code.close()

    def snapshot(self) -> object:
        """Return the state without the code, as JSON-compatible data."""
        return _state.dump_python(_State(dict(self.services), dict(self.functions)), mode="json")

    def restore(self, data: object, code: Callable[[str], bytes]) -> None:
        """Restore what :meth:`snapshot` returned to an empty Function Compute.

        Args:
            data: the services and functions.
            code: returns a zip by its checksum.
        """
        state = _state.validate_python(data)
        self.services.take(state.services)
        self.functions.take(state.functions)
        for function in self._all():
            self._code.add(code(function.code_checksum))

    def _all(self) -> Iterator[Function]:
        yield from self.services.functions()
        yield from self.functions.functions()

    def _generation(self, path: FunctionPath) -> Generation:
        return self.services if path.service else self.functions

    def _admit(self, caller: Principal, path: FunctionPath, payload: bytes, limit: int) -> None:
        generation = self._generation(path)
        self.ram.authorize(caller, "fc:InvokeFunction", self.arn(generation.resource(path)))
        generation.target(path)
        if len(payload) > limit:
            raise CloudError("EntityTooLarge", f"the payload is over {limit} bytes")

    async def _run(self, path: FunctionPath, payload: bytes) -> InvocationResponse:
        async def run_once(crash_after: float | None = None) -> InvocationResponse:
            target = self._generation(path).target(path)
            return await self._runner.run(target, payload, crash_after=crash_after)

        with self._core.clock.running(), self._room():
            fault = self._core.faults.pick("fc", "Invoke", path.name)
            return await run_with_fault(run_once, fault)

    @contextmanager
    def _room(self) -> Iterator[None]:
        limit = self._core.settings.limits.fc_instances
        if self._calls >= limit:
            message = f"all {limit} instances that the account may have are busy"
            raise CloudError("ResourceExhausted", message, 429)
        self._calls += 1
        try:
            yield
        finally:
            self._calls -= 1
