"""The targets of tasks: functions, child flows, topics and queues, and the service's own API."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import Annotated, Final, Literal, Protocol

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from fdl.paths import Path
from fdl.tree import ApiTarget, FlowTarget, FunctionTarget, MessageTarget, Task
from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.fnf.callbacks import Callbacks, Report
from localcloud.fnf.documents import Document, compact, describe, parse_object
from localcloud.fnf.executions import Execution
from localcloud.fnf.failures import INVALID_LOCAL, StepFailure, SubmitFailure
from localcloud.fnf.history import EventCursor, EventType
from localcloud.fnf.identity import Identity
from localcloud.fnf.invoker import InvocationResult, Invoker
from localcloud.fnf.messages import MessageParameters, Messages, as_text
from localcloud.ram.credentials import Principal

_START_EXECUTION: Final = "fnf:StartExecution"
_PARENT_ENDED: Final = ("", "the execution that was waiting for this one has ended")


class FunctionCall(BaseModel):
    """The ``serviceParams`` of a task that invokes a function (docs 357640)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    invocation_type: Literal["Sync", "Async"] = Field(default="Sync", alias="InvocationType")
    # Prevents Function Compute from running an invocation twice, which never happens here.
    invocation_id: str = Field(default="", alias="StatefulAsyncInvocationID")


class ChildStart(BaseModel):
    """The ``serviceParams`` of a task that starts an execution."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    flow: str = Field(alias="FlowName")
    name: str = Field(default="", alias="ExecutionName")
    input: Annotated[str, BeforeValidator(as_text)] = Field(default="", alias="Input")
    callback_token: str = Field(default="", alias="CallbackFnFTaskToken")


class WorkflowService(Protocol):
    """The parts of the service that tasks need."""

    @property
    def account_id(self) -> str:
        """The flows' account."""

    @property
    def callbacks(self) -> Callbacks:
        """The tasks that are waiting for a report."""

    @property
    def messages(self) -> Messages:
        """The account's topics and queues."""

    def authorize(self, principal: Principal, action: str, flow: str) -> None:
        """Authorize a request on a flow, or raise ``AccessDeniedError``."""

    def authorize_message(self, principal: Principal, kind: str, name: str) -> None:
        """Authorize a message to a topic or queue, or raise ``AccessDeniedError``."""

    def start_execution(
        self,
        flow: str,
        *,
        name: str = "",
        input: str = "",  # noqa: A002 - the API's word
        callback_token: str = "",
        depth: int = 0,
    ) -> Execution:
        """Start an execution; raise ``CloudError`` on refusal."""

    def find_execution(self, flow: str, name: str) -> Execution | None:
        """Return an execution, or None if it does not exist."""


