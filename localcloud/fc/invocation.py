"""The function that an invocation addresses, and its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import orjson

from localcloud.errors import CloudError

LATEST: Final = "LATEST"
# The value of X-Fc-Error-Type for every failure in Python code (docs 422185).
UNHANDLED: Final = "UnhandledInvocationError"


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


@dataclass(frozen=True)
class InvocationResponse:
    """An invocation that FC answers with 200, whether or not the function succeeded.

    Attributes:
        payload: the function's result, or JSON that describes its error. If the instance crashed
            or timed out, there is an ``errorMessage`` without an ``errorType`` (the result is
            unknown: a flow sees ``FC.Unknown``, assumed).
        error_type: value of the header ``X-Fc-Error-Type``; empty on success.
        request_id: id of the invocation.
        log: the last 4 KB of the function's output.
        code_checksum: checksum of the code that ran.
    """

    payload: bytes
    error_type: str = ""
    request_id: str = ""
    log: str = ""
    code_checksum: str = ""


def nameless_error(message: str) -> bytes:
    """Return the body of an error that was not caused by an exception."""
    return orjson.dumps({"errorMessage": message})
