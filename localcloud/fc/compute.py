"""Function Compute of one account: its services and functions, and calling them."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple

from pydantic import TypeAdapter

from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.fc import background, call
from localcloud.fc.background import Background
from localcloud.fc.code import CodeStore
from localcloud.fc.fault import run_with_fault
from localcloud.fc.invocation import Invocation
from localcloud.fc.model import (
    Function,
    FunctionConfig,
    Service,
    ServiceConfig,
    check_function,
    check_name,
)
from localcloud.fc.platform import Target
from localcloud.fc.runner import Runner
from localcloud.ram.credentials import Principal
from localcloud.ram.model import Ram
from localcloud.sls import LogService

LATEST: Final = "LATEST"
FUNCTIONS_PER_SERVICE: Final = 50


class _Path(NamedTuple):
    """Which function a call means. FC 3.0's functions would have an empty service."""

    service: str
    qualifier: str
    function: str

    @property
    def resource(self) -> str:
        """What RAM is asked about."""
        service = f"{self.service}.{self.qualifier}" if self.qualifier else self.service
        return f"services/{service}/functions/{self.function}"


@dataclass(frozen=True)
class _State:
    services: dict[str, Service]
    code: dict[str, str]  # zip by checksum, as base64


_state = TypeAdapter(_State)


