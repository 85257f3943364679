"""Calls of deployed functions, through the official SDK for their generation."""

from __future__ import annotations

from oss_restore.clients.deployment import Deployment
from oss_restore.clients.function_calls.results import FunctionResult
from oss_restore.clients.target import Target


def invoke(target: Target, deployment: Deployment, function: str, event: str) -> FunctionResult:
    """Call a function, and wait for its result.

    Args:
        target: endpoints and credentials.
        deployment: the function's deployment.
        function: name of the function in this project, such as ``listArchiveFiles``.
        event: the event, as JSON.

    Raises:
        FunctionFailedError: the function raised an exception.
        OperatorError: Function Compute refused the call or could not be reached.
    """
    # Importing an SDK takes almost a second, so only the required one is imported.
    name = deployment.functions.get(function, function)
    if deployment.service:
        from oss_restore.clients.function_calls import fc2_client as fc2

        return fc2.invoke(target, deployment.service, name, event)
    from oss_restore.clients.function_calls import fc3_client as fc3

    return fc3.invoke(target, name, function, event)


def exists(target: Target, deployment: Deployment, function: str) -> bool:
    """Return whether a function exists.

    Args:
        target: endpoints and credentials.
        deployment: the function's deployment.
        function: name of the function in this project.

    Raises:
        OperatorError: Function Compute refused the call or could not be reached.
    """
    name = deployment.functions.get(function, function)
    if deployment.service:
        from oss_restore.clients.function_calls import fc2_client as fc2

        return fc2.exists(target, deployment.service, name)
    from oss_restore.clients.function_calls import fc3_client as fc3

    return fc3.exists(target, name)
