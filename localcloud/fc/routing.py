"""Routes requests to operations, and checks the parameters that they support."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Final

from localcloud.errors import CloudError
from localcloud.fc.api_call import Operation
from localcloud.http import Request
from localcloud.request_body import RequestBody

# A name in a path extends to the next slash; a service name may have a qualifier after a dot.
_PARTS: Final[Mapping[str, str]] = {
    "{service}": r"(?P<service>[^/.]+)",
    "[.{qualifier}]": r"(?:\.(?P<qualifier>[^/]+))?",
    "{function}": r"(?P<function>[^/]+)",
}
# Only headers with these prefixes change a request; those with x-acs- only belong to signatures.
_MEANINGFUL: Final = ("x-fc-", "if-")
_WITH_ANY_CALL: Final = frozenset(
    {"x-fc-account-id", "x-fc-date", "x-fc-security-token", "x-fc-trace-id"}
)


@dataclass(frozen=True)
class FcRoute:
    """An operation.

    Attributes:
        name: the name in the API's documentation.
        method: HTTP method of its requests.
        path: path after the API's version; ``{service}``, ``[.{qualifier}]`` and ``{function}`` are
            placeholders for names.
        operation: the function that carries it out.
        query: the supported parameters.
        headers: the supported headers, in addition to those of the protocol.
        body: model of the body; None if it has none, or is not JSON.
    """

    name: str
    method: str
    path: str
    operation: Operation
    query: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()
    body: type[RequestBody] | None = None
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        pattern = re.escape(self.path)
        for part, expression in _PARTS.items():
            pattern = pattern.replace(re.escape(part), expression)
        object.__setattr__(self, "_pattern", re.compile(pattern))

    def names(self, method: str, path: str) -> dict[str, str] | None:
        """Return the names in a request's path; None if the path is not this operation's."""
        match = self._pattern.fullmatch(path) if method == self.method else None
        return match and {name: value or "" for name, value in match.groupdict().items()}

    def check(self, request: Request, query: Mapping[str, str]) -> None:
        """Raise ``InvalidArgument`` for an unsupported parameter or header."""
        for name, value in query.items():
            if value and name not in self.query:
                raise CloudError(
                    "InvalidArgument", f"{self.name}: the parameter {name} is not supported here"
                )
        for name in request.headers.keys() - self.headers - _WITH_ANY_CALL:
            if name.startswith(_MEANINGFUL):
                raise CloudError(
                    "InvalidArgument", f"{self.name}: the header {name} is not supported here"
                )


def route(
    name: str,
    method: str,
    path: str,
    *,
    query: str = "",
    headers: str = "",
    body: type[RequestBody] | None = None,
) -> Callable[[Operation], FcRoute]:
    """Make a function an operation; see :class:`FcRoute`."""

    def decorate(operation: Operation) -> FcRoute:
        known = frozenset(query.split()), frozenset(headers.split())
        return FcRoute(name, method, path, operation, *known, body)

    return decorate


def routes_of(module: ModuleType) -> tuple[FcRoute, ...]:
    """Return the operations that a module defines, in order; it must import none from another."""
    return tuple(operation for operation in vars(module).values() if isinstance(operation, FcRoute))


@dataclass(frozen=True)
class Unsupported:
    """An API feature that the local cloud does not support.

    Attributes:
        feature: name of the feature, in the plural.
        path: regular expression for the path of its requests, after the API's version.
        reason: why it is not supported, or what to use instead.
    """

    feature: str
    path: str
    reason: str


# In both versions.
UNSUPPORTED: Final = (
    Unsupported("triggers", r".*/triggers(/.*)?", "nothing here sends events; invoke the function"),
    Unsupported(
        "settings of asynchronous calls",
        r".*/async-invoke-configs?",
        "such calls are retried as they are without settings",
    ),
    Unsupported(
        "limits and provision of instances",
        r".*/(concurrency|(concurrency|on-demand|provision|scaling)-configs?)",
        "processes_per_function says how many there are",
    ),
    Unsupported(
        "views of instances", r".*/instances(/.*)?", "see GET /processes of the control API"
    ),
    Unsupported("custom domains", r"/custom-domains(/.*)?", "nothing here is reached by name"),
    Unsupported("layers", r"/(layers|layerarn)(/.*)?", "put everything into the function's zip"),
    Unsupported("bindings to a VPC", r".*/(vpc-)?bindings?(/.*)?", "nothing leaves this machine"),
)


def not_served(
    method: str, path: str, version: str, unsupported: tuple[Unsupported, ...]
) -> CloudError:
    """Return the error for a request without an operation, with the reason if known."""
    own = path.removeprefix(f"/{version}")
    why = next(
        (
            f": {entry.feature} are not supported, {entry.reason}"
            for entry in unsupported
            if re.fullmatch(entry.path, own)
        ),
        "",
    )
    return CloudError("PathNotSupported", f"the local cloud does not serve {method} {path}{why}")
