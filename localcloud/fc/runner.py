"""Runs functions, with their instances, credentials, logs and metering."""

from __future__ import annotations

import asyncio
import logging
import secrets

from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.fc import logs, platform
from localcloud.fc.builtin_packages import builtin_packages
from localcloud.fc.call import CallOutcome, call
from localcloud.fc.code import CodeStore
from localcloud.fc.instance import Instance, ProcessLimits
from localcloud.fc.interpreters import interpreter
from localcloud.fc.invocation import UNHANDLED, InvocationResponse
from localcloud.fc.model import vcpu_of
from localcloud.fc.platform import InvocationTarget, Location, RoleSessions
from localcloud.fc.pool import Pool
from localcloud.meters import FC_GB_SECONDS, FC_INVOCATIONS, FC_VCPU_SECONDS
from localcloud.ram.credentials import Credential
from localcloud.ram.model import Ram
from localcloud.sls import LogService

_log = logging.getLogger(__name__)


class Runner:
    """The processes of an account's functions.

    Attributes:
        log: ships their output.
        refused: functions that tried to connect to other hosts, by host.
    """

    def __init__(self, core: Core, ram: Ram, sls: LogService, code: CodeStore) -> None:
        self.log = logs.LogShipper(core, ram, sls)
        self.refused: dict[str, str] = {}
        self._core = core
        self._code = code
        self._location = Location(ram.account_id, core.settings.region)
        self._sessions = RoleSessions(ram)
        self._pools: dict[tuple[str, bool], Pool] = {}  # with or without built-in packages
        self._retired: list[Pool] = []
        self._warned: set[str] = set()
        self._closed = False

    async def run(
        self, target: InvocationTarget, event: bytes, *, crash_after: float | None = None
    ) -> InvocationResponse:
        """Invoke the function on an idle or new instance.

        Args:
            target: the function.
            event: its input.
            crash_after: seconds of wall time after which to kill the process.

        Raises:
            CloudError: the role cannot be assumed.
        """
        request_id = secrets.token_hex(16)
        credential = self._sessions.credential(target.role, target.path.name)
        async with self._pool(target, credential).instance() as instance:
            context = platform.context(target, self._location, credential, request_id)
            outcome = await call(instance, target.config, context, event, crash_after=crash_after)
            if not instance.idle:  # broken: its output is complete once it has exited
                instance.end()
                await instance.ended()
            output = instance.take_log()
            self.refused.update((host, target.path.name) for host in instance.refused)
        self._bill(target, outcome)
        text = logs.log_text(output, request_id, target.config.memory_size, outcome.usage)
        self.log.ship(target, credential, request_id, text.splitlines())
        return InvocationResponse(
            payload=outcome.payload,
            error_type=UNHANDLED if outcome.failed else "",
            request_id=request_id,
            log=logs.tail(text),
            code_checksum=target.code_checksum,
        )

    def prepare(self, runtime: str) -> None:
        """Warn if functions of a runtime run on another version of Python.

        Raises:
            CloudError: ``InvalidArgument``, the configured interpreter has another version.
        """
        warning = interpreter(runtime).warning
        if warning and warning not in self._warned:
            self._warned.add(warning)
            _log.warning(warning)

    def retire(self, name: str) -> None:
        """Retire a function's instances after its code or settings changed."""
        self._retired = [pool for pool in self._retired if pool.in_use]
        for key in ((name, False), (name, True)):
            if key in self._pools:
                pool = self._pools.pop(key)
                pool.retire()
                self._retired.append(pool)

    def pids(self) -> list[tuple[str, int]]:
        """Return the function and process id of every live instance."""
        return [(name, pid) for (name, _), pool in self._pools.items() for pid in pool.pids()]

    async def close(self) -> None:
        """End every instance; no function runs afterwards."""
        self._closed = True
        pools = [*self._pools.values(), *self._retired]
        self._pools.clear()
        self._retired.clear()
        await asyncio.gather(*(pool.close() for pool in pools))

    def _pool(self, target: InvocationTarget, credential: Credential | None) -> Pool:
        python = interpreter(target.config.runtime)
        with_packages = self._core.settings.builtin_packages == "present"

        async def start() -> Instance:
            code = await self._code.tree(target.code_checksum)
            packages = await builtin_packages(python) if with_packages else ()
            instance_id = f"c-{secrets.token_hex(8)}"
            variables = platform.environment(
                target, self._location, credential, code=code.folder, instance_id=instance_id
            )
            try:
                scratch = self._core.work.folder(instance_id)
                limits = ProcessLimits.of(target.config)
                return await Instance.start(
                    *(python.path, code, variables),
                    scratch=scratch,
                    limits=limits,
                    network=self._core.network,
                    packages=packages,
                )
            except OSError as error:
                message = f"an instance cannot be started: {error.strerror or error}"
                raise CloudError("ServiceUnavailable", message, 503) from error

        if self._closed:
            raise CloudError("ServiceUnavailable", "Function Compute is shutting down.", 503)
        key = (target.path.name, with_packages)
        if key not in self._pools:
            machine = self._core.settings.machine
            self._pools[key] = Pool(start, machine.processes_per_function, machine.idle_seconds)
        return self._pools[key]

    def _bill(self, target: InvocationTarget, outcome: CallOutcome) -> None:
        meters = self._core.meters
        meters.add(FC_INVOCATIONS)
        config, seconds = target.config, outcome.usage.milliseconds / 1000
        meters.add(FC_VCPU_SECONDS, vcpu_of(config) * seconds)
        meters.add(FC_GB_SECONDS, config.memory_size / 1024 * seconds)
        self._core.function_work.called(
            target.path.name, seconds=seconds, cpu_seconds=outcome.usage.cpu_seconds
        )
