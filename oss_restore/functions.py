"""Calls of one deployed function, through aliyun-fc2."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass

import fc2
import requests

from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.target import Target

_TIMEOUT_SECONDS = 900

# The client has no other knob; with its own 5 it takes half a minute to tell of a wrong endpoint.
fc2.client.retries = 2


@dataclass(frozen=True)
class Answer:
    """What a function returned, and the last lines that it logged."""

    result: str
    log: str


class FunctionFailedError(OperatorError):
    """The function raised. Carries its exception's class and message."""

    def __init__(self, function: str, error: str, message: str) -> None:
        super().__init__(f"{function} raised {error}: {message}")


def _not_from_the_client(record: logging.LogRecord) -> bool:
    """The client logs errors on the root logger, with all headers, signature and token included."""
    return "fc2" not in record.pathname


def invoke(target: Target, service: str, function: str, event: str) -> Answer:
    """Calls one function and waits for its answer.

    Args:
        target: where, and as whom.
        service: the deployment's service.
        function: one of its functions.
        event: text of the event, JSON.

    Raises:
        FunctionFailedError: the function raised.
        OperatorError: Function Compute refused the call or could not be reached.
    """
    client = _client(target)
    try:
        answer = client.invoke_function(
            service, function, payload=event.encode(), headers={"x-fc-log-type": "Tail"}
        )
    except fc2.FcError as error:
        raise _explain(function, error) from error
    except (requests.RequestException, ValueError) as error:
        raise _unreachable(target, error) from error
    return Answer(answer.data.decode(), answer.headers.get("X-Fc-Log-Result", ""))


def exists(target: Target, service: str, function: str) -> bool:
    """Whether there is such a function.

    Raises:
        OperatorError: Function Compute refused the call or could not be reached.
    """
    try:
        _client(target).get_function(service, function)
    except fc2.FcError as error:
        if error.status_code == requests.codes.not_found:
            return False
        raise _explain(function, error) from error
    except (requests.RequestException, ValueError) as error:
        raise _unreachable(target, error) from error
    return True


def _client(target: Target) -> fc2.Client:
    logging.getLogger().addFilter(_not_from_the_client)
    return fc2.Client(
        endpoint=target.fc,
        accessKeyID=target.access_key_id,
        accessKeySecret=target.access_key_secret,
        securityToken=target.security_token,
        Timeout=_TIMEOUT_SECONDS,
    )


def _unreachable(target: Target, error: Exception) -> OperatorError:
    """For what the client lets out; a body that is no JSON escapes it as ValueError."""
    return OperatorError(
        f"cannot reach Function Compute at {target.fc}: {error}", status=ExitStatus.CLOUD
    )


def _explain(function: str, error: fc2.FcError) -> OperatorError:
    try:
        body = json.loads(error.message)
    except ValueError:
        body = {}
    if error.status_code == requests.codes.ok:
        return FunctionFailedError(
            function, body.get("errorType", "an error"), body.get("errorMessage", error.message)
        )
    return OperatorError(
        f"Function Compute refused the call: {error.err_code}: "
        f"{body.get('ErrorMessage', error.message)}",
        hint="deploy the environment first, or check the function's name"
        if error.status_code == requests.codes.not_found
        else "",
        status=ExitStatus.CLOUD,
    )
