"""Errors that end a run. The flow sees the names of their classes."""

from __future__ import annotations

from typing import Final


class RunError(Exception):
    """An error that ends the run."""


class InvalidInput(RunError):  # noqa: N818 - the name is the flow's error name
    """The run's input is wrong; the message names every wrong field. Never retried."""


class NoSuchBucket(RunError):  # noqa: N818 - the name is the flow's error name
    """The bucket does not exist. Never retried."""


class AccessDenied(RunError):  # noqa: N818 - the name is the flow's error name
    """RAM refused a call; the message names the action and the resource. Never retried."""


class StorageRefused(RunError):  # noqa: N818 - the name is the flow's error name
    """OSS refused a call as wrong (another 4xx); the message has its code. Never retried."""


class InvalidDeployment(RunError):  # noqa: N818 - the name is the flow's error name
    """An environment variable of the function is wrong; the message names it. Never retried."""


class RunStopped(RunError):  # noqa: N818 - the name is the flow's error name
    """Somebody stopped the run. Never retried."""


class StorageUnavailable(RunError):  # noqa: N818 - the name is the flow's error name
    """OSS kept failing after this call's own retries. The flow retries the task."""


# Names of errors that end a run at once.
FATAL_ERRORS: Final = tuple(
    error.__name__
    for error in (
        InvalidInput,
        NoSuchBucket,
        AccessDenied,
        StorageRefused,
        InvalidDeployment,
        RunStopped,
    )
)
RETRYABLE_ERRORS: Final = (StorageUnavailable.__name__,)