class TaskTargets:
    """Makes the calls of an execution's tasks.

    Args:
        core: settings and clock.
        service: the service that the execution runs in.
        invoker: Function Compute.
        identity: the caller.
        execution: the execution; children started before a restart are not started again.
    """

    def __init__(
        self,
        core: Core,
        service: WorkflowService,
        invoker: Invoker,
        identity: Identity,
        execution: Execution,
    ) -> None:
        self._clock = core.clock
        self._region = core.settings.region
        self._switches = core.settings.switches
        self._semantics = core.settings.semantics
        self._service = service
        self._invoker = invoker
        self._identity = identity
        self._execution = execution
        self._children = dict(execution.children)
        self._reports = dict(execution.reports)

    async def call(self, step: Task, event: Document, token: str, cursor: EventCursor) -> Document:
        """Make a task's call, wait according to its pattern, and return the result.

        Args:
            step: the task.
            event: the task's input.
            token: callback token of the task.
            cursor: where to record the submission.

        Raises:
            StepFailure: the call, or the execution or function it started, failed.
        """
        if step.pattern != "waitForCallback":
            return await self._submit(step, event, cursor)
        with self._service.callbacks.expect(token) as waiter:
            if not cursor.ahead:
                await self._submit(step, event, cursor)
            self._record_submitted(step, cursor, {})
            report = self._earlier_report(token)
            if report is None:
                report = await waiter.wait()
        if isinstance(report, StepFailure):
            raise report
        return report

    def _earlier_report(self, token: str) -> Report | None:
        """Return the report that the task received before a restart, if any."""
        report = self._reports.pop(self._service.callbacks.read(token).event_id, None)
        if report is None:
            return None
        if report.output is None:
            return StepFailure(report.error, report.cause)
        return parse_object(report.output)

    async def _submit(self, step: Task, event: Document, cursor: EventCursor) -> Document:
        match step.target:
            case FunctionTarget() as target:
                return await self._call_function(step, target, event)
            case FlowTarget() as target:
                self._check_location("fnf", target.region, target.account)
                return await self._run_flow(step, self._child(step, target, event), cursor)
            case ApiTarget(name) if name == _START_EXECUTION:
                return await self._run_flow(step, self._parameters(step, event), cursor)
            case MessageTarget() as target:
                return self._send(step, target, event)
            case ApiTarget(name):
                service = name.removeprefix("acs:").partition(":")[0]
                raise SubmitFailure(
                    f"{service}.NotSupported",
                    f"the local cloud has no {name}, only functions, flows, topics, queues and"
                    f" {_START_EXECUTION}",
                )

    def _send(self, step: Task, target: MessageTarget, event: Document) -> Document:
        self._check_location("mns", target.region, target.account)
        try:
            parameters = MessageParameters.model_validate(self._parameters(step, event))
            self._service.authorize_message(self._identity.principal(), target.kind, target.name)
        except ValidationError as error:
            raise SubmitFailure("mns.InvalidArgument", describe(error)) from error
        except CloudError as error:
            raise SubmitFailure(f"mns.{error.code}", error.message) from error
        return self._service.messages.send(target.kind, target.name, parameters)

    async def _call_function(self, step: Task, target: FunctionTarget, event: Document) -> Document:
        self._check_location("FC", target.region, target.account)
        try:
            how = FunctionCall.model_validate(self._parameters(step, event))
        except ValidationError as error:
            raise SubmitFailure("FC.InvalidArgument", describe(error)) from error
        if how.invocation_type == "Async":
            self._invoke_later(target, compact(event))
            return {}
        invocation = await self._invoke(target, compact(event))
        if invocation.error_type:
            raise self._exception(invocation)
        try:
            return parse_object(invocation.payload)
        except ValueError as error:
            raise StepFailure(
                INVALID_LOCAL, f"a function must return a JSON object: {error}"
            ) from None

    async def _invoke(self, target: FunctionTarget, payload: bytes) -> InvocationResult:
        with _refusals():
            return await self._invoker.invoke(*self._call_of(target), payload)

    def _invoke_later(self, target: FunctionTarget, payload: bytes) -> None:
        """Invoke a function asynchronously; the flow does not learn the result."""
        with _refusals():
            self._invoker.invoke_later(*self._call_of(target), payload)

    def _call_of(self, target: FunctionTarget) -> tuple[Principal, str, str, str]:
        return self._identity.principal(), target.service, target.qualifier, target.function

    def _exception(self, invocation: InvocationResult) -> StepFailure:
        """Return the failure for an exception in a function, named after the exception's class."""
        try:
            payload = parse_object(invocation.payload)
        except ValueError:
            payload = {}
        cause = str(payload.get("errorMessage", ""))
        name = str(payload.get("errorType", ""))
        if not name:  # timed out, out of memory, process exited: the result is unknown
            return StepFailure(self._switches.nameless_function_error, cause)
        match self._switches.exception_name:
            case "bare":
                return StepFailure(name, cause)
            case "fc_prefixed":
                return StepFailure(f"FC.{name}", cause)
            case "both":
                return StepFailure(name, cause, alias=f"FC.{name}")

    def _child(self, step: Task, target: FlowTarget, event: Document) -> Document:
        """Return the parameters of StartExecution for a child flow.

        Without ``serviceParams``, the child's input is the step's (docs 149829); with
        ``serviceParams`` but without ``Input``, it is assumed to be empty.
        """
        parameters: Document = (
            {"Input": event} if step.service_params is None else self._parameters(step, event)
        )
        return {**parameters, "FlowName": target.flow}

    def _parameters(self, step: Task, event: Document) -> Document:
        return {
            key: source.read(event, self._semantics) if isinstance(source, Path) else source.value
            for key, source in (step.service_params or {}).items()
        }

    async def _run_flow(self, step: Task, parameters: Document, cursor: EventCursor) -> Document:
        child = self._earlier_child(cursor.last)
        if child is None:
            child = self._start(parameters, followed=step.pattern == "sync")
            self._execution.children[cursor.last] = (child.flow, child.name)
            self._execution.changed()
        started: Document = {"FlowName": child.flow, "Name": child.name}
        if step.pattern != "sync":
            return started  # assumed: the output in the service is not documented
        self._record_submitted(step, cursor, started)
        try:
            await child.wait(self._clock)
        except CancelledError:
            # Without permission to stop it, the child continues (assumed).
            with suppress(CloudError):
                self._authorize("StopExecution", child.flow)
                child.stop(self._clock, *_PARENT_ENDED)
                await child.wait(self._clock)
            raise
        if child.status == "Succeeded":
            return child.result
        raise StepFailure(child.error or self._switches.nameless_child_error, child.cause)

    def _earlier_child(self, event_id: int) -> Execution | None:
        """Return the execution that this task started before a restart, if it still exists."""
        names = self._children.pop(event_id, None)
        return self._service.find_execution(*names) if names else None

    def _authorize(self, action: str, flow: str) -> None:
        self._service.authorize(self._identity.principal(), action, flow)

    def _start(self, parameters: Document, *, followed: bool) -> Execution:
        try:
            start = ChildStart.model_validate(parameters)
            self._authorize("StartExecution", start.flow)
            if followed:  # assumed: to wait for a child requires permission to describe it
                self._authorize("DescribeExecution", start.flow)
            return self._service.start_execution(
                start.flow,
                name=start.name,
                input=start.input,
                callback_token=start.callback_token,
                depth=self._execution.depth + 1,
            )
        except ValidationError as error:
            raise SubmitFailure("fnf.InvalidArgument", describe(error)) from error
        except CloudError as error:
            raise SubmitFailure(f"fnf.{error.code}", error.message) from error

    def _record_submitted(self, step: Task, cursor: EventCursor, response: Document) -> None:
        if self._switches.event_counts == "upper":
            cursor.add(EventType.TASK_SUBMITTED, step.name, response)

    def _check_location(self, prefix: str, region: str, account: str) -> None:
        if region not in ("", self._region) or account not in ("", self._service.account_id):
            raise SubmitFailure(
                f"{prefix}.AccessDenied",
                f"{region or self._region}, account {account or self._service.account_id}, is"
                " outside this local cloud: a flow can only call its own region and account",
            )


@contextmanager
def _refusals() -> Iterator[None]:
    """Convert Function Compute's refusals to failures of a step."""
    try:
        yield
    except CloudError as error:
        raise SubmitFailure(_fc_name(error), error.message) from error


def _fc_name(error: CloudError) -> str:
    """Return the error name of a refusal by Function Compute (docs 122494, 2500862)."""
    if error.code in ("ResourceExhausted", "ResourceThrottled"):
        return f"FC.{error.code}"
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
        return "FC.ResourceExhausted"
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "FC.InternalServerError"
    return f"FC.{error.code}"
