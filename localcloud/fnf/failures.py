"""How a step and an execution fail, and the names of the errors."""

from __future__ import annotations

from typing import Final

from fdl.tree import ALL_ERRORS
from localcloud.fnf.documents import Document

MAX_CAUSE: Final = 4_096  # characters; the API's limit for a cause (StopExecution)

# The service's names (docs 122494 and samples).
TASK_TIMEOUT: Final = "FnF.TaskTimeout"
INVALID_LOCAL: Final = "FnF.InvalidLocal"

# The cloud's names for these are not documented; these are the local cloud's own.
PAYLOAD_TOO_LARGE: Final = "FnF.PayloadTooLarge"
TOO_MANY_EVENTS: Final = "FnF.EventLimitExceeded"
TOO_MANY_BRANCHES: Final = "FnF.ConcurrencyLimitExceeded"
EVALUATION_ERROR: Final = "FnF.EvaluationError"
RESTARTED: Final = "LocalCloud.Restarted"
BROKEN: Final = "LocalCloud.InternalError"


def detail(error: str, cause: str) -> Document:
    """The form of an error in an event and in an execution's output."""
    return {"error": error, "cause": cause}


class Failure(Exception):  # noqa: N818 - as the field says: a step fails, with an error and a cause
    """A failure with a named error.

    Args:
        error: the name.
        cause: why, for a person.
    """

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause[:MAX_CAUSE]

    @property
    def detail(self) -> Document:
        """The error's detail in an event."""
        return detail(self.error, self.cause)


class StepFailure(Failure):
    """A step failed, so its parent fails, and so on up, unless a task catches the error.

    Args:
        error: the name that is reported.
        cause: why, for a person.
        alias: a second name under which ``retry`` and ``catch`` know the error.
    """

    def __init__(self, error: str, cause: str = "", *, alias: str | None = None) -> None:
        super().__init__(error, cause)
        self._names = {ALL_ERRORS, error, alias}

    def is_one_of(self, names: tuple[str, ...]) -> bool:
        """Whether a retry policy or a catch with these names applies."""
        return not self._names.isdisjoint(names)


class SubmitFailure(StepFailure):
    """A task's call was refused, so there is no result to wait for."""


class TaskTimeout(StepFailure):
    """A task's call, or all its attempts, took longer than its ``timeoutSeconds``.

    Args:
        seconds: of cloud time that it had.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(TASK_TIMEOUT, f"not done within {seconds:g} seconds")


class ExecutionFailure(Failure):
    """The execution as a whole fails, at once: it is beyond a limit. Nothing catches it."""
