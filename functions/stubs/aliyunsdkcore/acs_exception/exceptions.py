"""The errors that ``oss2.crypto`` catches."""

from __future__ import annotations


class ServerException(Exception):  # noqa: N818 - the SDK's name
    """Never raised here."""


class ClientException(Exception):  # noqa: N818 - the SDK's name
    """Never raised here."""
