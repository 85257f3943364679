"""A row in the documentation's tables of operations."""

from __future__ import annotations

from typing import NamedTuple


class OperationRow(NamedTuple):
    """An operation.

    Attributes:
        name: the name in the API's spelling.
        request: the request, such as ``GET /BUCKET?acl`` or ``Action=CreateFlow``.
        understands: names of the supported parameters and headers.
    """

    name: str
    request: str
    understands: tuple[str, ...] = ()
