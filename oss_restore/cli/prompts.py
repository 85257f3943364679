"""Confirmation before something that costs money or cannot be undone."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from oss_restore.errors import ExitStatus, OperatorError
from oss_restore.language import gettext as _


def ask(question: Callable[[], str], *, yes: bool) -> None:
    """Ask for confirmation, and return only if the answer is yes.

    Args:
        question: makes the question, only if it is asked.
        yes: whether it was confirmed on the command line.

    Raises:
        OperatorError: the answer is no, or this is not a terminal.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise OperatorError(
            _("{question} This is not a terminal: confirm with --yes.").format(question=question()),
            status=ExitStatus.USAGE,
        )
    click.echo(f"{question()} [y/N] ", err=True, nl=False)
    if not means_yes(sys.stdin.readline()):
        raise OperatorError(_("nothing was done"), status=ExitStatus.STOPPED)


def means_yes(answer: str) -> bool:
    """Return whether an answer means yes; anything else means no."""
    return answer.strip().lower() in {"y", "yes", "是"}
