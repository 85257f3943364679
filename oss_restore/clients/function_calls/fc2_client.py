"""Calls of Function Compute 2.0, through aliyun-fc2."""

from __future__ import annotations

import json
import logging

import fc2
import requests

from oss_restore.clients.function_calls.results import (
    TIMEOUT_SECONDS,
    FunctionResult,
    failed,
    refused,
    unreachable,
)
from oss_restore.clients.target import Target
from oss_restore.errors import OperatorError

# Only configurable here; with the default of 5, a call of a wrong endpoint fails after 30 seconds.
fc2.client.retries = 2


def _not_from_the_client(record: logging.LogRecord) -> bool:
    """Return False for the client's log records, which contain the signature and the token."""
    return "fc2" not in record.pathname


def invoke(target: Target, service: str, function: str, event: str) -> FunctionResult:
    """Call a function of a service; errors as :func:`function_calls.invoke`."""
    client = _client(target)
    try:
        response = client.invoke_function(
            service, function, payload=event.encode(), headers={"x-fc-log-type": "Tail"}
        )
    except fc2.FcError as error:
        raise _explain(function, error) from error
    except (requests.RequestException, ValueError) as error:
        # The client raises ValueError if a body is not JSON.
        raise unreachable(target.fc, error) from error
    return FunctionResult(response.data.decode(), response.headers.get("X-Fc-Log-Result", ""))


def exists(target: Target, service: str, function: str) -> bool:
    """Return whether a function exists; errors as :func:`function_calls.exists`."""
    try:
        _client(target).get_function(service, function)
    except fc2.FcError as error:
        if error.status_code == requests.codes.not_found:
            return False
        raise _explain(function, error) from error
    except (requests.RequestException, ValueError) as error:
        raise unreachable(target.fc, error) from error
    return True


def _client(target: Target) -> fc2.Client:
    logging.getLogger().addFilter(_not_from_the_client)
    keys = target.credentials.keys()
    return fc2.Client(
        endpoint=target.fc,
        accessKeyID=keys.access_key_id,
        accessKeySecret=keys.access_key_secret,
        securityToken=keys.security_token,
        Timeout=TIMEOUT_SECONDS,
    )


def _explain(function: str, error: fc2.FcError) -> OperatorError:
    if error.status_code == requests.codes.ok:
        return failed(function, error.message)
    try:
        message = json.loads(error.message).get("ErrorMessage", error.message)
    except ValueError:
        message = error.message
    return refused(error.err_code, message, error.status_code)
