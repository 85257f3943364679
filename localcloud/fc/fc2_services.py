"""FC 2.0: services and the functions in them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Final

from localcloud.errors import CloudError
from localcloud.fc.invocation import FunctionPath, check_qualifier
from localcloud.fc.logs import check_logs
from localcloud.fc.model import (
    Function,
    FunctionSettings,
    Service,
    ServiceConfig,
    check_function,
    check_name,
)
from localcloud.fc.platform import InvocationTarget
from localcloud.fc.registry import Registry

FUNCTIONS_PER_SERVICE: Final = 50


class Services(Registry[Service]):
    """The services of one account and region, by name."""

    def find(self, name: str) -> Service:
        """Return a service; raise ``ServiceNotFound`` if it does not exist."""
        try:
            return self._items[name]
        except KeyError:
            raise CloudError("ServiceNotFound", f"service {name!r} does not exist", 404) from None

    def create(self, name: str, config: ServiceConfig) -> Service:
        """Create a service; ``ServiceAlreadyExists``, ``InvalidArgument``."""
        check_name("service", name)
        if name in self:
            raise CloudError("ServiceAlreadyExists", f"service {name!r} already exists", 409)
        check_logs(self._sls, config.log_config)
        now = self._clock.now()
        self._items[name] = Service(name, secrets.token_hex(16), config, now, now)
        return self._items[name]

    def update(self, name: str, config: ServiceConfig) -> Service:
        """Update a service; its functions get new instances."""
        service = self.find(name)
        check_logs(self._sls, config.log_config)
        service.config, service.modified_at = config, self._clock.now()
        for function in service.functions:
            self._runner.retire(FunctionPath(name, function).name)
        return service

    def delete(self, name: str) -> None:
        """Remove a service; ``ServiceNotEmpty`` while it has functions."""
        if self.find(name).functions:
            raise CloudError("ServiceNotEmpty", f"service {name!r} still has functions", 409)
        del self._items[name]

    def function(self, service: str, name: str) -> Function:
        """Return a service's function; raise ``ServiceNotFound`` or ``FunctionNotFound``."""
        try:
            return self.find(service).functions[name]
        except KeyError:
            message = f"function {name!r} does not exist in service {service!r}"
            raise CloudError("FunctionNotFound", message, 404) from None

    def create_function(
        self, service: str, name: str, config: FunctionSettings, code: bytes
    ) -> Function:
        """Create a function.

        Args:
            service: the service's name.
            name: the function's name.
            config: its configuration.
            code: a zip with the handler's file at its root.

        Raises:
            CloudError: ``ServiceNotFound``, ``FunctionAlreadyExists``, ``InvalidArgument``,
                ``LimitExceeded``.
        """
        functions = self.find(service).functions
        check_name("function", name)
        if name in functions:
            raise CloudError("FunctionAlreadyExists", f"function {name!r} already exists", 409)
        if len(functions) >= FUNCTIONS_PER_SERVICE:
            message = (
                f"service {service!r} has {FUNCTIONS_PER_SERVICE} functions, which is the limit"
            )
            raise CloudError("LimitExceeded", message)
        check_function(config)
        self._runner.prepare(config.runtime)
        functions[name] = self._new_function(Function, name, config, code)
        return functions[name]

    def update_function(
        self, service: str, name: str, config: FunctionSettings, code: bytes | None = None
    ) -> Function:
        """Update a function, and its code unless None; it gets new instances."""
        function = self.function(service, name)
        check_function(config)
        self._runner.prepare(config.runtime)
        return self._change_function(function, FunctionPath(service, name).name, config, code)

    def delete_function(self, service: str, name: str) -> None:
        """Delete a function; invocations in progress complete."""
        function = self.function(service, name)
        del self.find(service).functions[name]
        self._release_function(function, FunctionPath(service, name).name)

    def check_qualifier(self, service: str, qualifier: str) -> None:
        """Refuse any qualifier but ``LATEST``: there are no versions or aliases."""
        self.find(service)
        check_qualifier(f"service {service!r}", qualifier)

    def resource(self, path: FunctionPath) -> str:
        """Return the resource that RAM checks for an invocation."""
        service = f"{path.service}.{path.qualifier}" if path.qualifier else path.service
        return f"services/{service}/functions/{path.function}"

    def target(self, path: FunctionPath) -> InvocationTarget:
        """Return the function to invoke.

        Raises:
            CloudError: ``ServiceNotFound``, ``FunctionNotFound``, ``VersionNotFound``,
                ``AliasNotFound``.
        """
        self.check_qualifier(path.service, path.qualifier)
        function = self.function(path.service, path.function)
        config = self.find(path.service).config
        return InvocationTarget(
            path=path,
            config=function.config,
            code_checksum=function.code_checksum,
            role=config.role,
            log_config=config.log_config,
        )

    def functions(self) -> Iterator[Function]:
        """Yield the functions of all services."""
        for service in self.values():
            yield from service.functions.values()
