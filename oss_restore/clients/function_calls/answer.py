"""What a call of a function comes to, whatever the client."""

from __future__ import annotations

import json
from dataclasses import dataclass

from oss_restore.errors import ExitStatus, OperatorError

TIMEOUT_SECONDS = 900
_NOT_FOUND = 404  # of HTTP


@dataclass(frozen=True)
class Answer:
    """What a function returned, and the last lines that it logged, as base64."""

    result: str
    log: str


class FunctionFailedError(OperatorError):
    """The function raised. Carries its exception's class and message."""

    def __init__(self, function: str, error: str, message: str) -> None:
        super().__init__(f"{function} raised {error}: {message}")


def failed(function: str, body: str) -> FunctionFailedError:
    """The error that a function's answer describes.

    Args:
        function: its name.
        body: JSON with ``errorType`` and ``errorMessage``; whatever else is told as it is.
    """
    try:
        described = json.loads(body)
    except ValueError:
        described = {}
    return FunctionFailedError(
        function, described.get("errorType", "an error"), described.get("errorMessage", body)
    )


def refused(code: str, message: str, status: int) -> OperatorError:
    """A refusal by Function Compute."""
    return OperatorError(
        f"Function Compute refused the call: {code}: {message}",
        hint="deploy the environment first, or check the function's name"
        if status == _NOT_FOUND
        else "",
        status=ExitStatus.REFUSED,
    )


def unreachable(endpoint: str, reason: object) -> OperatorError:
    """No answer from Function Compute."""
    return OperatorError(
        f"cannot reach Function Compute at {endpoint}: {reason}", status=ExitStatus.REFUSED
    )
