"""Routing: from a request to its operation, and the parameters that it supports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from localcloud.errors import CloudError
from localcloud.fc.api_call import Operation
from localcloud.http import Request
from localcloud.operation_row import OperationRow
from localcloud.request_body import RequestBody

# A name in a path extends to the next slash; a service's may have a qualifier after a dot.
_PARTS: Final[Mapping[str, str]] = {
    "{service}": r"(?P<service>[^/.]+)",
    "[.{qualifier}]": r"(?:\.(?P<qualifier>[^/]+))?",
    "{function}": r"(?P<function>[^/]+)",
}
# Only headers with these prefixes change a call; of x-acs- only those of signatures exist.
_MEANINGFUL: Final = ("x-fc-", "if-")
_WITH_ANY_CALL: Final = frozenset(
    {"x-fc-account-id", "x-fc-date", "x-fc-security-token", "x-fc-trace-id"}
)


@dataclass(frozen=True)
class FcRoute:
    """One operation.

    Attributes:
        name: as the documentation of the API spells it.
        method: of its requests.
        path: after the API's version; ``{service}``, ``[.{qualifier}]`` and ``{function}`` stand
            for names.
        operation: carries it out.
        query: the supported parameters.
        headers: the supported headers, in addition to the protocol's.
        body: of a request; None for one that has none, or is not JSON.
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
        """The names in a request's path; None for a request of another operation."""
        match = self._pattern.fullmatch(path) if method == self.method else None
        return match and {name: value or "" for name, value in match.groupdict().items()}

    def check(self, request: Request, query: Mapping[str, str]) -> None:
        """Refuse what the operation does not support; ``InvalidArgument`` names it."""
        for name, value in query.items():
            if value and name not in self.query:
                raise CloudError(
                    "InvalidArgument", f"{self.name}: the parameter {name} is left out here"
                )
        for name in request.headers.keys() - self.headers - _WITH_ANY_CALL:
            if name.startswith(_MEANINGFUL):
                raise CloudError(
                    "InvalidArgument", f"{self.name}: the header {name} is left out here"
                )

    def row(self, version: str) -> OperationRow:
        """The operation as a document lists it."""
        fields = self.body.names() if self.body else ()
        understands = (*sorted(self.query), *sorted(self.headers), *fields)
        return OperationRow(self.name, f"{self.method} /{version}{self.path}", understands)


@dataclass(frozen=True)
class LeftOut:
    """An API feature that the local cloud does not support.

    Attributes:
        feature: its name, in the plural.
        path: of its requests, as a regular expression, after the API's version.
        reason: why it is left out, or what to use in its place.
    """

    feature: str
    path: str
    reason: str


# Of both versions.
LEFT_OUT: Final = (
    LeftOut("triggers", r".*/triggers(/.*)?", "nothing here sends events; invoke the function"),
    LeftOut(
        "settings of asynchronous calls",
        r".*/async-invoke-configs?",
        "such calls are retried as they are without settings",
    ),
    LeftOut(
        "limits and provision of instances",
        r".*/(concurrency|(concurrency|on-demand|provision|scaling)-configs?)",
        "processes_per_function says how many there are",
    ),
    LeftOut("views of instances", r".*/instances(/.*)?", "see GET /processes of the control API"),
    LeftOut("custom domains", r"/custom-domains(/.*)?", "nothing here is reached by name"),
    LeftOut("layers", r"/(layers|layerarn)(/.*)?", "put everything into the function's zip"),
    LeftOut("bindings to a VPC", r".*/(vpc-)?bindings?(/.*)?", "nothing leaves this machine"),
)


def not_served(method: str, path: str, version: str, left_out: tuple[LeftOut, ...]) -> CloudError:
    """The error for a request without an operation, with the reason if it is known."""
    own = path.removeprefix(f"/{version}")
    why = next(
        (
            f": {entry.feature} are left out, {entry.reason}"
            for entry in left_out
            if re.fullmatch(entry.path, own)
        ),
        "",
    )
    return CloudError("PathNotSupported", f"the local cloud does not serve {method} {path}{why}")
