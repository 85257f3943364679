"""FC 3.0: functions without services."""

from __future__ import annotations

from collections.abc import Iterator

from localcloud.errors import CloudError
from localcloud.fc.invocation import FunctionPath, check_qualifier
from localcloud.fc.logs import check_logs
from localcloud.fc.model import (
    Fc3Config,
    Fc3Function,
    check_fc3_function,
    check_fc3_name,
    with_cpu,
)
from localcloud.fc.platform import InvocationTarget
from localcloud.fc.registry import Registry


class Fc3Functions(Registry[Fc3Function]):
    """The functions of one account and region, by name."""

    def find(self, name: str) -> Fc3Function:
        """Return a function; raise ``FunctionNotFound`` if it does not exist."""
        try:
            return self._items[name]
        except KeyError:
            raise CloudError("FunctionNotFound", f"function {name!r} does not exist", 404) from None

    def create(self, name: str, config: Fc3Config, code: bytes) -> Fc3Function:
        """Create a function.

        Args:
            name: the function's name.
            config: its configuration.
            code: a zip with the handler's file at its root.

        Raises:
            CloudError: ``FunctionAlreadyExists``, ``InvalidArgument``.
        """
        check_fc3_name(name)
        if name in self:
            raise CloudError("FunctionAlreadyExists", f"function {name!r} already exists", 409)
        config = with_cpu(config)
        self._check(config)
        self._items[name] = self._new_function(Fc3Function, name, config, code)
        return self._items[name]

    def update(self, name: str, config: Fc3Config, code: bytes | None = None) -> Fc3Function:
        """Update a function, and its code unless None; it gets new instances."""
        function = self.find(name)
        self._check(config)
        return self._change_function(function, name, config, code)

    def delete(self, name: str) -> None:
        """Delete a function; invocations in progress complete."""
        function = self.find(name)
        del self._items[name]
        self._release_function(function, name)

    def check_qualifier(self, name: str, qualifier: str) -> None:
        """Refuse any qualifier but ``LATEST``: there are no versions or aliases."""
        self.find(name)
        check_qualifier(f"function {name!r}", qualifier)

    def resource(self, path: FunctionPath) -> str:
        """Return the resource that RAM checks for an invocation (assumed: unqualified)."""
        return f"functions/{path.function}"

    def target(self, path: FunctionPath) -> InvocationTarget:
        """Return the function to invoke.

        Raises:
            CloudError: ``FunctionNotFound``, ``VersionNotFound``, ``AliasNotFound``.
        """
        self.check_qualifier(path.function, path.qualifier)
        function = self.find(path.function)
        return InvocationTarget(
            path=path,
            config=function.config,
            code_checksum=function.code_checksum,
            role=function.config.role,
            log_config=function.config.log_config,
        )

    def functions(self) -> Iterator[Fc3Function]:
        """Yield all functions."""
        return iter(self.values())

    def _check(self, config: Fc3Config) -> None:
        check_fc3_function(config)
        self._runner.prepare(config.runtime)
        check_logs(self._sls, config.log_config)
