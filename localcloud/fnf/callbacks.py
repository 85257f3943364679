"""Tasks that wait for an external report (``pattern: waitForCallback``).

A token contains the flow, the execution and the event that entered the step, with a signature;
a sample in fork-flows decodes to ``v1#<flow>#<execution>#2#<signature>``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

from localcloud.clock import Clock, Waiter
from localcloud.errors import CloudError
from localcloud.fnf.documents import Document
from localcloud.fnf.failures import StepFailure

Report: TypeAlias = "Document | StepFailure"


@dataclass(frozen=True)
class TaskToken:
    """The contents of a token: the task and execution that are waiting."""

    flow: str
    execution: str
    event_id: int


class Callbacks:
    """The tasks of an account that are waiting for a report.

    Args:
        clock: the clock to wait on.
        second_report: returns how to respond to a report on a task that is no longer waiting.
    """

    def __init__(
        self, clock: Clock, second_report: Callable[[], Literal["error", "ignore"]]
    ) -> None:
        self._clock = clock
        self._second_report = second_report
        self._secret = secrets.token_hex(16)
        self._waiting: dict[str, Waiter[Report]] = {}

    def snapshot(self) -> object:
        """Return the key that signs tokens, as JSON-compatible data."""
        return self._secret

    def restore(self, data: object) -> None:
        """Restore what :meth:`snapshot` returned."""
        self._secret = str(data)

    def token(self, flow: str, execution: str, event_id: int) -> str:
        """Return the token of one pass through a task."""
        content = f"v1#{flow}#{execution}#{event_id}"
        return base64.b64encode(f"{content}#{self._sign(content)}".encode()).decode()

    @contextmanager
    def expect(self, token: str) -> Iterator[Waiter[Report]]:
        """Accept reports on the token while the block, which waits for the first one, runs."""
        waiter: Waiter[Report] = Waiter(self._clock)
        self._waiting[token] = waiter
        try:
            yield waiter
        finally:
            if self._waiting.get(token) is waiter:
                del self._waiting[token]

    def report(self, token: str, report: Report) -> TaskToken:
        """Resume the token's task.

        Raises:
            CloudError: ``InvalidTaskToken``; ``TaskAlreadyCompleted`` if the task is not waiting
                (our own codes: the service's are not documented).
        """
        task = self.read(token)
        waiter = self._waiting.pop(token, None)
        if waiter is not None:
            waiter.wake(report)
        elif self._second_report() == "error":
            raise CloudError("TaskAlreadyCompleted", "The token's task is no longer waiting.")
        return task

    def read(self, token: str) -> TaskToken:
        """Return the contents of a genuine token; raise ``InvalidTaskToken`` for any other."""
        try:
            content, _, signed = base64.b64decode(token, validate=True).decode().rpartition("#")
        except ValueError:
            content, signed = "", ""
        if not hmac.compare_digest(signed.encode(), self._sign(content).encode()):
            raise CloudError("InvalidTaskToken", "This is not a task token of this account.")
        _, flow, execution, event_id = content.split("#")
        return TaskToken(flow, execution, int(event_id))

    def _sign(self, content: str) -> str:
        return hmac.new(self._secret.encode(), content.encode(), hashlib.sha256).hexdigest()
