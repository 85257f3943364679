"""FC 3.0: functions that stand alone."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping

from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.fc.code import CodeStore
from localcloud.fc.logs import check_logs
from localcloud.fc.model import (
    StandaloneConfig,
    StandaloneFunction,
    check_standalone,
    check_standalone_name,
    with_cpu,
)
from localcloud.fc.path import FunctionPath, check_qualifier
from localcloud.fc.platform import Target
from localcloud.fc.runner import Runner
from localcloud.sls import LogService


class StandaloneFunctions(Mapping[str, StandaloneFunction]):
    """The functions of one account and region, by name.

    Args:
        core: of the cloud.
        sls: of the account, where functions log to.
        code: of all functions.
        runner: has their instances.
    """

    def __init__(self, core: Core, sls: LogService, code: CodeStore, runner: Runner) -> None:
        self._clock = core.clock
        self._sls = sls
        self._code = code
        self._runner = runner
        self._functions: dict[str, StandaloneFunction] = {}

    def __getitem__(self, name: str) -> StandaloneFunction:
        return self._functions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)

    def __len__(self) -> int:
        return len(self._functions)

    def find(self, name: str) -> StandaloneFunction:
        """The function of that name; ``FunctionNotFound`` if there is none."""
        try:
            return self._functions[name]
        except KeyError:
            raise CloudError("FunctionNotFound", f"function {name!r} does not exist", 404) from None

    def create(self, name: str, config: StandaloneConfig, code: bytes) -> StandaloneFunction:
        """Makes a function.

        Args:
            name: of the function.
            config: what is set about it.
            code: a zip with the handler's file at its root.

        Raises:
            CloudError: ``FunctionAlreadyExists``, ``InvalidArgument``.
        """
        check_standalone_name(name)
        if name in self:
            raise CloudError("FunctionAlreadyExists", f"function {name!r} already exists", 409)
        config = with_cpu(config)
        self._check(config)
        now = self._clock.now()
        self._functions[name] = StandaloneFunction(
            name=name,
            function_id=secrets.token_hex(16),
            config=config,
            code_checksum=self._code.add(code),
            code_size=len(code),
            created_at=now,
            modified_at=now,
        )
        return self._functions[name]

    def update(
        self, name: str, config: StandaloneConfig, code: bytes | None = None
    ) -> StandaloneFunction:
        """Changes a function, and its code unless that is None; its instances start anew."""
        function = self.find(name)
        self._check(config)
        if code is not None:
            self._code.exchange(function, code)
        function.config, function.modified_at = config, self._clock.now()
        self._runner.retire(name)
        return function

    def delete(self, name: str) -> None:
        """Removes a function; calls that it is in run to their end."""
        function = self.find(name)
        del self._functions[name]
        self._code.release(function.code_checksum)
        self._runner.retire(name)

    def check_qualifier(self, name: str, qualifier: str) -> None:
        """Refuses what a function does not have: it has ``LATEST``, no versions and no aliases."""
        self.find(name)
        check_qualifier(f"function {name!r}", qualifier)

    def resource(self, path: FunctionPath) -> str:
        """What RAM is asked about a call; that a qualifier changes nothing in it is assumed."""
        return f"functions/{path.function}"

    def target(self, path: FunctionPath) -> Target:
        """The function that a call meets.

        Raises:
            CloudError: ``FunctionNotFound``, ``VersionNotFound``, ``AliasNotFound``.
        """
        self.check_qualifier(path.function, path.qualifier)
        function = self.find(path.function)
        return Target(
            path=path,
            config=function.config,
            code_checksum=function.code_checksum,
            role=function.config.role,
            log_config=function.config.log_config,
        )

    def functions(self) -> Iterator[StandaloneFunction]:
        """All of them."""
        return iter(self.values())

    def take(self, functions: Mapping[str, StandaloneFunction]) -> None:
        """Takes in functions whose code is there already, in place of what there is."""
        self._functions = dict(functions)

    def _check(self, config: StandaloneConfig) -> None:
        check_standalone(config)
        check_logs(self._sls, config.log_config)
