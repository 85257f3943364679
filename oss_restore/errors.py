"""Errors of the command line: a message, a hint, and an exit code for scripts."""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """Exit codes, documented in docs/cli.md; their meaning never changes."""

    OK = 0
    FAILED = 1  # the run ended with failures; the rehearsal, the lint, a check found something
    USAGE = 2  # wrong arguments, unknown environment, a file or an input that cannot be used
    REFUSED = 3  # not permitted, refused by the cloud or before it, or the cloud is out of reach
    STOPPED = 4  # the run was stopped, or the answer was no
    UNFINISHED = 5  # the run is in progress, or its objects are still thawing; nothing is wrong
    INTERRUPTED = 130  # by Ctrl-C
    TERMINATED = 143  # by SIGTERM


class OperatorError(Exception):
    """An error that the operator can act on, shown without a traceback.

    Args:
        messages: the lines of the message.
        hint: how to resolve the error.
        status: exit code of the process.
    """

    def __init__(
        self, *messages: str, hint: str = "", status: ExitStatus = ExitStatus.FAILED
    ) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages
        self.hint = hint
        self.status = status


class UsageError(OperatorError):
    """Wrong arguments, an unknown environment, or a file or an input that cannot be used."""

    def __init__(self, *messages: str, hint: str = "") -> None:
        super().__init__(*messages, hint=hint, status=ExitStatus.USAGE)


class RefusedError(OperatorError):
    """Something is not permitted, or was refused by the cloud, or the cloud is out of reach."""

    def __init__(self, *messages: str, hint: str = "") -> None:
        super().__init__(*messages, hint=hint, status=ExitStatus.REFUSED)
