"""Calls of Function Compute 3.0, through alibabacloud-fc20230330."""

from __future__ import annotations

import io
from http import HTTPStatus

from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from darabonba.runtime import RuntimeOptions
from Tea.exceptions import TeaException

from oss_restore.clients.function_calls.results import (
    TIMEOUT_SECONDS,
    FunctionResult,
    failed,
    refused,
    unreachable,
)
from oss_restore.clients.target import Target

_RUNTIME = RuntimeOptions(read_timeout=TIMEOUT_SECONDS * 1000, connect_timeout=5000)


def invoke(target: Target, name: str, function: str, event: str) -> FunctionResult:
    """Call a function; errors as :func:`function_calls.invoke`.

    Args:
        target: endpoints and credentials.
        name: name of the function in the cloud.
        function: name of the function for messages.
        event: the event, as JSON.
    """
    client = Client(target.sdk_config(target.fc))
    request = models.InvokeFunctionRequest(body=io.BytesIO(event.encode()))
    headers = models.InvokeFunctionHeaders(x_fc_log_type="Tail")
    try:
        response = client.invoke_function_with_options(name, request, headers, _RUNTIME)
    except AlibabaCloudException as error:
        raise refused(error.code or "", error.message or "", error.status_code or 0) from error
    except TeaException as error:
        raise unreachable(target.fc, error) from error
    result = response.body.read().decode()
    if "x-fc-error-type" in response.headers:
        raise failed(function, result)
    return FunctionResult(result, response.headers.get("x-fc-log-result", ""))


def exists(target: Target, name: str) -> bool:
    """Return whether a function exists; errors as :func:`function_calls.exists`."""
    client = Client(target.sdk_config(target.fc))
    try:
        client.get_function_with_options(name, models.GetFunctionRequest(), {}, _RUNTIME)
    except AlibabaCloudException as error:
        if error.status_code == HTTPStatus.NOT_FOUND:
            return False
        raise refused(error.code or "", error.message or "", error.status_code or 0) from error
    except TeaException as error:
        raise unreachable(target.fc, error) from error
    return True
