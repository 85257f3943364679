"""How the command line fails: with a cause, a hint, and an exit code that scripts can rely on."""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """Exit codes. Documented in docs/cli.md; they never change their meaning."""

    OK = 0
    FAILED = 1  # the run ended with failures; the rehearsal, the lint, a check found something
    USAGE = 2  # wrong arguments, unknown environment, a file or an input that cannot be used
    REFUSED = 3  # not permitted, refused by the cloud or before it, or the cloud is out of reach
    STOPPED = 4  # the run was stopped, or somebody answered no
    INTERRUPTED = 130  # by Ctrl-C
    TERMINATED = 143  # by SIGTERM


class OperatorError(Exception):
    """Something the person at the terminal can act on. Shown without a traceback.

    Args:
        message: what is wrong.
        hint: what to do about it.
        status: how the process ends.
    """

    def __init__(
        self, message: str, *, hint: str = "", status: ExitStatus = ExitStatus.FAILED
    ) -> None:
        super().__init__(message)
        self.hint = hint
        self.status = status
