"""A request to Log Service's API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from localcloud.errors import CloudError
from localcloud.http import Response
from localcloud.sls.bodies import B, read_body
from localcloud.sls.model import LogService
from localcloud.whole_numbers import whole_number

T = TypeVar("T")


@dataclass(frozen=True)
class SlsCall:
    """The context of an operation.

    Attributes:
        service: the Log Service of the caller's account.
        region: the cloud's region.
        account_id: the caller's account.
        project: the project in the host; empty for requests to the service itself.
        names: the names in the path, such as ``logstore``.
        query: the parameters.
        body: the body as sent.
        is_taken: returns whether any account has a project with this name.
    """

    service: LogService
    region: str
    account_id: str
    project: str
    names: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    is_taken: Callable[[str], bool]

    @property
    def logstore(self) -> str:
        """The name of the logstore in the path."""
        return self.names["logstore"]

    def read(self, kind: type[B]) -> B:
        """Parse the body."""
        return read_body(kind, self.body)

    def page(self, items: list[T], *, most: int = 500) -> tuple[list[T], dict[str, int]]:
        """Return the items selected by ``offset`` and ``size``, and their counts."""
        offset, size = self._number("offset", 0), self._number("size", most)
        page = items[offset : offset + min(size, most)]
        return page, {"count": len(page), "total": len(items)}

    def _number(self, name: str, default: int) -> int:
        number = whole_number(self.query.get(name) or str(default))
        if number is None:
            raise CloudError("ParameterInvalid", f"{name} is not a number")
        return number


SlsOperation: TypeAlias = Callable[[SlsCall], Response]


def done() -> Response:
    """Make a response without a body."""
    return Response(200)
