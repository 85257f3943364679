"""Failures of steps and executions, and the names of their errors."""

from __future__ import annotations

from typing import Final

from fdl.tree import ALL_ERRORS
from localcloud.fnf.documents import Document

MAX_CAUSE: Final = 4_096  # characters; the API's limit for a cause (StopExecution)

# Names used by the service (docs 122494 and samples).
TASK_TIMEOUT: Final = "FnF.TaskTimeout"
INVALID_LOCAL: Final = "FnF.InvalidLocal"

# The service's names for these are not documented; these are our own.
PAYLOAD_TOO_LARGE: Final = "FnF.PayloadTooLarge"
TOO_MANY_EVENTS: Final = "FnF.EventLimitExceeded"
TOO_MANY_BRANCHES: Final = "FnF.ConcurrencyLimitExceeded"
EVALUATION_ERROR: Final = "FnF.EvaluationError"
RESTARTED: Final = "LocalCloud.Restarted"
BROKEN: Final = "LocalCloud.InternalError"


def detail(error: str, cause: str) -> Document:
    """Return an error in the form used in events and outputs of executions."""
    return {"error": error, "cause": cause}


class Failure(Exception):  # noqa: N818 - the language's term: a step fails with an error and a cause
    """A failure with a named error.

    Args:
        error: the error's name.
        cause: human-readable cause.
    """

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause[:MAX_CAUSE]

    @property
    def detail(self) -> Document:
        """Return the error's detail for an event."""
        return detail(self.error, self.cause)


class StepFailure(Failure):
    """A failed step. Its parent fails too, and so on up, unless a task catches the error.

    Args:
        error: the reported name.
        cause: human-readable cause.
        alias: a second name that ``retry`` and ``catch`` match.
    """

    def __init__(self, error: str, cause: str = "", *, alias: str | None = None) -> None:
        super().__init__(error, cause)
        self._names = {ALL_ERRORS, error, alias}

    def is_one_of(self, names: tuple[str, ...]) -> bool:
        """Return whether a retry policy or a catch with these names applies."""
        return not self._names.isdisjoint(names)


class SubmitFailure(StepFailure):
    """A task's request was refused, so there is no result to wait for."""


class TaskTimeout(StepFailure):
    """A task's attempt, or all of its attempts, exceeded ``timeoutSeconds``.

    Args:
        seconds: the time limit in seconds of cloud time.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(TASK_TIMEOUT, f"not done within {seconds:g} seconds")


class ExecutionFailure(Failure):
    """The execution exceeded a limit and fails at once. Nothing can catch it."""
