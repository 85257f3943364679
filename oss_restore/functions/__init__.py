"""Calls of one deployed function, through the official SDK of its generation."""

from __future__ import annotations

from infra.functions import FunctionNames
from oss_restore.functions.answer import Answer
from oss_restore.target import Target


def invoke(target: Target, functions: FunctionNames, function: str, event: str) -> Answer:
    """Calls one function and waits for its answer.

    Args:
        target: where, and as whom.
        functions: how the deployment's functions are named.
        function: one of them, such as ``listArchiveFiles``.
        event: text of the event, JSON.

    Raises:
        FunctionFailedError: the function raised.
        OperatorError: Function Compute refused the call or could not be reached.
    """
    # Each SDK takes most of a second to import, so only the one that is needed is.
    if functions.service:
        from oss_restore.functions import fc2  # noqa: PLC0415

        return fc2.invoke(target, functions.service, function, event)
    from oss_restore.functions import fc3  # noqa: PLC0415

    return fc3.invoke(target, functions.name(function), function, event)


def exists(target: Target, functions: FunctionNames, function: str) -> bool:
    """Whether a function is there.

    Args:
        target: where, and as whom.
        functions: how the deployment's functions are named.
        function: one of them.

    Raises:
        OperatorError: Function Compute refused the call or could not be reached.
    """
    if functions.service:
        from oss_restore.functions import fc2  # noqa: PLC0415 - as above

        return fc2.exists(target, functions.service, function)
    from oss_restore.functions import fc3  # noqa: PLC0415

    return fc3.exists(target, functions.name(function))
