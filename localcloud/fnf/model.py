"""Serverless Workflow of an account: flows, their executions, and callbacks."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

import fdl.tree
from localcloud.core import Core
from localcloud.errors import CloudError
from localcloud.fnf.callbacks import Callbacks, Report
from localcloud.fnf.documents import Document, compact, parse_object
from localcloud.fnf.executions import Execution, ExecutionFilter, TaskReport
from localcloud.fnf.failures import BROKEN, RESTARTED, ExecutionFailure, StepFailure
from localcloud.fnf.flows import MAX_REQUEST_BYTES, DeployedFlow, Flows, check_name
from localcloud.fnf.history import Event, EventHistory
from localcloud.fnf.identity import Identity
from localcloud.fnf.interpreter import Interpreter
from localcloud.fnf.invoker import Invoker
from localcloud.fnf.messages import Messages
from localcloud.fnf.snapshots import load_execution
from localcloud.fnf.targets import TaskTargets
from localcloud.fnf.tasks import Tasks
from localcloud.fnf.token_bucket import TokenBucket
from localcloud.ram.credentials import Principal
from localcloud.ram.model import Ram
from localcloud.whole_numbers import whole_number

_log = logging.getLogger(__name__)
_LONGEST_POLL = 60  # seconds, for DescribeExecution and here also for StopExecution
T = TypeVar("T")


@dataclass(frozen=True)
class ResultPage(Generic[T]):
    """A page of a listing, and the token of the next page; empty on the last page."""

    items: list[T]
    next_token: str


class Workflow:
    """The service of an account.

    Args:
        core: the cloud's shared state.
        ram: the account's RAM.
        invoker: the account's Function Compute.
    """

    def __init__(self, core: Core, ram: Ram, invoker: Invoker) -> None:
        self.flows = Flows(
            core.clock.now,
            lambda: core.settings.semantics,
            partial(core.journal.touch, "flow", ram.account_id),
        )
        self.callbacks = Callbacks(core.clock, lambda: core.settings.switches.second_report)
        self.messages = Messages(core.clock.now, self._note_message)
        self._core = core
        self._ram = ram
        self._invoker = invoker
        self._running = 0
        self._step_entries = TokenBucket(lambda: core.settings.limits.step_entries_per_second)

    @property
    def account_id(self) -> str:
        """The flows' account."""
        return self._ram.account_id

    @property
    def region(self) -> str:
        """The flows' region."""
        return self._core.settings.region

    def authorize(self, principal: Principal, action: str, flow: str) -> None:
        """Authorize a request.

        Args:
            principal: the caller.
            action: the action, such as ``StartExecution``.
            flow: name of the flow; ``*`` for a request that does not concern a flow.

        Raises:
            AccessDeniedError: the caller is not authorized.
        """
        resource = f"acs:fnf:{self.region}:{self.account_id}:flow/{flow}"
        self._ram.authorize(principal, f"fnf:{action}", resource)

    def authorize_message(self, principal: Principal, kind: str, name: str) -> None:
        """Authorize a message to a topic or queue; raises like :meth:`authorize`."""
        action = "mns:PublishMessage" if kind == "topics" else "mns:SendMessage"
        resource = f"acs:mns:{self.region}:{self.account_id}:/{kind}/{name}/messages"
        self._ram.authorize(principal, action, resource)

    def delete_flow(self, name: str) -> None:
        """Delete a flow with its executions and histories; stop running executions."""
        for execution in self.flows.remove(name).executions.values():
            execution.stop(self._core.clock, "", "the flow was deleted")
            self._note(name, execution.name)
            for chunk in execution.history.chunks():
                self._note_events(name, execution.name, chunk)

    def list_flows(self, *, limit: int = 60, token: str = "") -> ResultPage[DeployedFlow]:
        """Return a page of flows, sorted by name."""
        flows = self.flows.page(limit=limit + 1, after=token)
        return _page(flows, limit, lambda flow: flow.name)

    def start_execution(
        self,
        flow: str,
        *,
        name: str = "",
        input: str = "",  # noqa: A002 - the API's word
        callback_token: str = "",
        depth: int = 0,
    ) -> Execution:
        """Start an execution.

        Args:
            flow: the flow's name.
            name: name of the execution; if one with this name is running, it is returned and
                nothing is started (docs 2590640); empty for a generated name.
            input: text of a JSON object; empty for an empty object.
            callback_token: token of the task to call back at the end.
            depth: number of ancestors.

        Raises:
            CloudError: ``FlowNotExists``, ``ExecutionAlreadyExists`` if the named one has ended,
                ``InvalidArgument``, also if the definition is invalid under current settings;
                ``ResourceThrottled`` and ``ChildDepthExceeded`` for limits.
        """
        deployed = self.flows.find(flow)
        if name:
            check_name(name, "an execution")
        same = deployed.executions.get(name)
        if same is not None and same.ended:
            raise CloudError(
                "ExecutionAlreadyExists",
                f"Execution {name!r} of flow {flow!r} has ended; its name cannot be reused.",
                409,
            )
        if same is not None:
            return same
        parsed_input = _read_input(input)
        tree = self.flows.parse(deployed.definition)
        self._check_limits(depth)
        name = name or str(uuid.uuid4())
        execution = Execution(
            flow=flow,
            name=name,
            definition=deployed.definition,
            input=input or "{}",
            role_arn=deployed.role_arn,
            started_at=self._core.clock.now(),
            history=self._history(flow, name),
            depth=depth,
            callback_token=callback_token,
            status="Running",
            stopped_at=None,
            output="",
            error="",
            cause="",
            children={},
            reports={},
            changed=partial(self._note, flow, name),
        )
        deployed.executions[name] = execution
        execution.changed()
        self._spawn(execution, tree, parsed_input)
        return execution

    def execution(self, flow: str, name: str) -> Execution:
        """Return an execution; raise ``FlowNotExists`` or ``ExecutionNotExists``."""
        execution = self.flows.find(flow).executions.get(name)
        if execution is None:
            raise CloudError("ExecutionNotExists", f"Flow {flow!r} has no execution {name!r}.", 404)
        return execution

    async def describe_execution(
        self, flow: str, name: str, *, wait_seconds: float = 0
    ) -> Execution:
        """Return an execution when it ends, or after a number of seconds of wall time."""
        execution = self.execution(flow, name)
        await execution.poll(min(wait_seconds, _LONGEST_POLL))
        return execution

    async def stop_execution(
        self, flow: str, name: str, *, error: str = "", cause: str = ""
    ) -> Execution:
        """Stop an execution, its sync children and its running functions.

        Raises:
            CloudError: ``FlowNotExists``, ``ExecutionNotExists``; ``ExecutionNotRunning`` if it has
                ended (documented in docs 122627; the code is assumed).
        """
        execution = self.execution(flow, name)
        if execution.ended and self._core.settings.switches.stop_ended_execution == "error":
            raise CloudError(
                "ExecutionNotRunning",
                f"Execution {name!r} of flow {flow!r} has ended: {execution.status}.",
            )
        execution.stop(self._core.clock, error, cause)
        await execution.poll(_LONGEST_POLL)
        return execution

    def list_executions(
        self, flow: str, *, limit: int = 60, token: str = "", which: ExecutionFilter
    ) -> ResultPage[Execution]:
        """Return a page of a flow's executions, newest first (the order is assumed)."""
        newest_first = reversed(self.flows.find(flow).executions.values())
        if token:
            self.execution(flow, token)
            newest_first = iter(list(newest_first))
            for execution in newest_first:
                if execution.name == token:
                    break
        accepted = [execution for execution in newest_first if which.takes(execution)]
        return _page(accepted, limit, lambda execution: execution.name)

    def history(
        self, flow: str, name: str, *, limit: int = 60, token: str = ""
    ) -> ResultPage[Event]:
        """Return a page of an execution's events. The token is the id of the last one."""
        last = whole_number(token or "0")
        if last is None:
            raise CloudError("InvalidArgument", f"{token!r} is not a token of this listing.")
        events = self.execution(flow, name).history.page(last, limit + 1)
        return _page(events, limit, lambda event: str(event.id))

    def report_task_succeeded(self, token: str, output: str) -> int:
        """Complete a token's task; return the event id in the token."""
        try:
            report = parse_object(output)
        except ValueError as error:
            raise CloudError("InvalidArgument", f"Output: {error}") from error
        return self._report(token, report)

    def report_task_failed(self, token: str, error: str, cause: str = "") -> int:
        """Fail a token's task; return the event id in the token."""
        return self._report(token, StepFailure(error, cause))

    def _report(self, token: str, report: Report) -> int:
        """Resume a token's task, and record the report."""
        task = self.callbacks.report(token, report)
        execution = self.find_execution(task.flow, task.execution)
        if execution is not None:
            execution.reports[task.event_id] = (
                TaskReport(None, report.error, report.cause)
                if isinstance(report, StepFailure)
                else TaskReport(compact(report).decode())
            )
            execution.changed()
        return task.event_id

    def find_execution(self, flow: str, name: str) -> Execution | None:
        """Return an execution, or None if it does not exist."""
        deployed = self.flows.get(flow)
        return deployed.executions.get(name) if deployed else None

    def adopt(self, text: bytes) -> Execution:
        """Add an execution from a saved state, without its history, and return it."""
        execution = load_execution(text, self._history)
        execution.changed = partial(self._note, execution.flow, execution.name)
        self.flows.find(execution.flow).executions[execution.name] = execution
        return execution

    def resume(self) -> tuple[int, int]:
        """Resume after a restart; return how many executions continue and how many failed.

        An execution replays the events in its history, and repeats what had not completed. So does
        the service at times, which guarantees at-least-once.
        """
        for flow in self.flows:
            executions = sorted(flow.executions.values(), key=lambda e: e.started_at)
            flow.executions = {execution.name: execution for execution in executions}
        under_way = self.under_way()
        return len(under_way), sum(not self._resume(execution) for execution in under_way)

    def under_way(self) -> list[Execution]:
        """Return the executions that have not ended."""
        return [e for flow in self.flows for e in flow.executions.values() if not e.ended]

    def _resume(self, execution: Execution) -> bool:
        obstacle = execution.history.obstacle_to_replay(self._core.settings.switches)
        if not obstacle:
            try:
                tree = self.flows.parse(execution.definition)
                parsed_input = _read_input(execution.input)
            except CloudError as error:
                obstacle = error.message
        if obstacle:
            cause = f"the local cloud was restarted, and this execution cannot continue: {obstacle}"
            execution.fail("Failed", RESTARTED, cause, self._core.clock.now())
            self._report_end(execution)
            return False
        execution.history.replay()
        self._spawn(execution, tree, parsed_input)
        return True

    def _note_message(self, number: int) -> None:
        self._core.journal.touch("message", self.account_id, f"{number:08d}")

    def _note(self, flow: str, name: str) -> None:
        self._core.journal.touch("execution", self.account_id, flow, name)

    def _note_events(self, flow: str, name: str, chunk: int) -> None:
        self._core.journal.touch("events", self.account_id, flow, name, f"{chunk:08d}")

    def _history(self, flow: str, name: str) -> EventHistory:
        limit = self._core.settings.limits.events_per_execution
        return EventHistory(self._core.clock.now, limit, partial(self._note_events, flow, name))

    def _check_limits(self, depth: int) -> None:
        limits = self._core.settings.limits
        if self._running >= limits.running_executions:
            raise CloudError(
                "ResourceThrottled",
                f"{limits.running_executions} executions are running, which is the limit.",
                429,
            )
        if limits.child_depth is not None and depth > limits.child_depth:
            raise CloudError(
                "ChildDepthExceeded",
                f"Executions may be nested at most {limits.child_depth} levels deep.",
            )

    def _spawn(self, execution: Execution, tree: fdl.tree.Flow, parsed_input: Document) -> None:
        core = self._core
        flow, name = execution.flow, execution.name
        identity = Identity(self._ram, flow=flow, role_arn=execution.role_arn, session=name)
        calls = TaskTargets(core, self, self._invoker, identity, execution)
        interpreter = Interpreter(
            core,
            execution,
            tree,
            tasks=Tasks(core, flow, calls),
            token=lambda event_id: self.callbacks.token(flow, name, event_id),
            step_entries=self._step_entries,
        )

        def end() -> None:
            self._running -= 1
            identity.drop()
            self._conclude(execution)

        self._running += 1
        execution.task = core.clock.spawn(interpreter.run(parsed_input), then=end)

    def _conclude(self, execution: Execution) -> None:
        """Record how an execution ended, from the result of its strand."""
        strand, now = execution.task, self._core.clock.now()
        assert strand is not None
        failure = None if strand.cancelled() else strand.exception()
        if strand.cancelled():
            execution.fail("Stopped", execution.error, execution.cause, now)
        elif failure is None:
            execution.succeed(strand.result(), now)
        elif isinstance(failure, StepFailure | ExecutionFailure):
            execution.fail("Failed", failure.error, failure.cause, now)
        elif isinstance(failure, TimeoutError):
            execution.fail("TimedOut", "", str(failure), now)
        else:
            _log.error("flow %s: the engine failed", execution.flow, exc_info=failure)
            execution.fail("Failed", BROKEN, repr(failure), now)
        self._report_end(execution)

    def _report_end(self, execution: Execution) -> None:
        """Call back the task that is waiting for this execution, if any."""
        if execution.callback_token:
            report: Report = execution.result
            if execution.status != "Succeeded":
                nameless = self._core.settings.switches.nameless_child_error
                report = StepFailure(execution.error or nameless, execution.cause)
            with suppress(CloudError):  # the task has already ended
                self._report(execution.callback_token, report)


def _read_input(text: str) -> Document:
    if len(text.encode()) > MAX_REQUEST_BYTES:
        raise CloudError("EntityTooLarge", f"Input: at most {MAX_REQUEST_BYTES} bytes.")
    try:
        return parse_object(text or "{}")
    except ValueError as error:
        raise CloudError("InvalidArgument", f"Input: {error}") from error


def _page(items: list[T], limit: int, token: Callable[[T], str]) -> ResultPage[T]:
    page = items[:limit]
    return ResultPage(page, token(page[-1]) if len(items) > limit else "")
