"""The result of one function call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import orjson

# The value of X-Fc-Error-Type for everything that goes wrong in Python code (docs 422185).
UNHANDLED: Final = "UnhandledInvocationError"


@dataclass(frozen=True)
class InvocationResponse:
    """A call that FC answers with 200, whether the function worked or not.

    Attributes:
        payload: the function's result, or the JSON text that describes its error. An instance that
            crashed or ran out of time gives an ``errorMessage`` without an ``errorType`` (its
            result is unknown: a flow sees ``FC.Unknown``, assumed).
        error_type: value of the header ``X-Fc-Error-Type``; empty for a call that worked.
        request_id: id of this call.
        log: the last 4 KB of what the function wrote.
        code_checksum: of the code that ran.
    """

    payload: bytes
    error_type: str = ""
    request_id: str = ""
    log: str = ""
    code_checksum: str = ""


def nameless_error(message: str) -> bytes:
    """Body of an error that did not come from an exception."""
    return orjson.dumps({"errorMessage": message})
