"""The common base of FC 2.0's services and FC 3.0's functions."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import TypeVar

from localcloud.core import Core
from localcloud.fc.code import CodeStore
from localcloud.fc.model import Function, FunctionSettings
from localcloud.fc.runner import Runner
from localcloud.sls import LogService

Item = TypeVar("Item")
F = TypeVar("F", bound=Function)


class Registry(Mapping[str, Item]):
    """Services or functions of one account and region, by name.

    Args:
        core: the cloud's shared state.
        sls: the account's Log Service, which functions log to.
        code: the code of all functions.
        runner: runs their instances.
    """

    def __init__(self, core: Core, sls: LogService, code: CodeStore, runner: Runner) -> None:
        self._clock = core.clock
        self._sls = sls
        self._code = code
        self._runner = runner
        self._items: dict[str, Item] = {}

    def __getitem__(self, name: str) -> Item:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def take(self, items: Mapping[str, Item]) -> None:
        """Replace everything; the functions' code is already stored."""
        self._items = dict(items)

    def _new_function(self, kind: type[F], name: str, config: FunctionSettings, code: bytes) -> F:
        now = self._clock.now()
        return kind(
            name=name,
            function_id=secrets.token_hex(16),
            config=config,
            code_checksum=self._code.add(code),
            code_size=len(code),
            created_at=now,
            modified_at=now,
        )

    def _change_function(
        self, function: F, instances: str, config: FunctionSettings, code: bytes | None
    ) -> F:
        """Update a function, and its code unless None; it gets new instances."""
        if code is not None:
            self._code.exchange(function, code)
        function.config, function.modified_at = config, self._clock.now()
        self._runner.retire(instances)
        return function

    def _release_function(self, function: Function, instances: str) -> None:
        """Release the code of a deleted function; calls in progress complete."""
        self._code.release(function.code_checksum)
        self._runner.retire(instances)
