"""Runs on Serverless Workflow, through the official SDK."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from alibabacloud_fnf20190315 import models
from alibabacloud_fnf20190315.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from darabonba.runtime import RuntimeOptions
from Tea.exceptions import TeaException
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from oss_restore.clients.call_rate import RateLimit, RateLimits
from oss_restore.clients.flow_executions import FlowDescription, FlowExecution, HistoryEvent
from oss_restore.clients.target import Target
from oss_restore.clients.unreachable import cannot_reach
from oss_restore.errors import OperatorError, RefusedError
from oss_restore.language import gettext as _

_SERVICE = "Serverless Workflow"
_LONG_POLL_SECONDS = 20
# The SDK reads for 10 s by default and would cut a longer poll off.
_RUNTIME = RuntimeOptions(read_timeout=(_LONG_POLL_SECONDS + 10) * 1000, connect_timeout=5000)
_EVENTS_PER_PAGE = 500
_EXECUTIONS_PER_PAGE = 99
_SERVER_ERRORS = 500  # of HTTP
_T = TypeVar("_T")


class UnreachableError(RefusedError):
    """The service did not respond, but may do so later."""


class FlowNotFoundError(RefusedError):
    """The flow does not exist."""


class RunNotFoundError(RefusedError):
    """The execution does not exist."""


class RunEndedError(RefusedError):
    """The execution has ended, and cannot be stopped any more."""


class WorkflowClient:
    """The calls for runs, with capped retries of throttling and transient errors.

    Network errors are retried, too, after the first successful call, since runs may take days.

    Args:
        target: endpoints and credentials.
        limits: rate limits of repeated calls; None for no limits.
    """

    def __init__(self, target: Target, limits: RateLimits | None = None) -> None:
        self._client = Client(target.sdk_config(target.fnf))
        self._endpoint = target.fnf
        self._looks = None if limits is None else limits.looks
        self._lists = None if limits is None else limits.lists
        self._reached = False

    def flow(self, name: str) -> FlowDescription | None:
        """Return a flow, or None if it does not exist."""
        try:
            return self._describe_flow(name)
        except FlowNotFoundError:
            return None

    def start(self, flow: str, name: str, run_input: str) -> FlowExecution:
        """Start a run.

        Args:
            flow: the main flow's name.
            name: name of the execution; the same name never starts a second run.
            run_input: a JSON object as text.
        """
        request = models.StartExecutionRequest(flow_name=flow, execution_name=name, input=run_input)
        body = self._call(lambda: self._client.start_execution_with_options(request, _RUNTIME)).body
        return _execution(body)

    def stop(self, flow: str, name: str, *, error: str, cause: str) -> None:
        """Stop an execution; the service decides whether its children stop, too.

        Raises:
            RunEndedError: the execution has ended.
        """
        request = models.StopExecutionRequest(
            flow_name=flow, execution_name=name, error=error, cause=cause
        )
        self._call(lambda: self._client.stop_execution_with_options(request, _RUNTIME))

    def describe(self, flow: str, name: str, *, wait_seconds: int = 0) -> FlowExecution:
        """Describe a run, after waiting up to ``wait_seconds`` (0 to 20) for its end."""
        request = models.DescribeExecutionRequest(
            flow_name=flow, execution_name=name, wait_time_seconds=wait_seconds
        )
        body = self._call(
            lambda: self._client.describe_execution_with_options(request, _RUNTIME),
            self._looks,
        ).body
        return _execution(body)

    def executions(
        self,
        flow: str,
        *,
        started_from: str | None = None,
        started_until: str | None = None,
        running: bool = False,
    ) -> Iterator[list[FlowExecution]]:
        """Yield the executions of a flow, newest first, fetching page by page.

        Args:
            flow: name of the flow.
            started_from: only return executions started at or after this time, in ISO 8601.
            started_until: only return executions started at or before this time.
            running: only return executions that have not ended.
        """
        token: str | None = None
        while True:
            request = models.ListExecutionsRequest(
                flow_name=flow,
                limit=_EXECUTIONS_PER_PAGE,
                next_token=token,
                started_time_begin=started_from,
                started_time_end=started_until,
                status="Running" if running else None,
            )
            send = partial(self._client.list_executions_with_options, request, _RUNTIME)
            body = self._call(send, self._lists).body
            yield [_execution(item) for item in body.executions or ()]
            token = body.next_token
            if not token:
                return

    def events(self, flow: str, name: str, *, after: int = 0) -> Iterator[HistoryEvent]:
        """Yield the events of an execution in order, after the event with this ID."""
        token: str | None = str(after) if after else None
        while True:
            request = models.GetExecutionHistoryRequest(
                flow_name=flow, execution_name=name, limit=_EVENTS_PER_PAGE, next_token=token
            )
            send = partial(self._client.get_execution_history_with_options, request, _RUNTIME)
            body = self._call(send, self._looks).body
            for event in body.events or ():
                if event.event_id > after:
                    yield HistoryEvent(
                        event.event_id,
                        event.step_name or "",
                        event.type,
                        json.loads(event.event_detail or "{}"),
                        datetime.fromisoformat(event.time),
                        event.schedule_event_id or 0,
                    )
            token = body.next_token
            if not token:
                return

    def definition(self, flow: str) -> str:
        """Return the FDL definition of a flow."""
        return self._describe_flow(flow).definition

    def failure(self, flow: str, name: str) -> tuple[str, str]:
        """Return the error and the cause of a failed execution."""
        error, cause = "", ""
        for event in self.events(flow, name):
            if event.type in {"ExecutionFailed", "ExecutionStopped", "ExecutionTimedOut"}:
                error = str(event.detail.get("error", "")) or error
                cause = str(event.detail.get("cause", "")) or cause
        return error, cause

    def _describe_flow(self, name: str) -> FlowDescription:
        request = models.DescribeFlowRequest(name=name)
        body = self._call(lambda: self._client.describe_flow_with_options(request, _RUNTIME)).body
        return FlowDescription(body.definition or "", body.role_arn or "")

    def _call(self, send: Callable[[], _T], limit: RateLimit | None = None) -> _T:
        if limit is not None:
            limit.wait()
        retrying = Retrying(
            retry=retry_if_exception(self._is_transient),
            wait=wait_random_exponential(multiplier=0.5, max=8),
            stop=stop_after_attempt(6),
            reraise=True,
        )
        try:
            response = retrying(send)
        except AlibabaCloudException as error:
            raise _refused(error) from error
        except TeaException as error:
            raise UnreachableError(cannot_reach(_SERVICE, self._endpoint, error)) from error
        self._reached = True
        return response

    def _is_transient(self, error: BaseException) -> bool:
        if isinstance(error, AlibabaCloudException):
            return error.code == "Throttling" or (error.status_code or 0) >= _SERVER_ERRORS
        return isinstance(error, TeaException) and self._reached


def _refused(error: AlibabaCloudException) -> OperatorError:
    hints = {
        "FlowNotExists": _("deploy the environment first, or check the name of the flow"),
        "ExecutionNotExists": _(
            "check the name of the run; without --run, `status` shows the last one"
        ),
        "ExecutionAlreadyExists": _("a run of that name has already ended; choose another name"),
        "InvalidAccessKeyId": _("check the credentials"),
        "SignatureDoesNotMatch": _("check the credentials"),
    }
    hint = hints.get(error.code or "", "")
    kinds = {
        "FlowNotExists": FlowNotFoundError,
        "ExecutionNotExists": RunNotFoundError,
        "ExecutionNotRunning": RunEndedError,
    }
    kind = kinds.get(error.code or "", RefusedError)
    return kind(
        _("{service} refused the call: {code}: {reason}").format(
            service=_SERVICE, code=error.code, reason=error.message
        ),
        hint=hint,
    )


def _execution(
    body: Any,
) -> FlowExecution:  # the SDK's classes differ by action, but have the same fields
    return FlowExecution(
        flow=body.flow_name or "",
        name=body.name or "",
        status=body.status or "Starting",
        input=body.input or "",
        output=body.output or "",
        started_at=body.started_time or "",
        stopped_at=body.stopped_time or "",
    )
