"""One call of Log Service's API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import orjson

from localcloud.errors import CloudError
from localcloud.http import Response
from localcloud.sls.bodies import B, read_body
from localcloud.sls.model import LogService
from localcloud.whole_numbers import whole_number

T = TypeVar("T")


@dataclass(frozen=True)
class SlsCall:
    """One call.

    Attributes:
        service: the Log Service of the caller's account.
        region: the cloud's region.
        account_id: the caller's.
        project: the one that the host names; empty for the service's own.
        names: what the path names, such as ``logstore``.
        query: the parameters.
        body: as it was sent.
        is_taken: whether any account has a project of that name.
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
        """The logstore that the path names."""
        return self.names["logstore"]

    def read(self, kind: type[B]) -> B:
        """The body as its model."""
        return read_body(kind, self.body)

    def page(self, items: list[T], *, most: int = 500) -> tuple[list[T], dict[str, int]]:
        """The items that ``offset`` and ``size`` ask for, and how many there are."""
        offset, size = self._number("offset", 0), self._number("size", most)
        page = items[offset : offset + min(size, most)]
        return page, {"count": len(page), "total": len(items)}

    def _number(self, name: str, default: int) -> int:
        number = whole_number(self.query.get(name) or str(default))
        if number is None:
            raise CloudError("ParameterInvalid", f"{name} is not a number")
        return number


SlsOperation: TypeAlias = Callable[[SlsCall], Response]


def json_response(answer: object) -> Response:
    """A response with JSON."""
    return Response(200, {"content-type": "application/json"}, orjson.dumps(answer))


def done() -> Response:
    """A response without a body."""
    return Response(200)
