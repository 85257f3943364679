"""A row of the documentation's tables of operations, the same for every service."""

from __future__ import annotations

from typing import NamedTuple


class OperationRow(NamedTuple):
    """One operation.

    Attributes:
        name: as the API spells it.
        request: how it is called, such as ``GET /BUCKET?acl`` or ``Action=CreateFlow``.
        understands: names of the supported parameters and headers.
    """

    name: str
    request: str
    understands: tuple[str, ...] = ()
