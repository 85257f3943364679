"""The results and errors of function calls, for both clients."""

from __future__ import annotations

import json
from dataclasses import dataclass

from oss_restore.clients.unreachable import cannot_reach
from oss_restore.errors import OperatorError, RefusedError
from oss_restore.language import gettext as _

TIMEOUT_SECONDS = 900
_SERVICE = "Function Compute"
_NOT_FOUND = 404  # of HTTP


@dataclass(frozen=True)
class FunctionResult:
    """The return value of a function, and the end of its log as base64."""

    result: str
    log: str


class FunctionFailedError(OperatorError):
    """The function raised an exception, whose class and message this carries."""

    def __init__(self, function: str, error: str, message: str) -> None:
        super().__init__(
            _("{function} raised {error}: {message}").format(
                function=function, error=error, message=message
            )
        )


def failed(function: str, body: str) -> FunctionFailedError:
    """Make the error that a function's response describes.

    Args:
        function: name of the function.
        body: JSON with ``errorType`` and ``errorMessage``, or a plain message.
    """
    try:
        described = json.loads(body)
    except ValueError:
        described = {}
    return FunctionFailedError(
        function, described.get("errorType", "Error"), described.get("errorMessage", body)
    )


def refused(code: str, message: str, status: int) -> OperatorError:
    """Make the error for a refusal by Function Compute."""
    return RefusedError(
        _("{service} refused the call: {code}: {reason}").format(
            service=_SERVICE, code=code, reason=message
        ),
        hint=_("deploy the environment first, or check the name of the function")
        if status == _NOT_FOUND
        else "",
    )


def unreachable(endpoint: str, reason: object) -> OperatorError:
    """Make the error for an unreachable Function Compute."""
    return RefusedError(cannot_reach(_SERVICE, endpoint, reason))
