"""The result of an invocation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import orjson

# The value of X-Fc-Error-Type for every failure in Python code (docs 422185).
UNHANDLED: Final = "UnhandledInvocationError"


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
