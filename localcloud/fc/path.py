"""The function that a call addresses."""

from __future__ import annotations

from typing import Final, NamedTuple

from localcloud.errors import CloudError

LATEST: Final = "LATEST"


class FunctionPath(NamedTuple):
    """A function, and which version of it.

    Attributes:
        service: it is in; empty for a function of FC 3.0.
        qualifier: version or alias, of the service or of the function itself; or empty.
    """

    service: str
    function: str
    qualifier: str = ""

    @property
    def name(self) -> str:
        """Unique in its account: ``service/function``, or the function's name alone."""
        return f"{self.service}/{self.function}" if self.service else self.function


def check_qualifier(owner: str, qualifier: str) -> None:
    """Refuse any qualifier but ``LATEST``: there are no versions or aliases.

    Args:
        owner: the service or function that it is of, for the message.
        qualifier: of a call, or empty.
    """
    if qualifier.isdigit():
        message = f"version {qualifier!r} of {owner} does not exist"
        raise CloudError("VersionNotFound", message, 404)
    if qualifier not in ("", LATEST):
        raise CloudError("AliasNotFound", f"alias {qualifier!r} of {owner} does not exist", 404)
