"""The function that an invocation addresses."""

from __future__ import annotations

from typing import Final, NamedTuple

from localcloud.errors import CloudError

LATEST: Final = "LATEST"


class FunctionPath(NamedTuple):
    """A function and its version.

    Attributes:
        service: the function's service; empty in FC 3.0.
        qualifier: version or alias of the service or function; or empty.
    """

    service: str
    function: str
    qualifier: str = ""

    @property
    def name(self) -> str:
        """A name that is unique in the account: ``service/function``, or the function name."""
        return f"{self.service}/{self.function}" if self.service else self.function


def check_qualifier(owner: str, qualifier: str) -> None:
    """Refuse any qualifier but ``LATEST``: there are no versions or aliases.

    Args:
        owner: the service or function it belongs to, for the message.
        qualifier: the invocation's qualifier, or empty.
    """
    if qualifier.isdigit():
        message = f"version {qualifier!r} of {owner} does not exist"
        raise CloudError("VersionNotFound", message, 404)
    if qualifier not in ("", LATEST):
        raise CloudError("AliasNotFound", f"alias {qualifier!r} of {owner} does not exist", 404)
