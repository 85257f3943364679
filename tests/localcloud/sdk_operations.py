"""Every operation of an official SDK: called, or listed as unsupported and refused."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any, get_type_hints

from darabonba.runtime import RuntimeOptions

_SUFFIX = "_with_options"


def operations_of(client: object) -> frozenset[str]:
    """Return the names of a generated SDK's operations, which are those of its client's methods."""
    return frozenset(
        name.removesuffix(_SUFFIX)
        for name in dir(type(client))
        if name.endswith(_SUFFIX) and not name.startswith("_")
    )


class RecordedClient:
    """An SDK's client that is called in threads and records which methods were called.

    Attributes:
        called: their names.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self.called: set[str] = set()

    async def __call__(self, method: str, *arguments: object, **named: object) -> Any:
        self.called.add(method)
        return await asyncio.to_thread(getattr(self._client, method), *arguments, **named)


def any_call(client: object, operation: str) -> tuple[str, list[object]]:
    """Return a method of a generated SDK's client, and arguments: strings, empty requests."""
    name = operation + _SUFFIX
    method = getattr(client, name)
    hints = get_type_hints(method)
    arguments: list[object] = []
    for parameter in inspect.signature(method).parameters:
        kind = hints.get(parameter, str)
        if parameter == "runtime":
            arguments.append(RuntimeOptions())
        elif parameter == "headers":
            arguments.append({} if not inspect.isclass(kind) else kind())
        else:
            arguments.append("x" if kind is str else kind())
    return name, arguments
