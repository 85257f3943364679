"""Confirmation of actions that cost money or cannot be undone."""

from __future__ import annotations

import sys
from collections.abc import Callable

from oss_restore.cli.console import err
from oss_restore.cli.interrupts import interrupted
from oss_restore.errors import ExitStatus, OperatorError, UsageError
from oss_restore.language import gettext as _


def require_confirmation(*, yes: bool) -> None:
    """Refuse to continue without a terminal or a confirmation, before anything is read or written.

    Args:
        yes: whether the action was confirmed on the command line.

    Raises:
        OperatorError: it was not confirmed, and there is no terminal.
    """
    if not (yes or sys.stdin.isatty()):
        raise UsageError(
            _("cannot ask for confirmation, since this is not a terminal: nothing was done"),
            hint=_("confirm it with --yes"),
        )


def confirm(describe: Callable[[], str], *, yes: bool) -> None:
    """Describe an action, ask, and return only if the answer is yes.

    Args:
        describe: returns the description; only called before a question.
        yes: whether the action was confirmed on the command line.

    Raises:
        OperatorError: the answer is no, or nobody can be asked.
    """
    require_confirmation(yes=yes)
    if yes:
        return
    try:
        err.print_line(describe())
        err.print(_("Continue?"), "[y/N] ", end="")
        answer = sys.stdin.readline()
    except KeyboardInterrupt as error:
        raise interrupted(_("nothing was done")) from error
    if not means_yes(answer):
        raise OperatorError(_("nothing was done"), status=ExitStatus.STOPPED)


def means_yes(answer: str) -> bool:
    """Return whether an answer means yes; anything else means no."""
    return answer.strip().lower() in {"y", "yes", "是"}