class FunctionCompute:
    """Services and functions of FC 2.0.

    Args:
        core: of the cloud.
        ram: of the account.
        sls: of the account, where functions log to.
    """

    def __init__(self, core: Core, ram: Ram, sls: LogService) -> None:
        self.account_id = ram.account_id
        self.region = core.settings.region
        self.ram = ram
        self.services: dict[str, Service] = {}
        self._core = core
        self._sls = sls
        self._code = CodeStore()
        self._runner = Runner(core, ram, sls, self._code)
        self._background = Background(core.clock)
        self._calls = 0

    def service(self, name: str) -> Service:
        """The service of that name; ``ServiceNotFound`` if there is none."""
        try:
            return self.services[name]
        except KeyError:
            raise CloudError("ServiceNotFound", f"service {name!r} does not exist", 404) from None

    def create_service(self, name: str, config: ServiceConfig) -> Service:
        """Makes a service; ``ServiceAlreadyExists``, ``InvalidArgument``."""
        check_name("service", name)
        if name in self.services:
            raise CloudError("ServiceAlreadyExists", f"service {name!r} already exists", 409)
        self._check_service(config)
        now = self._core.clock.now()
        self.services[name] = Service(name, secrets.token_hex(16), config, now, now)
        return self.services[name]

    def update_service(self, name: str, config: ServiceConfig) -> Service:
        """Changes a service; its functions' instances start anew."""
        service = self.service(name)
        self._check_service(config)
        service.config, service.modified_at = config, self._core.clock.now()
        for function in service.functions:
            self._runner.retire(f"{name}/{function}")
        return service

    def delete_service(self, name: str) -> None:
        """Removes a service; ``ServiceNotEmpty`` while it has functions."""
        if self.service(name).functions:
            raise CloudError("ServiceNotEmpty", f"service {name!r} still has functions", 409)
        del self.services[name]

    def function(self, service: str, name: str) -> Function:
        """A service's function; ``ServiceNotFound``, ``FunctionNotFound``."""
        try:
            return self.service(service).functions[name]
        except KeyError:
            message = f"function {name!r} does not exist in service {service!r}"
            raise CloudError("FunctionNotFound", message, 404) from None

    def create_function(
        self, service: str, name: str, config: FunctionConfig, code: bytes
    ) -> Function:
        """Makes a function.

        Args:
            service: where.
            name: of the function.
            config: what is set about it.
            code: a zip with the handler's file at its root.

        Raises:
            CloudError: ``ServiceNotFound``, ``FunctionAlreadyExists``, ``InvalidArgument``,
                ``LimitExceeded``.
        """
        functions = self.service(service).functions
        check_name("function", name)
        if name in functions:
            raise CloudError("FunctionAlreadyExists", f"function {name!r} already exists", 409)
        if len(functions) >= FUNCTIONS_PER_SERVICE:
            message = f"service {service!r} has {FUNCTIONS_PER_SERVICE} functions, the most allowed"
            raise CloudError("LimitExceeded", message)
        check_function(config)
        now = self._core.clock.now()
        functions[name] = Function(
            name=name,
            function_id=secrets.token_hex(16),
            config=config,
            code_checksum=self._code.add(code),
            code_size=len(code),
            created_at=now,
            modified_at=now,
        )
        return functions[name]

    def update_function(
        self, service: str, name: str, config: FunctionConfig, code: bytes | None = None
    ) -> Function:
        """Changes a function, and its code unless that is None; its instances start anew."""
        function = self.function(service, name)
        check_function(config)
        if code is not None:
            function.code_checksum, function.code_size = self._code.add(code), len(code)
        function.config, function.modified_at = config, self._core.clock.now()
        self._runner.retire(f"{service}/{name}")
        self._forget_code()
        return function

    def delete_function(self, service: str, name: str) -> None:
        """Removes a function; calls that it is in run to their end."""
        self.function(service, name)
        del self.service(service).functions[name]
        self._runner.retire(f"{service}/{name}")
        self._forget_code()

    def code(self, checksum: str) -> bytes:
        """A function's zip, by its checksum; ``FunctionNotFound`` if no function has it."""
        return self._code.get(checksum)

    def instances(self) -> list[tuple[str, int]]:
        """``service/function`` and process id of every living instance."""
        return self._runner.pids()

    def warnings(self) -> list[str]:
        """What went wrong beside the functions themselves, such as log lines that were lost."""
        return list(self._runner.log.warnings)

    async def invoke(
        self, caller: Principal, service: str, qualifier: str, function: str, payload: bytes
    ) -> Invocation:
        """Calls a function and waits for its end. A cancelled call ends its process.

        Args:
            caller: needs ``fc:InvokeFunction``.
            service: of the function.
            qualifier: version or alias, or empty.
            function: its name.
            payload: what it is given.

        Raises:
            AccessDeniedError: the caller may not, or the service's role cannot be assumed.
            CloudError: ``ServiceNotFound``, ``FunctionNotFound``, ``VersionNotFound``,
                ``AliasNotFound``, ``EntityTooLarge``, ``ResourceExhausted``, or a fault's code.
        """
        path = _Path(service, qualifier, function)
        self._admit(caller, path, payload, call.PAYLOAD_BYTES)
        return await self._run(path, payload)

    def invoke_later(
        self, caller: Principal, service: str, qualifier: str, function: str, payload: bytes
    ) -> str:
        """Calls a function in the background, and retries as FC does; returns a request id.

        Takes and refuses the same as :meth:`invoke`, and payloads of at most 128 KB.
        """
        path = _Path(service, qualifier, function)
        self._admit(caller, path, payload, background.PAYLOAD_BYTES)
        self._background.start(lambda: self._run(path, payload))
        return secrets.token_hex(16)

    def check_qualifier(self, service: str, qualifier: str) -> None:
        """Refuses what a service does not have: it has ``LATEST``, no versions and no aliases."""
        self.service(service)
        if qualifier.isdigit():
            message = f"version {qualifier!r} of service {service!r} does not exist"
            raise CloudError("VersionNotFound", message, 404)
        if qualifier not in ("", LATEST):
            message = f"alias {qualifier!r} of service {service!r} does not exist"
            raise CloudError("AliasNotFound", message, 404)

    def arn(self, resource: str) -> str:
        """ARN of something of this account's Function Compute."""
        return f"acs:fc:{self.region}:{self.account_id}:{resource}"

    async def close(self) -> None:
        """Ends every instance and removes the unpacked code."""
        await self._background.close()
        await self._runner.close()
        await self._code.close()

    def snapshot(self) -> object:
        """Everything, as JSON-able data."""
        checksums = self._checksums()
        code = {c: base64.b64encode(self._code.get(c)).decode() for c in sorted(checksums)}
        return _state.dump_python(_State(self.services, code), mode="json")

    def restore(self, data: object) -> None:
        """Takes in what :meth:`snapshot` gave, in place of what there is."""
        state = _state.validate_python(data)
        for code in state.code.values():
            self._code.add(base64.b64decode(code))
        self.services = state.services

    def _admit(self, caller: Principal, path: _Path, payload: bytes, limit: int) -> None:
        self.ram.authorize(caller, "fc:InvokeFunction", self.arn(path.resource))
        self.check_qualifier(path.service, path.qualifier)
        self.function(path.service, path.function)
        if len(payload) > limit:
            raise CloudError("EntityTooLarge", f"the payload is over {limit} bytes")

    async def _run(self, path: _Path, payload: bytes) -> Invocation:
        async def once(crash_after: float | None = None) -> Invocation:
            return await self._runner.run(self._target(path), payload, crash_after=crash_after)

        with self._core.clock.running(), self._room():
            fault = self._core.faults.pick("fc", "Invoke", f"{path.service}/{path.function}")
            return await run_with_fault(once, fault)

    def _target(self, path: _Path) -> Target:
        function = self.function(path.service, path.function)
        config = self.service(path.service).config
        return Target(
            account_id=self.account_id,
            region=self.region,
            service=path.service,
            qualifier=path.qualifier or LATEST,
            function=path.function,
            config=function.config,
            code_checksum=function.code_checksum,
            role=config.role,
            log_config=config.log_config,
        )

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

    def _check_service(self, config: ServiceConfig) -> None:
        log = config.log_config
        if log is not None:
            try:
                self._sls.logstore(log.project, log.logstore)
            except CloudError as error:  # SLS says which of the two it is
                raise CloudError("InvalidArgument", error.message) from error

    def _forget_code(self) -> None:
        self._code.keep_only(self._checksums())

    def _checksums(self) -> set[str]:
        return {
            function.code_checksum
            for service in self.services.values()
            for function in service.functions.values()
        }
